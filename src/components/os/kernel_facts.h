// SPDX-License-Identifier: Apache-2.0
// What the kernel says of itself: how true its clock is, what marks it bears, which modules are not
// its own. Told and not judged: each is so on many sound machines.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/inputs.h"
#include "model/report.h"

namespace gpud::os {

struct TimeData {
  bool synchronised = false;
  std::string offset_seconds, error_seconds;
  static constexpr auto Fields() {
    using T = TimeData;
    return std::tuple{Field{"synchronised", &T::synchronised},
                      Field{"offset_seconds", &T::offset_seconds},
                      Field{"error_seconds", &T::error_seconds}};
  }
};

struct KernelData {
  std::optional<TimeData> time;
  std::string time_error;  ///< why it is not known
  std::string cgroup_version;
  std::vector<std::string> taint, out_of_tree_modules;
  static constexpr auto Fields() {
    using K = KernelData;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"time", &K::time, kOmit}, Field{"time_error", &K::time_error, kOmit},
                      Field{"cgroup_version", &K::cgroup_version, kOmit},
                      Field{"taint", &K::taint, kOmit},
                      Field{"out_of_tree_modules", &K::out_of_tree_modules, kOmit}};
  }
};

KernelData TellKernel(const Inputs& in, Report& report);

}  // namespace gpud::os
