// SPDX-License-Identifier: Apache-2.0
// Whether this machine has anything for the gpu lane to read; without it that lane's process is
// never started.
#pragma once

#include "platform/clock.h"
#include "platform/root.h"

namespace gpud::lanes {

/// A driver's device files, a GPU of a known maker on the PCI bus, or a library that
/// GPUD_NVML_LIBRARY_PATH names.
bool HasGpu(const Root& root);

/// HasGpu, asked again at most once a minute while the answer is no: drivers come late.
class GpuPresence {
 public:
  GpuPresence(std::string root, const Clock& clock) : root_(std::move(root)), clock_(clock) {}

  bool There();

 private:
  const Root root_;
  const Clock& clock_;
  bool there_ = false;
  BootTime ask_again_{};
};

}  // namespace gpud::lanes
