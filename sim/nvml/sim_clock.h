// SPDX-License-Identifier: Apache-2.0
// The time of the simulated machine: running (from the first nvmlInit, or from GPUD_SIM_START, at
// GPUD_SIM_SPEED times the real speed) or stepped by a file (GPUD_SIM_CLOCK).
#pragma once

#include <cmath>
#include <cstdint>
#include <string>

namespace gpud::sim_nvml {

class SimClock {
 public:
  /// `step_file`: holds the seconds of the scenario as a number; "" for running time. `start`: Unix
  /// time of the scenario's second 0, or negative for now; a lane that is started again goes on
  /// where the one before it was. `scenario_start`: what stepped time gives as second 0.
  SimClock(std::string step_file, double speed, double start, double scenario_start);

  /// Seconds since the start of the scenario. A step file that cannot be read keeps the last value.
  double Now();
  /// As NVML's time stamps: microseconds since 1970.
  std::uint64_t MicrosAt(double t) const { return static_cast<std::uint64_t>((base_ + t) * 1e6); }
  bool stepped() const { return !step_file_.empty(); }
  double speed() const { return speed_; }

 private:
  std::string step_file_;
  double speed_;
  double base_;  ///< Unix time of second 0
  double last_ = 0;
};

}  // namespace gpud::sim_nvml
