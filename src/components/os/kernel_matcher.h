// SPDX-License-Identifier: Apache-2.0
// Kernel lines of the system as a whole.
#pragma once

#include "components/component.h"

namespace gpud::os {

inline constexpr std::string_view kNeedles[] = {"VFS: file-max limit ", "Kernel panic",
                                                "Kernel Panic", "kernel panic"};

/// `vfs_file_max_limit_reached` (fs/file_table.c) and `kernel_panic` (kernel/panic.c). A panic is
/// told at its first line: the lines after it may never be seen.
class KernelMatcher final : public LineMatcher {
 public:
  std::optional<Event> OnLine(const KernelLine& line) override;
};

}  // namespace gpud::os
