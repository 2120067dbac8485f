// SPDX-License-Identifier: Apache-2.0
// SimulatedDriver: the simulated libnvidia-ml.so.1, set up by the environment as a user would, with
// a clock and faults that the test moves.
#pragma once

#include <string>
#include <string_view>

namespace gpud {

/// One at a time in a process, as the environment is one.
class SimulatedDriver {
 public:
  /// `library`: the file; it is copied, as the loader would give one that is loaded already.
  /// `scenario`: a bundled name, or the YAML of one with the id "test". `release`: of the driver
  /// ("470"), or "".
  SimulatedDriver(std::string_view library, std::string_view scenario,
                  std::string_view release = "");
  ~SimulatedDriver();
  SimulatedDriver(const SimulatedDriver&) = delete;
  SimulatedDriver& operator=(const SimulatedDriver&) = delete;

  void MoveTo(double second);
  void SetFaults(std::string_view lines);
  /// Of the last line of GPUD_SIM_COUNTER, without the pid: "open 1 gpm 16 events 1"; "" before the
  /// first opening.
  std::string Counter() const;
  /// How often it was opened so far.
  int Openings() const;

 private:
  void Replace(std::string_view file, std::string_view text);

  std::string folder_;
};

}  // namespace gpud
