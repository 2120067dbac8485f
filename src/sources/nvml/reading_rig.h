// SPDX-License-Identifier: Apache-2.0
// For the tests beside: the four sources on a simulated driver, with what a lane keeps for them.
#pragma once

#include <gtest/gtest.h>

#include <optional>

#include "scenario/bundled.h"
#include "scenario/series.h"
#include "sources/nvml/activity.h"
#include "sources/nvml/devices.h"
#include "sources/nvml/errors.h"
#include "sources/nvml/processes.h"
#include "testing/fake_host.h"
#include "testing/simulated_driver.h"

namespace gpud::nvml {

/// A machine with a simulated driver.
class Machine {
 public:
  explicit Machine(std::string_view scenario, std::string_view library = GPUD_SIM_LIBRARY,
                   std::string_view release = "")
      : driver(library, scenario, release) {}

  template <class T>
  Result<T> Read(const SourceType& source) {
    Inputs in;
    source.read({fake.root, fake.clock, &*kept_}, in);
    return in.Latest<T>();
  }
  Result<Devices> ReadDevices() { return Read<Devices>(kDevices); }
  Result<Activity> ReadActivity() { return Read<Activity>(kActivity); }
  Result<Errors> ReadErrors() { return Read<Errors>(kErrors); }
  Result<Processes> ReadProcesses() { return Read<Processes>(kProcesses); }

  /// To second `t` of the scenario, and the machine's clock as far.
  void MoveTo(double t) {
    driver.MoveTo(t);
    fake.clock.Advance(std::chrono::microseconds(static_cast<std::int64_t>((t - now_) * 1e6)));
    now_ = t;
  }
  /// As a new process of the lane.
  void Restart() { kept_.emplace(); }

  SimulatedDriver driver;
  FakeHost fake;

 private:
  double now_ = 0;
  std::optional<Kept> kept_{std::in_place};
};

/// The series of a bundled scenario's first node, to compare with.
class Scenario {
 public:
  explicit Scenario(const std::string& name) : scenario_(*scenario::FindScenario(name)) {
    nodes_ = scenario::NodesOf(scenario_);
  }
  double Gpu(std::string_view signal, int gpu, double t) const {
    scenario::Series series(nodes_[0], *scenario::FindSignal(signal),
                            {{scenario::Label::kGpu, gpu}});
    series.MoveTo(static_cast<std::int64_t>(t / scenario_.step_s));
    return series.value().value_or(-1);
  }

 private:
  scenario::Scenario scenario_;
  std::vector<scenario::Node> nodes_;
};

/// Tests are left out in a build that cannot load the simulated driver.
class OnSimulatedDriver : public testing::Test {
 protected:
  void SetUp() override {
    if (std::string_view(GPUD_SIM_LIBRARY).empty()) {
      GTEST_SKIP() << "no simulated driver in this build";
    }
  }
};

}  // namespace gpud::nvml
