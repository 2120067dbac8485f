// SPDX-License-Identifier: Apache-2.0
// Kernel lines of machine checks: errors that the processors' own banks hold.
#pragma once

#include "components/fault_history.h"
#include "components/machine_check/firmware_record.h"

namespace gpud::machine_check {

inline constexpr std::string_view kHardware = "[Hardware Error]:";
inline constexpr std::string_view kMachineCheck = ": Machine Check";
inline constexpr std::string_view kPreviousBoot = "BERT: Error records from previous boot";
inline constexpr std::string_view kStorm = "CMCI storm detected";
inline constexpr std::string_view kNeedles[] = {kHardware, kMachineCheck, kPreviousBoot, kStorm};

/// One finding for a record; the lines behind its first one are details.
///  - arch/x86/kernel/cpu/mce/core.c: "CPU 3: Machine Check: 0 Bank 7: 8c00004000010090", then TSC,
///    ADDR, MISC, PROCESSOR. The status decides, see status_word.h.
///  - drivers/edac/mce_amd.c: "Corrected error, no action required.", then "CPU:0 (19:1:1)
///    MC17_STATUS[...]: 0x...", the address and the error in words.
///  - The firmware's records, see firmware_record.h.
/// "Machine check events logged" stands in front of these, and alone where a program takes the
/// records: it tells nothing of them.
class MachineCheckMatcher final : public LineMatcher {
 public:
  void OnLine(const KernelLine& line, LineSink& sink) override;

 private:
  void OnOneLine(std::string_view text, LineSink& sink);
  bool OnBank(std::string_view text, LineSink& sink);
  bool OnVerdict(std::string_view body, LineSink& sink);
  void OnDetail(std::string_view body, LineSink& sink);
  void Add(LineFinding finding, LineSink& sink);

  FirmwareRecords firmware_;
  bool open_ = false;  ///< details of a record of a bank may follow
};

/// "an uncorrected machine check".
std::string FaultName(const Fault& fault);

}  // namespace gpud::machine_check
