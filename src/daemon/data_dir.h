// SPDX-License-Identifier: Apache-2.0
// The data directory: made, locked against a second daemon, and the API token in it.
#pragma once

#include <string>

#include "platform/result.h"
#include "platform/unique_fd.h"

namespace gpud::daemon {

/// Makes the directory with its parents (0755) and locks `gpud.lock` in it as long as the result
/// lives. Where the disk is read-only or full and has no such file the result is no descriptor,
/// with a warning. Errors: kPermission, kIo; kInternal naming the pid of the daemon that has it.
Result<UniqueFd> OpenDataDir(const std::string& path);

/// The token in `path`; made (64 hex digits, mode 0600) when the file is missing. Errors: kIo,
/// kPermission; kParse when the file is empty or others may read it.
Result<std::string> LoadApiToken(const std::string& path);

}  // namespace gpud::daemon
