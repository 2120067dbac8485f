// SPDX-License-Identifier: Apache-2.0
// Kernel lines that tell of failing disks and file systems.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "components/disk/file_system_rules.h"
#include "components/disk/nvme_rules.h"
#include "components/fault_history.h"

namespace gpud::disk {

inline constexpr std::string_view kSenseKey = "Sense Key : ";
inline constexpr std::string_view kSense = "Add. Sense: ";
inline constexpr std::string_view kFailedCommand = ": failed command: ";
inline constexpr std::string_view kLinkUp = ": SATA link up ";
inline constexpr std::string_view kLinkDown = ": SATA link down ";

template <std::size_t A, std::size_t B, std::size_t C>
constexpr auto AllNeedles(const LineRule (&a)[A], const LineRule (&b)[B], const LineRule (&c)[C]) {
  std::array<std::string_view, A + B + C + 5> all{kSenseKey, kSense, kFailedCommand, kLinkUp,
                                                  kLinkDown};
  std::size_t at = 5;
  for (const LineRule& rule : a) all[at++] = rule.needle;
  for (const LineRule& rule : b) all[at++] = rule.needle;
  for (const LineRule& rule : c) all[at++] = rule.needle;
  return all;
}
inline constexpr auto kNeedles = AllNeedles(kNvmeRules, kBlockRules, kFileSystemRules);

/// Family "disk": the tables, less what empty drives and loop devices say, and what takes more than
/// one line: why a SCSI or ATA command failed, and whether a port that has no link ever had one.
class DiskMatcher final : public LineMatcher {
 public:
  void OnLine(const KernelLine& line, LineSink& sink) override;

 private:
  bool OnSense(const KernelLine& line, LineSink& sink);
  bool OnLink(std::string_view text, LineSink& sink);
  void Add(LineFinding finding, LineSink& sink);

  std::string last_device_;      ///< of the failed command whose reasons may follow
  bool tells_commands_ = false;  ///< the kernel tells which SCSI commands failed
  std::set<std::string, std::less<>> linked_ports_;
};

/// True for names that the kernel gives to block devices: "sda1", "nvme0", "dm-2", not "ata1.00".
bool IsBlockName(std::string_view device);
/// "a file system was remounted read-only".
std::string FaultName(const Fault& fault);

}  // namespace gpud::disk
