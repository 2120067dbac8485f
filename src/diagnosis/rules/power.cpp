// SPDX-License-Identifier: Apache-2.0
// Power and clocks (2.5).
#include <algorithm>

#include "diagnosis/rules/shared.h"

namespace gpud::diagnosis {
namespace {

using enum Signal;

void Brake(Look& g) {
  if (!g.Must(g.Avg(kGpuThrottleHwPowerBrake, 60) >= 0.1)) return;
  AboutGpu(g);
  g.Number(g.Avg(kGpuClockSm, 60).value);
  g.Number(FactsOf(g).clock_max);
  g.Number(g.Avg(kGpuPower, 60).value);
}

void PsuLost(Look& p) {
  if (!p.Must(p.Last(kBmcPsuOk) == 0)) return;
  bool braked = false;
  for (int gpu = 0; gpu < p.node.store.shape().gpus; ++gpu) {
    if (!p.Holds(p.Avg(kGpuThrottleHwPowerBrake, 60, gpu) >= 0.1)) continue;
    braked = true;
    p.Gpu(gpu);
  }
  if (braked) p.draft().severity = Severity::kCritical;
  p.Device(p.node.facts.psus[static_cast<std::size_t>(p.at)]);
  if (!p.recording()) return;
  int good = 0;
  for (int psu = 0; psu < p.node.store.shape().psus; ++psu) {
    good += p.Last(kBmcPsuOk, psu).value == 1 ? 1 : 0;
  }
  p.Text(p.node.facts.psus[static_cast<std::size_t>(p.at)]);
  p.Number(good);
  p.Number(p.node.store.shape().psus);
  p.draft().cause = braked ? "brake" : "redundant";
}

// A limit that all GPUs have since the daemon watches is the operator's will.
bool IsPolicy(const Look& g) {
  const double mine = g.Last(kGpuPowerLimit).value;
  for (int gpu = 0; gpu < g.node.store.shape().gpus; ++gpu) {
    const Samples hour =
        g.node.store.Window(kGpuPowerLimit, g.node.store.Row(kGpuPowerLimit, gpu), 3600);
    bool same = true;
    hour.Each([&](float v) { same &= std::abs(static_cast<double>(v) - mine) < 1; });
    if (!same) return false;
  }
  return g.node.store.shape().gpus > 1;
}

void CapReduced(Look& g) {
  if (!(g.Must(g.Last(kGpuPowerLimit) <= 0.9 * FactsOf(g).power_default) &&
        g.Must(g.Avg(kGpuThrottleSwPowerCap, 300) >= 0.3) && g.Must(StateOf(g).loaded))) {
    return;
  }
  if (IsPolicy(g)) g.draft().severity = Severity::kInfo;
  AboutGpu(g);
  g.Number(g.Last(kGpuPowerLimit).value);
  g.Number(FactsOf(g).power_default);
  g.Number(g.Avg(kGpuClockSm, 300).value);
  g.Number(FactsOf(g).clock_max);
}

void CapBound(Look& g) {
  const double limit = g.Last(kGpuPowerLimit).value;
  if (!(g.Must(g.Last(kGpuPowerLimit) >= 0.97 * FactsOf(g).power_default) &&
        g.Must(g.Avg(kGpuThrottleSwPowerCap, 300) >= 0.3) &&
        g.Must(g.Avg(kGpuPower, 300) >= 0.95 * limit))) {
    return;
  }
  AboutGpu(g);
  g.Number(g.Avg(kGpuPower, 300).value);
  g.Number(limit);
  g.Number(g.Avg(kGpuClockSm, 300).value);
}

void ClocksLocked(Look& g) {
  if (!(g.Must(StateOf(g).loaded) &&
        g.Must(g.Avg(kGpuClockSm, 300) <= 0.75 * FactsOf(g).clock_max))) {
    return;
  }
  for (const Signal reason : {kGpuThrottleHwThermal, kGpuThrottleSwThermal, kGpuThrottleHwSlowdown,
                              kGpuThrottleHwPowerBrake, kGpuThrottleSwPowerCap}) {
    if (!g.Not(g.Avg(reason, 300) >= 0.1)) return;
  }
  if (!g.Not(g.Avg(kGpuThrottleIdle, 300) >= 0.5)) return;
  const double spread = g.Max(kGpuClockSm, 300).value - g.Min(kGpuClockSm, 300).value;
  const bool flat = spread <= (g.active() ? 60 : 15);
  const Condition bit = g.Avg(kGpuThrottleAppClocks, 300) >= 0.8;
  if (g.Holds(bit)) {
    g.Must(bit);
  } else if (!g.Must(flat)) {
    return;
  }
  const bool on_purpose = std::ranges::all_of(
      g.node.facts.gpus, [](const GpuFacts& gpu) { return gpu.app_clock <= 0.9 * gpu.clock_max; });
  if (on_purpose) g.draft().severity = Severity::kInfo;
  AboutGpu(g);
  g.Number(g.Avg(kGpuClockSm, 300).value);
  g.Number(FactsOf(g).clock_max);
  g.Number(g.Avg(kGpuTemp, 300).value);
}

constexpr Rule kRules[] = {
    {"power.brake", Scope::kGpu, Severity::kCritical, 0.95, 15, Brake},
    {"power.psu_lost", Scope::kPsu, Severity::kWarning, 0.95, 30, PsuLost},
    {"power.cap_reduced", Scope::kGpu, Severity::kWarning, 0.9, 120, CapReduced},
    {"power.cap_bound", Scope::kGpu, Severity::kInfo, 0.95, 300, CapBound, 15},
    {"power.clocks_locked", Scope::kGpu, Severity::kWarning, 0.85, 300, ClocksLocked},
};

}  // namespace

std::span<const Rule> PowerRules() { return kRules; }

}  // namespace gpud::diagnosis
