// SPDX-License-Identifier: Apache-2.0
// Kernel lines that tell of failing disks and file systems.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "components/component.h"
#include "components/repeat_window.h"

namespace gpud::disk {

/// One kind of line.
struct LineKind {
  std::string_view event;   ///< "nvme_path_failure"
  std::string_view needle;  ///< text that the line holds
  std::string_view reason;  ///< what is wrong, for health
  /// The device of a line with the needle; nothing when the line is another one after all.
  std::optional<std::string> (*device)(std::string_view line);
  Health health = Health::kUnhealthy;
  bool needs_inspection = false;  ///< a reboot brings no lost disk back
};

std::span<const LineKind> LineKinds();
/// Null for the name of any other event.
const LineKind* FindKind(std::string_view event);

inline constexpr std::string_view kNeedles[] = {
    "detected, failing array",
    ", disabling device.",
    "Remounting filesystem read-only",
    "no available path - failing I/O",
    "timeout, reset controller",
    "Disabling device after reset failure",
    "attempt to access beyond end of device",
    "Buffer I/O error on dev ",
    "I/O error while writing superblock",
};

/// Warning events with the device in their extra_info; the same of the same device once in 5 min.
class DiskMatcher final : public LineMatcher {
 public:
  std::optional<Event> OnLine(const KernelLine& line) override;

 private:
  RepeatWindow repeats_{std::chrono::seconds(300)};
};

}  // namespace gpud::disk
