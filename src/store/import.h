// SPDX-License-Identifier: Apache-2.0
// The original's `gpud.state`: its metadata and events are taken over once (specs of the tables:
// docs/compatibility.md).
#pragma once

#include <string>

#include "platform/clock.h"
#include "store/sqlite.h"

namespace gpud::store {

/// Reads a copy of DIRECTORY/gpud.state, so that the file itself is never written, not even by
/// SQLite's recovery of its log. What came of it is kept as the metadata `gpud.state_import`, and
/// then it is not read again. Events of `oldest` and before are left out. Error: `database` could
/// not be written or the copy not be made; to be tried again at the next start.
Result<void> ImportOriginal(Database& database, const std::string& directory, WallTime now,
                            WallTime oldest);

/// The component of a table `components_<name>_events_<schema>`; empty when it is no such table.
/// The original writes "-" as "_": it is turned back for names that begin as the known ones do.
std::string ComponentOfTable(std::string_view table);

}  // namespace gpud::store
