// SPDX-License-Identifier: Apache-2.0
// What the files that read devices share.
#pragma once

#include "sources/nvml/readings.h"

namespace gpud::nvml {

/// A function that gives one number, and where in a snapshot the number goes.
template <class Snapshot>
struct NumberRow {
  Number Symbols::*function;
  Result<std::uint32_t> Snapshot::*into;
};

/// The part of a device that does not change; asked of the GPU once.
Device Identify(Gpu& gpu, const Host& host);

}  // namespace gpud::nvml
