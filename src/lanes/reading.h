// SPDX-License-Identifier: Apache-2.0
// One reading of a source, wherever it runs.
#pragma once

#include "sources/source.h"

namespace gpud::lanes {

/// Reads the source and gives its snapshot, or kInternal in its place when it threw or put none.
/// `into`: where the snapshot goes, and what the source finds of the readings before.
Snapshot TakeReading(const SourceType& source, const Host& host, Inputs& into);

}  // namespace gpud::lanes
