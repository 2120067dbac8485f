// SPDX-License-Identifier: Apache-2.0
// A small file that is there whole or not at all, whatever ends the program or the machine.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "platform/result.h"

namespace gpud {

/// Puts `text` at `path`: written beside it (`path`.new), flushed to the disk, then renamed. A link
/// at `path` is replaced, not followed. Errors: those of the system calls; `path` is as it was.
Result<void> WriteWholeFile(const std::string& path, mode_t mode, std::string_view text);

}  // namespace gpud
