// SPDX-License-Identifier: Apache-2.0
// Rules by themselves: when one holds, what excludes it, and that it is silent without its signals.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "diagnosis/engine.h"

namespace gpud::diagnosis {
namespace {

/// A node of four GPUs that train, on which a test moves what it wants.
class Rig {
 public:
  Rig() : view_(Facts(), kShape, 5) {
    for (int i = 0; i < 4; ++i) {
      view_.processes[static_cast<std::size_t>(i)] = {.pid = 100 + i,
                                                      .name = "python3",
                                                      .role = Role::kTrainer,
                                                      .start = -36000,
                                                      .gpus = {i},
                                                      .gpu_places = {i}};
    }
  }

  /// From now on; an absent value: the signal is not there.
  void Set(Signal signal, double value, int a = -1) {
    for (int i = 0; i < view_.store.CountOf(signal); ++i) {
      if (a < 0 || a == i) now_[{signal, i}] = value;
    }
  }
  void Run(Seconds length) {
    for (const Seconds end = t_ + length; t_ < end; t_ += 5) {
      view_.store.Advance(t_);
      for (const auto& [series, value] : now_) {
        if (!view_.store.IsDue(series.first)) continue;
        const int row = view_.store.Row(series.first, series.second);
        if (RowOf(series.first).kind == SignalKind::kCounter) {
          double& total = totals_[series];  // the value is a rate
          view_.store.SetTotal(series.first, row, total);
          total += value * view_.store.StepOf(series.first);
        } else {
          view_.store.Set(series.first, row, value);
        }
      }
      engine_.Evaluate();
    }
  }
  void Happen(NodeEvent event) {
    event.t = t_ - 1;
    view_.events.Add(std::move(event));
  }
  std::vector<std::string> Roots() const {
    std::vector<std::string> roots;
    for (const Incident& incident : engine_.incidents().all()) {
      const Finding& root = engine_.incidents().RootOf(incident);
      if (incident.folded || incident.closed >= 0 || root.severity == Severity::kInfo) continue;
      if (root.confidence >= 0.5) roots.emplace_back(root.id);
    }
    return roots;
  }
  Engine& engine() { return engine_; }
  NodeView& view() { return view_; }

 private:
  static constexpr Shape kShape{.gpus = 4,
                                .nics = 2,
                                .disks = 1,
                                .cgroups = 1,
                                .psus = 2,
                                .dimms = 1,
                                .processes = 8,
                                .gpu_processes = 4};
  static NodeFacts Facts() {
    NodeFacts facts{.name = "n"};
    for (int i = 0; i < 4; ++i) {
      facts.gpus.push_back({.model = "H100",
                            .pci = "0000:0" + std::to_string(i) + ":00.0",
                            .memory_mib = 80000,
                            .power_default = 700,
                            .clock_max = 1980,
                            .temp_slowdown = 87,
                            .mem_temp_max = 95});
    }
    facts.nics = {{.name = "mlx5_0"}, {.name = "mlx5_1", .rail = 1}};
    facts.disks = {{.name = "nvme0n1", .kind = "nvme"}};
    facts.cgroups = {"job"};
    facts.psus = {"psu0", "psu1"};
    facts.dimms = {"mc0ch0d0"};
    facts.cores = 64;
    return facts;
  }

  NodeView view_;
  Engine engine_{view_};
  Seconds t_ = 0;
  std::map<std::pair<Signal, int>, double> now_, totals_;
};

using Ids = std::vector<std::string>;

void Train(Rig& rig) {
  const std::pair<Signal, double> kHealthy[] = {{Signal::kGpuUtil, 97},
                                                {Signal::kGpuSmActive, 82},
                                                {Signal::kGpuSmOccupancy, 38},
                                                {Signal::kGpuTensorActive, 48},
                                                {Signal::kGpuDramActive, 42},
                                                {Signal::kGpuFpActive, 18},
                                                {Signal::kGpuPcieRx, 1800},
                                                {Signal::kGpuPcieTx, 900},
                                                {Signal::kGpuClockSm, 1880},
                                                {Signal::kGpuPower, 600},
                                                {Signal::kGpuPowerLimit, 700},
                                                {Signal::kGpuTemp, 64},
                                                {Signal::kGpuMemTemp, 78},
                                                {Signal::kGpuPcieGen, 5},
                                                {Signal::kGpuPcieWidth, 16},
                                                {Signal::kGpuPcieGenMax, 5},
                                                {Signal::kGpuPcieWidthMax, 16},
                                                {Signal::kCpuUtil, 30},
                                                {Signal::kGpuThrottleHwThermal, 0},
                                                {Signal::kGpuThrottleSwThermal, 0},
                                                {Signal::kGpuThrottleHwSlowdown, 0},
                                                {Signal::kGpuThrottleHwPowerBrake, 0},
                                                {Signal::kGpuThrottleSwPowerCap, 0.1},
                                                {Signal::kGpuThrottleAppClocks, 0},
                                                {Signal::kGpuThrottleIdle, 0},
                                                {Signal::kBmcPsuOk, 1}};
  for (const auto& [signal, value] : kHealthy) rig.Set(signal, value);
}

TEST(Rules, AreSilentOnAHealthyNodeAndOnOneWithoutAnySignal) {
  Rig healthy, dark;
  Train(healthy);
  healthy.Run(1500);
  dark.Run(1500);
  EXPECT_EQ(healthy.Roots(), Ids{});
  EXPECT_EQ(dark.Roots(), Ids{});
}

TEST(Rules, HeatNeedsToLastAndEndsWithHysteresis) {
  Rig rig;
  Train(rig);
  rig.Run(400);
  rig.Set(Signal::kGpuThrottleHwThermal, 0.9, 2);
  rig.Run(10);
  EXPECT_EQ(rig.Roots(), Ids{});
  rig.Run(60);
  EXPECT_EQ(rig.Roots(), Ids{"thermal.hw_slowdown"});
  rig.Set(Signal::kGpuThrottleHwThermal, 0, 2);
  rig.Run(120);
  EXPECT_EQ(rig.Roots(), Ids{"thermal.hw_slowdown"});
  rig.Run(120);
  EXPECT_EQ(rig.Roots(), Ids{});
}

TEST(Rules, ThePowerBrakeIsNoHeat) {
  Rig rig;
  Train(rig);
  rig.Set(Signal::kGpuThrottleHwSlowdown, 0.9);
  rig.Set(Signal::kGpuThrottleHwPowerBrake, 0.9);
  rig.Set(Signal::kGpuThrottleHwThermal, kAbsent);
  rig.Set(Signal::kGpuTemp, 86);
  rig.Run(300);
  const Ids roots = rig.Roots();
  EXPECT_NE(std::ranges::find(roots, "power.brake"), roots.end());
  EXPECT_EQ(std::ranges::find(roots, "thermal.hw_slowdown"), roots.end());
}

TEST(Rules, ASlowGpuIsOnlyPossibleWhenTheReasonsAreNotToBeSeen) {
  Rig seen, unseen;
  for (Rig* rig : {&seen, &unseen}) {
    Train(*rig);
    rig->Set(Signal::kGpuClockSm, 1500, 1);
    rig->Set(Signal::kGpuUtil, 99, 1);
  }
  unseen.Set(Signal::kGpuThrottleHwThermal, kAbsent);
  seen.Run(1200);
  unseen.Run(1200);
  EXPECT_EQ(seen.Roots(), Ids{"compute.slow_gpu"});
  EXPECT_EQ(unseen.Roots(), Ids{});
  ASSERT_EQ(unseen.engine().incidents().findings().size(), 1U);
  const Finding& note = unseen.engine().incidents().findings().front();
  EXPECT_LT(note.confidence, 0.5);
  EXPECT_EQ(note.draft.not_checked, Ids{"gpu.throttle.hw_thermal{gpu=1}"});
}

TEST(Rules, LowOccupancyIsRightWhileTheMatrixUnitsWork) {
  Rig waits, works;
  for (Rig* rig : {&waits, &works}) {
    Train(*rig);
    rig->Set(Signal::kGpuSmOccupancy, 15);
    rig->Set(Signal::kGpuDramActive, 20);
    rig->Set(Signal::kGpuPower, 380);
  }
  waits.Set(Signal::kGpuTensorActive, 5);
  works.Set(Signal::kGpuTensorActive, 70);
  waits.Run(1200);
  works.Run(1200);
  EXPECT_EQ(waits.Roots(), Ids{"compute.latency_bound"});
  EXPECT_EQ(works.Roots(), Ids{});
}

TEST(Rules, AnIdleLinkMaySleepAndALoadedOneNot) {
  Rig idle, loaded;
  Train(loaded);
  Train(idle);
  idle.Set(Signal::kGpuUtil, 0);
  idle.Set(Signal::kGpuPcieRx, 1);
  idle.Set(Signal::kGpuPcieTx, 1);
  for (ProcessFacts& process : idle.view().processes) process = {};
  for (Rig* rig : {&idle, &loaded}) {
    rig->Set(Signal::kGpuPcieGen, 1);
    rig->Run(400);
  }
  EXPECT_EQ(idle.Roots(), Ids{});
  EXPECT_EQ(loaded.Roots(), Ids{"pcie.link_gen"});
}

TEST(Rules, ACounterThatIsHighAtTheStartIsOld) {
  Rig rig;
  Train(rig);
  rig.Set(Signal::kGpuEccDramUnc, 0);
  rig.Run(900);
  EXPECT_EQ(rig.Roots(), Ids{});
  rig.Set(Signal::kGpuEccDramUnc, 0.02, 3);
  rig.Run(300);
  EXPECT_EQ(rig.Roots(), Ids{"gpu_hw.uncorrected_ecc"});
}

TEST(Rules, AContainedErrorGoesBelowTheUncontainedOneThatComesLater) {
  Rig rig;
  Train(rig);
  rig.Run(300);
  rig.Happen({.code = EventCode::kXid, .number = 94, .gpu = 1, .pid = 101});
  rig.Run(10);
  EXPECT_EQ(rig.Roots(), Ids{"gpu_hw.contained_error"});
  rig.Happen({.code = EventCode::kXid, .number = 95, .gpu = 1, .pid = 101});
  rig.Run(10);
  EXPECT_EQ(rig.Roots(), Ids{"gpu_hw.uncontained"});
  const Incident& incident = rig.engine().incidents().all().back();
  EXPECT_EQ(incident.id, 1);  // the incident keeps its number
  EXPECT_EQ(incident.effects.size(), 1U);
}

TEST(Rules, TwoUnrelatedFaultsAreTwoIncidents) {
  Rig rig;
  Train(rig);
  rig.Set(Signal::kBmcPsuOk, 0, 1);
  rig.Set(Signal::kGpuPcieWidth, 8, 0);
  rig.Run(400);
  Ids roots = rig.Roots();
  std::ranges::sort(roots);
  EXPECT_EQ(roots, (Ids{"pcie.link_width", "power.psu_lost"}));
}

TEST(Rules, AFaultThatComesBackThriceIsWorse) {
  Rig rig;
  Train(rig);
  for (int k = 0; k < 4; ++k) {
    rig.Set(Signal::kBmcPsuOk, 0, 1);
    rig.Run(180);
    rig.Set(Signal::kBmcPsuOk, 1, 1);
    rig.Run(240);
  }
  ASSERT_EQ(rig.engine().incidents().all().size(), 1U);
  const Incident& incident = rig.engine().incidents().all().front();
  EXPECT_EQ(incident.flaps, 3);
  EXPECT_EQ(incident.severity, Severity::kCritical);
}

}  // namespace
}  // namespace gpud::diagnosis
