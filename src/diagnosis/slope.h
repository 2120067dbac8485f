// SPDX-License-Identifier: Apache-2.0
// Trends that a few odd samples do not bend.
#pragma once

#include "diagnosis/store.h"

namespace gpud::diagnosis {

/// Theil and Sen: the median of the slopes between samples, in units per hour. Works on at most 24
/// means of equal parts of the window, so that an hour of samples costs no more than a minute.
/// Absent with fewer than three of them.
double SlopePerHour(const Samples& samples, Seconds step);

/// A growth that looks like a leak: nearly every five minutes more than before, and not levelling
/// off.
struct Growth {
  double per_hour = kAbsent;
  double rising = 0;           ///< share of the 5-minute steps that rose
  double first = 0, last = 0;  ///< at the two ends of the window
  bool levels_off = false;     ///< the last third is far slower than the first
  bool whole = false;          ///< every sample of the window was seen
};
Growth GrowthOf(const Samples& samples, Seconds step);

}  // namespace gpud::diagnosis
