// SPDX-License-Identifier: Apache-2.0
// Xid lines: the NVIDIA driver's error reports in the kernel log.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "components/component.h"
#include "components/repeat_window.h"

namespace gpud::nvidia_xid {

inline constexpr std::string_view kNeedles[] = {"Xid", "fallen off the bus", "The NVIDIA GPU "};

struct XidLine {
  std::uint32_t code = 0;
  std::string device;     ///< as the driver writes it: "PCI:0000:05:00"
  std::string text;       ///< what stands behind the code
  bool in_words = false;  ///< "fallen off the bus" without a code
};

/// "NVRM: Xid (PCI:0000:05:00): 79, ..." (also with a MIG instance behind the address) or "NVRM:
/// GPU 0000:05:00.0: GPU has fallen off the bus." (79). Nothing for any other text.
std::optional<XidLine> ParseXidLine(std::string_view line);

/// Event `error_xid` with the code and the device in its extra_info. The driver tells a lost GPU in
/// two forms, with the code and in words: the words are no second event.
class XidMatcher final : public LineMatcher {
 public:
  std::optional<Event> OnLine(const KernelLine& line) override;

 private:
  RepeatWindow lost_gpus_{std::chrono::seconds(60)};
  std::string lost_gpu_;  ///< the address of a message of which the rest comes in later lines
};

}  // namespace gpud::nvidia_xid
