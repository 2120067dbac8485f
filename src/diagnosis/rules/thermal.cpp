// SPDX-License-Identifier: Apache-2.0
// Heat (2.5).
#include <algorithm>

#include "diagnosis/rules/shared.h"

namespace gpud::diagnosis {
namespace {

using enum Signal;

/// Also of another GPU than the subject's.
bool IsCutByHardware(const Look& look, int gpu) {
  const double slowdown = look.node.facts.gpus[static_cast<std::size_t>(gpu)].temp_slowdown;
  return look.Holds(look.Avg(kGpuThrottleHwThermal, 60, gpu) >= 0.2) ||
         (look.Holds(look.Avg(kGpuThrottleHwSlowdown, 60, gpu) >= 0.2) &&
          look.Holds(look.Avg(kGpuTemp, 60, gpu) >= slowdown - 3));
}

void Numbers(Look& g) {
  AboutGpu(g);
  if (!g.recording()) return;
  const std::vector<int> peers = g.pass.Peers(g.at);
  g.draft().waiting = peers;
  g.Number(g.Avg(kGpuClockSm, 60).value);
  g.Number(FactsOf(g).clock_max);
  g.Number(g.Avg(kGpuTemp, 60).value);
  g.Number(g.pass.Median(kGpuTemp, 60, peers));
}

void HwSlowdown(Look& g) {
  const bool by_temperature = !g.Holds(g.Avg(kGpuThrottleHwThermal, 60) >= 0.2);
  if (by_temperature && g.Avg(kGpuThrottleHwThermal, 60).IsKnown() &&
      !g.Holds(g.Avg(kGpuThrottleHwSlowdown, 60) >= 0.2)) {
    g.Must(false);
    return;
  }
  if (by_temperature) {
    if (!(g.Must(g.Avg(kGpuThrottleHwSlowdown, 60) >= 0.2) &&
          g.Must(g.Avg(kGpuTemp, 60) >= FactsOf(g).temp_slowdown - 3))) {
      return;
    }
    if (!g.Not(g.Avg(kGpuThrottleHwPowerBrake, 60) >= 0.1)) return;
  } else {
    g.Must(g.Avg(kGpuThrottleHwThermal, 60) >= 0.2, 0.6);
    g.Adds(g.Avg(kGpuTemp, 60) >= FactsOf(g).temp_slowdown - 10, 0.1);
  }
  Numbers(g);
}

void SwSlowdown(Look& g) {
  if (!(g.Must(g.Avg(kGpuThrottleSwThermal, 300) >= 0.3) && g.Must(StateOf(g).loaded) &&
        g.Must(g.Avg(kGpuClockSm, 300) <= 0.93 * FactsOf(g).clock_max) &&
        g.Not(g.Avg(kGpuThrottleHwThermal, 60) >= 0.2))) {
    return;
  }
  Numbers(g);
  g.Number(g.Avg(kGpuThrottleSwThermal, 300).value * 100);
}

void HbmHot(Look& g) {
  const double limit = FactsOf(g).mem_temp_max;
  if (!g.Must(!std::isnan(limit))) return;
  const Value temperature = g.Avg(kGpuMemTemp, 300);
  const std::vector<int> peers = g.pass.Peers(g.at);
  const double others = g.pass.Median(kGpuMemTemp, 300, peers);
  if (g.Holds(temperature >= limit - 3)) {
    g.Must(temperature >= limit - 3);
  } else {
    if (!(g.Must(temperature >= others + 12) && g.Must(temperature >= limit - 10))) return;
    g.draft().base = 0.45;
  }
  const bool throttled =
      g.Holds(g.Avg(kGpuThrottleSwThermal, 60) >= 0.3) || IsCutByHardware(g, g.at);
  if (throttled) g.draft().severity = Severity::kCritical;
  AboutGpu(g);
  g.Number(temperature.value);
  g.Number(limit);
  g.Number(others);
}

/// A GPU that is 10 degC above the hour before, or above its beginning where that is short; -1:
/// none.
int WarmerThanBefore(const Look& n) {
  for (int gpu = 0; gpu < n.node.store.shape().gpus; ++gpu) {
    const double now = n.Avg(kGpuTemp, 60, gpu).value;
    if (now >= n.Avg(kGpuTemp, 3600, gpu).value + 10) return gpu;
    const Samples hour = n.node.store.Window(kGpuTemp, n.node.store.Row(kGpuTemp, gpu), 3600);
    double first = 0;
    int seen = 0;
    for (int i = 0; i < hour.count() && seen < 12; ++i) {
      if (std::isnan(hour[i])) continue;
      first += static_cast<double>(hour[i]);
      ++seen;
    }
    if (seen > 0 && now >= first / seen + 10) return gpu;
  }
  return -1;
}

void NodeCooling(Look& n) {
  std::vector<int> hot;
  bool throttled = false;
  int warmer = -1;
  const int count = n.node.store.shape().gpus;
  for (int gpu = 0; gpu < count; ++gpu) {
    const double slowdown = n.node.facts.gpus[static_cast<std::size_t>(gpu)].temp_slowdown;
    const bool soft = n.Holds(n.Avg(kGpuThrottleSwThermal, 120, gpu) >= 0.3) &&
                      n.pass.gpus[static_cast<std::size_t>(gpu)].loaded;
    const bool cut = IsCutByHardware(n, gpu) || soft;
    throttled |= cut;
    if (cut || n.Holds(n.Avg(kGpuTemp, 60, gpu) >= slowdown - 5)) hot.push_back(gpu);
  }
  const int enough = count < 6 ? std::max(2, (count + 1) / 2) : 3;
  const bool many = static_cast<int>(hot.size()) >= enough;
  int still_fan = -1;
  for (int fan = 0; fan < n.node.store.shape().fans; ++fan) {
    const Value stopped = n.Frac(kBmcFan, 60, fan, [](float v) { return v <= 0; });
    if (stopped.value >= 1) still_fan = fan;
  }
  if (still_fan >= 0) warmer = WarmerThanBefore(n);
  const bool by_fan = warmer >= 0;
  const bool by_inlet = throttled && n.Holds(n.Avg(kBmcInletTemp, 60) >= 35);
  if (!n.Must(many || by_fan || by_inlet)) return;
  if (by_inlet) n.Must(n.Avg(kBmcInletTemp, 60) >= 35);
  if (hot.empty() && warmer >= 0) hot.push_back(warmer);
  for (const int gpu : hot) {
    n.Gpu(gpu);
    n.UsersOf(gpu);
  }
  if (!hot.empty()) n.Must(n.Avg(kGpuTemp, 60, hot.front()) >= 0, 0.3);
  if (still_fan >= 0) n.Device(n.node.facts.fans[static_cast<std::size_t>(still_fan)]);
  n.Number(static_cast<double>(hot.size()));
  n.Number(n.pass.Median(kGpuTemp, 60, hot.size() > 1 ? hot : std::vector<int>{0, 1}));
  n.Number(n.Last(kBmcInletTemp).value);
  if (n.recording()) {
    n.draft().cause = still_fan >= 0                            ? "fan"
                      : n.Holds(n.Avg(kBmcInletTemp, 60) >= 35) ? "inlet"
                                                                : "airflow";
  }
}

constexpr Rule kRules[] = {
    {"thermal.hw_slowdown", Scope::kGpu, Severity::kCritical, 0.95, 30, HwSlowdown},
    {"thermal.sw_slowdown", Scope::kGpu, Severity::kWarning, 0.9, 300, SwSlowdown},
    {"thermal.hbm_hot", Scope::kGpu, Severity::kWarning, 0.8, 120, HbmHot},
    {"thermal.node_cooling", Scope::kNode, Severity::kCritical, 0.9, 30, NodeCooling},
};

}  // namespace

std::span<const Rule> ThermalRules() { return kRules; }

}  // namespace gpud::diagnosis
