// SPDX-License-Identifier: Apache-2.0
// Contradictions: what no field shows alone. Each function takes a table whose fields all fit their
// columns (columns.h), and names row and column of what it finds.
#pragma once

#include "tools/catalog/csv.h"

namespace gpud::tools {

/// Codes are in order (hence unique), and verdicts do not contradict themselves (catalog/rules.h).
void CheckXids(const CsvTable& xids, Problems& problems);
/// The same, and a class that says fatal is fatal.
void CheckSxids(const CsvTable& sxids, Problems& problems);
/// Patterns, masks, values, status words and promotion bits agree with each other; no row stands
/// twice; each Xid is in `xids`. A fatal event may ask for no action only where the follow-up names
/// who brought the link down on purpose.
void CheckNvlink5(const CsvTable& rows, const CsvTable& xids, Problems& problems);

}  // namespace gpud::tools
