// SPDX-License-Identifier: Apache-2.0
// Which fault follows from which: what stands together in the logs of broken machines.
#pragma once

#include "components/line.h"

namespace gpud::decode {

/// A fault and when it was seen first.
struct Occurrence {
  const LineFinding& finding;
  WallTime time;
};

/// True when `echo` is known to follow from `root`, as near in time and place as the two are. An
/// echo may be logged before its root.
bool IsEchoOf(const Occurrence& echo, const Occurrence& root);

}  // namespace gpud::decode
