// SPDX-License-Identifier: Apache-2.0
// gpud.db: opening, making and checking the file, and putting a damaged one aside.
#pragma once

#include <string>

#include "platform/clock.h"
#include "store/sqlite.h"

namespace gpud::store {

/// Opens `path` (":memory:" for none), makes it where there is none, and checks it. The file is
/// locked for this process until the Database is closed. Errors: IsCorrupt when the file is damaged
/// or somebody else's; kUnsupported when a newer gpud wrote it (it is left as it is); kIo.
Result<Database> OpenFile(const std::string& path);

/// Renames the file and what belongs to it to "PATH.corrupt-20260301T080000Z"; gives that name.
Result<std::string> SetAside(const std::string& path, WallTime now);

}  // namespace gpud::store
