// SPDX-License-Identifier: Apache-2.0
// The hardware of the GPU, and programs that fault on it (2.11).
#include <algorithm>
#include <set>

#include "diagnosis/rules/shared.h"

namespace gpud::diagnosis {
namespace {

using enum Signal;
constexpr Seconds kWeek = 7 * 86400.0;

bool IsXid(const Look& g, const NodeEvent& event, std::initializer_list<int> numbers) {
  return event.code == EventCode::kXid && event.gpu == g.at &&
         std::ranges::find(numbers, event.number) != numbers.end();
}

int Xids(Look& g, Seconds within, std::initializer_list<int> numbers) {
  if (!g.node.events.Has(EventCode::kXid)) return 0;
  return g.Events(within, [&](const NodeEvent& event) { return IsXid(g, event, numbers); });
}

bool Saw(const Look& g, std::initializer_list<int> numbers, Seconds from = -1e9,
         Seconds to = 1e18) {
  return std::ranges::any_of(g.node.events.all(), [&](const NodeEvent& event) {
    return !event.over && IsXid(g, event, numbers) && event.t >= from && event.t <= to;
  });
}

// What stands behind the first record belongs to it: what to do, and who was hit.
void Follow(Look& g, std::initializer_list<int> numbers) {
  if (!g.recording()) return;
  const Seconds onset = g.draft().onset;
  for (const NodeEvent& event : g.node.events.all()) {
    if (event.over || !IsXid(g, event, numbers)) continue;
    if (event.t >= onset - 60 && event.t <= onset + 300) g.Note(event);
  }
  g.draft().onset = onset;
}

void About(Look& g) {
  g.Gpu(g.at);
  if (g.draft().who.empty()) g.UsersOf(g.at);
  g.Text(FactsOf(g).pci);
}

void UncorrectedEcc(Look& g) {
  int lines = Xids(g, kWeek, {48, 140});
  if (g.node.events.Has(EventCode::kAmdUncorrected)) {
    lines += g.Events(kWeek, [&](const NodeEvent& event) {
      return event.code == EventCode::kAmdUncorrected && event.gpu == g.at;
    });
  }
  const Value dram = g.Delta(kGpuEccDramUnc, 3600), sram = g.Delta(kGpuEccSramUnc, 3600);
  if (lines == 0) {
    // The records of containment tell more than the counter does.
    if (!g.Any({dram >= 1, sram >= 1}) || !g.Not(Saw(g, {94, 95}))) return;
  }
  Follow(g, {63, 64, 94, 95, 45, 154, 171, 172});
  bool contained = false, reset = g.Last(kGpuRemapPending).value == 1;
  for (const NodeEvent& event : g.node.events.all()) {
    contained |= IsXid(g, event, {94});
    reset |= IsXid(g, event, {154, 95}) && !event.over;
  }
  if (contained && !reset) g.draft().severity = Severity::kCritical;
  About(g);
  g.Number(std::max(1.0, dram.value > 0 ? dram.value : sram.value > 0 ? sram.value : 1));
  g.Number(g.Day(kGpuRemapUnc).value);
}

/// One event is printed for several channels.
int Contained(Look& g, Seconds within) {
  int count = 0;
  Seconds last = -1e9;
  for (const NodeEvent& event : g.node.events.all()) {
    if (event.over || !IsXid(g, event, {94}) || event.t < g.now() - within) continue;
    if (event.t - last > 2) ++count;
    last = event.t;
    g.Note(event);
  }
  return count;
}

void ContainedError(Look& g) {
  const int count = Contained(g, 86400);
  if (!g.Must(count > 0) || !g.Not(Saw(g, {48, 140}))) return;
  Follow(g, {45, 154, 63});
  About(g);
  g.Number(count);
}

void ContainedRepeat(Look& g) {
  const int count = Contained(g, 86400);
  std::set<std::int64_t> pids;
  for (const NodeEvent& event : g.node.events.all()) {
    if (IsXid(g, event, {94}) && event.pid > 0) pids.insert(event.pid);
  }
  const bool grows = g.Day(kGpuRemapCorr).value + g.Day(kGpuRemapUnc).value >= 1 || Saw(g, {63});
  if (!g.Must(count >= 3 || (count == 2 && pids.size() >= 2 && grows))) return;
  if (!g.Not(Saw(g, {48, 140}))) return;
  About(g);
  g.Number(count);
  g.Number(static_cast<double>(pids.size()));
  if (g.recording()) g.draft().horizon = "days";
}

void Uncontained(Look& g) {
  if (!g.Must(Xids(g, kWeek, {95}) > 0)) return;
  Follow(g, {45, 154, 94, 63, 64});
  About(g);
  g.UsersOf(g.at);
  g.Number(static_cast<double>(g.draft().who.size()));
}

bool IsLastRow(const NodeEvent& event) {
  return event.text.find("ll reserved rows") != std::string::npos ||
         event.text.find("no more spare") != std::string::npos ||
         event.text.find("remapping failed") != std::string::npos;
}

void RemapPending(Look& g) {
  int lines = 0;
  if (g.node.events.Has(EventCode::kXid) && !Saw(g, {48, 94, 95})) {
    lines = g.Events(kWeek, [&](const NodeEvent& event) {
      return IsXid(g, event, {63}) ? !Saw(g, {64}) : IsXid(g, event, {64}) && !IsLastRow(event);
    });
  }
  if (lines == 0 &&
      !g.Must(g.Frac(kGpuRemapPending, 300, g.at, [](float v) { return v == 1; }) >= 0.99)) {
    return;
  }
  About(g);
  g.Number(std::max(1.0, g.Day(kGpuRemapUnc).value));
}

void RemapFailed(Look& g) {
  const int lines = g.node.events.Has(EventCode::kXid)
                        ? g.Events(kWeek,
                                   [&](const NodeEvent& event) {
                                     return IsXid(g, event, {64}) && IsLastRow(event);
                                   })
                        : 0;
  if (lines == 0) {
    const bool flag = g.Last(kGpuRemapFailure).value == 1;
    const bool none =
        g.Last(kGpuRemapBanksNone).value >= 1 && g.Delta(kGpuEccDramUnc, 3600).value > 0;
    if (!flag && !none) {
      g.Must(g.Last(kGpuRemapFailure) == 1);
      return;
    }
    if (flag) g.Must(g.Last(kGpuRemapFailure) == 1);
    if (none) g.Must(g.Last(kGpuRemapBanksNone) >= 1);
  }
  Follow(g, {63, 154});
  About(g);
  g.Text(FactsOf(g).serial.empty() ? "?" : FactsOf(g).serial);
  g.Number(g.Day(kGpuRemapUnc).value);
}

/// In how many different 5-minute steps of the last hour the counter grew: one burst is one event.
int StepsOfGrowth(const Look& g, Signal s) {
  const SignalStore& store = g.node.store;
  const Samples samples = store.Window(s, store.Row(s, g.at), 3600);
  const int per_step = std::max(1, static_cast<int>(300 / store.StepOf(s)));
  int steps = 0, last = -1;
  for (int i = 0; i < samples.count(); ++i) {
    if (std::isnan(samples[i]) || samples[i] <= 0 || i / per_step == last) continue;
    last = i / per_step;
    ++steps;
  }
  return steps;
}

constexpr double kAmdReadFault = 1048560;  // a constant jump that the counter of some boards makes

bool IsRisingFast(const Look& look, int gpu) {
  const double grown = look.Delta(kGpuEccDramCorr, 3600, gpu).value;
  return grown >= 600 && std::fmod(grown, kAmdReadFault) != 0;
}

void EccCorrRate(Look& g) {
  const int lines = Xids(g, 86400, {92});
  const double remapped =
      std::max(0.0, g.Day(kGpuRemapCorr).value) + std::max(0.0, g.Day(kGpuRemapUnc).value);
  const bool rising =
      IsRisingFast(g, g.at) && (StepsOfGrowth(g, kGpuEccDramCorr) >= 2 || g.active());
  if (lines == 0 && !rising && !(remapped >= 2)) {
    const Value corrected = g.Delta(kGpuEccDramCorr, 3600);
    g.Must(corrected.IsKnown() ? g.Given(kGpuEccDramCorr, 0) >= 1 : corrected >= 600);
    return;
  }
  if (rising && lines == 0 && remapped < 2) {
    int others = 0;
    const int gpus = g.node.store.shape().gpus;
    for (int gpu = 0; gpu < gpus; ++gpu) others += gpu != g.at && IsRisingFast(g, gpu) ? 1 : 0;
    if (!g.Not(gpus > 1 && others + 1 >= std::max(2, (3 * gpus + 3) / 4))) return;
    g.Must(g.Delta(kGpuEccDramCorr, 3600) >= 600);
  } else if (remapped >= 2) {
    g.Must(g.Day(kGpuRemapUnc) >= 0);
  }
  About(g);
  g.Number(std::max(0.0, g.Delta(kGpuEccDramCorr, 3600).value));
  g.Number(remapped);
  if (g.recording()) g.draft().horizon = "weeks";
}

void SramThreshold(Look& g) {
  if (!g.Any({g.Last(kGpuEccSramThreshold) == 1, g.Day(kGpuEccSramUnc) >= 2})) return;
  About(g);
  g.Number(g.Day(kGpuEccSramUnc).value);
}

constexpr std::initializer_list<int> kProgramFaults = {13, 31, 43, 45};
constexpr std::initializer_list<int> kStronger = {48, 94, 95, 79, 74, 119, 120, 140, 62, 109};

void GpuFault(Look& g) {
  const int lines = g.Events(3600, [&](const NodeEvent& event) {
    const bool fault =
        IsXid(g, event, kProgramFaults) ||
        ((event.code == EventCode::kAmdPageFault || event.code == EventCode::kIntelMemoryFault) &&
         event.gpu == g.at);
    return fault && !event.echo && !Saw(g, kStronger, event.t - 60, event.t + 2);
  });
  if (!g.Must(lines > 0)) return;
  g.Gpu(g.at);
  std::string who = "?";
  int number = 0;
  for (const NodeEvent& event : g.node.events.all()) {
    if (event.gpu != g.at || event.pid <= 0 || !IsXid(g, event, kProgramFaults)) continue;
    who = event.process + " (pid " + std::to_string(event.pid) + ")";
    if (number == 0) number = event.number;
  }
  g.Text(who);
  g.Number(number);
  g.Number(lines);
}

void FaultFollowsGpu(Look& g) {
  std::vector<std::set<std::string>> jobs(g.pass.gpus.size());
  for (const NodeEvent& event : g.node.events.all()) {
    if (event.code != EventCode::kXid || event.gpu < 0 || event.echo) continue;
    if (event.number != 13 && event.number != 31) continue;
    // Jobs that a controller restarts are one job.
    const std::string job = !event.detail.empty()   ? event.detail
                            : event.process.empty() ? ""
                                                    : event.process + std::to_string(event.pid);
    if (!job.empty()) jobs[static_cast<std::size_t>(event.gpu)].insert(job);
  }
  const auto at = static_cast<std::size_t>(g.at);
  if (!g.Must(jobs[at].size() >= 3)) return;
  for (std::size_t other = 0; other < jobs.size(); ++other) {
    if (other != at && !g.Must(jobs[other].size() <= 1)) return;
  }
  Xids(g, kWeek, {13, 31});
  About(g);
  g.Number(static_cast<double>(jobs[at].size()));
}

void EngineHang(Look& g) {
  int lines = Xids(g, kWeek, {109, 62, 110, 136, 143});
  const bool path = Saw(g, {122, 123});
  if (lines > 0 || (path && Saw(g, {31}))) lines += Xids(g, kWeek, {122, 123});
  const bool amd = std::ranges::any_of(g.node.events.all(), [&](const NodeEvent& event) {
    return !event.over && event.code == EventCode::kAmdResetFailed && event.gpu == g.at;
  });
  if (amd || g.node.events.Has(EventCode::kIntelWedged)) {
    lines += g.Events(kWeek, [&](const NodeEvent& event) {
      return event.gpu == g.at && ((amd && (event.code == EventCode::kAmdRingTimeout ||
                                            event.code == EventCode::kAmdResetFailed)) ||
                                   event.code == EventCode::kIntelWedged);
    });
  }
  if (!g.Must(lines > 0)) return;
  Follow(g, {45, 154});
  About(g);
  int number = 0;
  for (const NodeEvent& event : g.node.events.all()) {
    if (number == 0 && IsXid(g, event, {109, 62, 110, 136, 143, 122, 123})) number = event.number;
  }
  g.Text(number > 0 ? "Xid " + std::to_string(number) : "-");
  g.Number(lines);
}

constexpr EventCode kXids[] = {EventCode::kXid};
constexpr EventCode kFaults[] = {EventCode::kXid, EventCode::kAmdPageFault,
                                 EventCode::kIntelMemoryFault};
constexpr EventCode kHangs[] = {EventCode::kXid, EventCode::kAmdResetFailed,
                                EventCode::kAmdRingTimeout, EventCode::kIntelWedged};
constexpr Rule kRules[] = {
    {"gpu_hw.uncorrected_ecc", Scope::kGpu, Severity::kFatal, 0.95, 0, UncorrectedEcc},
    {"gpu_hw.contained_error", Scope::kGpu, Severity::kCritical, 0.9, 0, ContainedError, 5, kXids},
    {"gpu_hw.contained_repeat", Scope::kGpu, Severity::kCritical, 0.9, 0, ContainedRepeat, 5,
     kXids},
    {"gpu_hw.uncontained", Scope::kGpu, Severity::kFatal, 0.98, 0, Uncontained, 5, kXids},
    {"gpu_hw.remap_pending", Scope::kGpu, Severity::kWarning, 0.95, 0, RemapPending},
    {"gpu_hw.remap_failed", Scope::kGpu, Severity::kFatal, 0.98, 0, RemapFailed},
    {"gpu_hw.ecc_corr_rate", Scope::kGpu, Severity::kWarning, 0.7, 60, EccCorrRate, 15},
    {"gpu_hw.sram_threshold", Scope::kGpu, Severity::kFatal, 0.95, 0, SramThreshold, 15},
    {"app.gpu_fault", Scope::kGpu, Severity::kWarning, 0.85, 0, GpuFault, 5, kFaults},
    {"gpu_hw.fault_follows_gpu", Scope::kGpu, Severity::kWarning, 0.7, 0, FaultFollowsGpu, 5,
     kXids},
    {"gpu_hw.engine_hang", Scope::kGpu, Severity::kFatal, 0.9, 0, EngineHang, 5, kHangs},
};

}  // namespace

std::span<const Rule> GpuHardwareRules() { return kRules; }

}  // namespace gpud::diagnosis
