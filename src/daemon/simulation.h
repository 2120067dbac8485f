// SPDX-License-Identifier: Apache-2.0
// Simulation: a simulated machine (sim/README.md) in place of the real one, for as long as this
// object lives: its files kept by a child process, its driver found by the lanes.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "daemon/options.h"
#include "model/status.h"
#include "platform/child_process.h"
#include "platform/clock.h"
#include "platform/result.h"
#include "platform/unique_fd.h"

namespace gpud::daemon {

struct SimulationPlan {
  std::string scenario;  ///< a bundled name, or the path of a file
  std::string node;      ///< of a scenario with several; "": the first
  /// The second of the scenario at which to begin; nothing: its end, where all has happened.
  std::optional<double> begin_s = 0;
  double speed = 1;         ///< seconds of the scenario in a real second
  std::string faults_file;  ///< of the driver (sim/README.md, "Faults"); "": none
  std::string memory_dir;   ///< where the machine's files are to be, best a tmpfs
};

class Simulation {
 public:
  /// Starts the child and waits until the machine is there. Sets variables of this process, which
  /// lanes inherit (GPUD_NVML_LIBRARY_PATH, GPUD_SIM_*): call it before there are other threads.
  /// Errors: kNotFound (no such scenario, node or driver library), kParse (the scenario, all
  /// mistakes), kIo.
  static Result<Simulation> Start(const SimulationPlan& plan);
  Simulation(Simulation&&) noexcept = default;
  Simulation& operator=(Simulation&&) = delete;
  /// Ends the child, which takes the machine away.
  ~Simulation();

  const std::string& name() const { return name_; }
  const std::string& title() const { return title_; }
  /// A folder that goes with the machine, for the data of a daemon.
  std::string data_dir() const;
  /// Points a daemon at the machine: its root and its kernel log.
  void Use(Options& options) const;

 private:
  Simulation(ChildProcess keeper, UniqueFd pipe)
      : keeper_(std::move(keeper)), pipe_(std::move(pipe)) {}

  ChildProcess keeper_;
  UniqueFd pipe_;  ///< the child ends when it is closed
  std::string name_, title_, folder_;
};

/// What is always to be said of a simulated machine; nothing of a real one.
std::optional<SelfFinding> SimulatedFinding(const Options& options, WallTime since);

}  // namespace gpud::daemon
