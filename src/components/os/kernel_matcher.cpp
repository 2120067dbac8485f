// SPDX-License-Identifier: Apache-2.0
#include "components/os/kernel_matcher.h"

#include "platform/text.h"

namespace gpud::os {

std::optional<Event> KernelMatcher::OnLine(const KernelLine& line) {
  constexpr std::string_view kFileMax = "VFS: file-max limit ";
  if (const std::size_t at = line.text.find(kFileMax); at != std::string_view::npos) {
    const std::string_view rest = line.text.substr(at + kFileMax.size());
    const std::string_view limit = rest.substr(0, rest.find(' '));
    if (!ParseNumber<std::uint64_t>(limit) || !rest.substr(limit.size()).starts_with(" reached")) {
      return std::nullopt;
    }
    return Event{.name = "vfs_file_max_limit_reached",
                 .message = "VFS file-max limit reached (" + std::string(limit) + ")",
                 .extra_info = {{"limit", std::string(limit)}}};
  }
  for (const std::string_view start : {"Kernel panic - ", "Kernel Panic - ", "kernel panic - "}) {
    const std::size_t at = line.text.find(start);
    if (at == std::string_view::npos) continue;
    return Event{.name = "kernel_panic",
                 .type = EventType::kFatal,
                 .message = ValidUtf8(line.text.substr(at))};
  }
  return std::nullopt;
}

}  // namespace gpud::os
