// SPDX-License-Identifier: Apache-2.0
// CPU and host (2.3).
#include <algorithm>
#include <map>

#include "diagnosis/rules/shared.h"

namespace gpud::diagnosis {
namespace {

using enum Signal;

void NoisyProcess(Look& n) {
  bool hit = false;
  for (const GpuState& gpu : n.pass.gpus) {
    hit |= gpu.server || (gpu.trainer && gpu.job && gpu.util300 <= 80);
  }
  if (!(n.Must(hit) && n.Must(n.Avg(kPsiCpuSome, 300) >= 40))) return;
  // A build is many short processes of one name: they count together.
  std::map<std::string, double> by_name;
  for (const int place : n.pass.alive) {
    const ProcessFacts& process = ProcessAt(n, place);
    if (process.role != Role::kOther || !process.gpus.empty()) continue;
    const double cpu = n.Avg(kProcCpu, 300, place).value;
    if (!std::isnan(cpu)) by_name[process.name] += cpu;
  }
  const auto most = std::ranges::max_element(by_name, {}, [](const auto& e) { return e.second; });
  if (!n.Must(most != by_name.end())) return;
  if (!n.Must(Value{.value = most->second, .signal = kProcCpu, .seconds = 300} >=
              0.3 * n.node.facts.cores)) {
    return;
  }
  for (const int place : n.pass.alive) {
    if (ProcessAt(n, place).name == most->first) n.Process(place);
  }
  n.Text(most->first);
  n.Number(most->second);
  n.Number(n.node.facts.cores);
  n.Number(n.Avg(kPsiCpuSome, 300).value);
}

void Steal(Look& n) {
  if (!n.Must(n.Avg(kCpuSteal, 300) >= 10)) return;
  if (n.pass.any_trainer_starved) {
    n.draft().severity = Severity::kCritical;
    n.Gpus(n.pass.Starved(false));
  }
  n.Number(n.Avg(kCpuSteal, 300).value);
  n.Number(n.Avg(kCpuUtil, 300).value);
}

bool SlowClock(Look& n, double share) {
  return n.Must(n.Avg(kCpuFreq, 300) <= share * n.node.facts.base_mhz) &&
         n.Must(n.Avg(kCpuUtil, 300) >= 20, 0.3);
}

void CpuThermal(Look& n) {
  const auto is_thermal = [](const NodeEvent& event) {
    return event.code == EventCode::kCpuThermal;
  };
  int lines = 0;
  if (n.node.events.Has(EventCode::kCpuThermal)) lines = n.Events(600, is_thermal);
  n.draft().event = false;  // a line alone says little: the clock has to be slow as well
  if (lines < 3 && !n.Must(n.Rate(kCpuThrottle, 300) >= 0.1001)) return;
  if (!SlowClock(n, 0.75)) return;
  n.Number(n.Avg(kCpuFreq, 300).value);
  n.Number(n.node.facts.base_mhz);
  n.Number(n.Rate(kCpuThrottle, 300).value * 60);
}

void FreqLow(Look& n) {
  if (!SlowClock(n, 0.6)) return;
  if (!n.Not(n.Rate(kCpuThrottle, 300) >= 0.0001)) return;
  n.Number(n.Avg(kCpuFreq, 300).value);
  n.Number(n.node.facts.base_mhz);
  n.Number(n.Avg(kCpuUtil, 300).value);
}

void NumaMisplaced(Look& p) {
  const ProcessFacts& process = ProcessAt(p, p.at);
  if (!p.Must(process.IsAlive() && !process.gpus.empty() && p.node.facts.numa_nodes > 1)) return;
  if (!p.Must(p.Avg(kProcNumaRemote, 300) >= 60)) return;
  const int gpu = process.gpus.front();
  const bool starved =
      p.pass.gpus[static_cast<std::size_t>(gpu)].nearly_starved && process.role != Role::kServer;
  const Value traffic = p.Avg(kGpuPcieRx, 300, gpu) + p.Avg(kGpuPcieTx, 300, gpu);
  if (!starved && !p.Must(traffic >= 1000)) return;
  p.Gpus(process.gpus);
  p.Process(p.at);
  p.Text(NameOf(p, p.at));
  p.Number(p.Avg(kProcNumaRemote, 300).value);
  p.Number(traffic.value);
}

void HungTasks(Look& n) {
  const int lines =
      n.node.events.Has(EventCode::kHungTask)
          ? n.Events(n.active() ? 3600 : 900,
                     [](const NodeEvent& event) { return event.code == EventCode::kHungTask; })
          : 0;
  int stuck = 0;
  for (const int place : n.pass.alive) {
    const Value share = n.Frac(kProcState, 300, place, [](float s) { return s == 2; });
    if (!(share.value >= 1)) continue;
    ++stuck;
    n.Process(place);
  }
  if (!n.Must(lines > 0 || stuck >= 3)) return;
  n.Number(std::max(lines, stuck));
  n.Number(n.Last(kCpuProcsBlocked).value);
}

void SoftLockup(Look& n) {
  const int lines =
      n.Events(3600, [](const NodeEvent& event) { return event.code == EventCode::kSoftLockup; });
  if (!n.Must(lines > 0)) return;
  if (lines >= 3) n.draft().severity = Severity::kFatal;
  n.Number(lines);
}

void ClockUnsynced(Look& n) {
  if (!n.Must(n.node.facts.uptime + n.now() >= 900)) return;
  const Value offset = n.Avg(kTimeOffset, 300);
  const Value size{.value = std::abs(offset.value), .signal = kTimeOffset, .seconds = 300};
  Value lost = n.Frac(kTimeSynced, 900, 0, [](float s) { return s == 0; });
  if (n.node.store.watched() < 885) lost.value = kAbsent;  // it was not watched long enough
  if (!n.Any({size >= 100, lost >= 1})) return;
  if (size.value > 5000) n.draft().severity = Severity::kCritical;
  n.Number(offset.value);
  n.Text(lost.value >= 1 ? "0" : "1");
}

const NodeEvent* DimmEvent(const NodeView& node, EventCode code, std::string_view dimm) {
  for (const NodeEvent& event : node.events.all()) {
    if (!event.over && event.code == code && event.detail == dimm) return &event;
  }
  return nullptr;
}

// What the log could not place is told of the first module, without its name.
void EdacUncorrected(Look& d) {
  const auto& dimms = d.node.facts.dimms;
  const auto i = static_cast<std::size_t>(d.at);
  const int lines = d.Events(86400, [&](const NodeEvent& event) {
    if (event.code != EventCode::kEdacUncorrected && event.code != EventCode::kMachineCheck) {
      return false;
    }
    const bool placed = std::ranges::find(dimms, event.detail) != dimms.end();
    return placed ? i < dimms.size() && event.detail == dimms[i] : i == dimms.size();
  });
  if (lines == 0 && !d.Must(d.Delta(kMemEdacUe, 3600) >= 1)) return;
  d.Device(i < dimms.size() ? dimms[i] : "memory");
  d.Number(std::max<double>(
      lines, d.Delta(kMemEdacUe, 3600).value > 0 ? d.Delta(kMemEdacUe, 3600).value : 0));
}

void EdacStorm(Look& d) {
  if (!d.Must(d.at < std::ssize(d.node.facts.dimms))) return;
  const std::string& dimm = d.node.facts.dimms[static_cast<std::size_t>(d.at)];
  int lines = 0;
  if (DimmEvent(d.node, EventCode::kEdacCorrected, dimm)) {
    lines = d.Events(3600, [&](const NodeEvent& event) {
      return event.code == EventCode::kEdacCorrected && event.detail == dimm;
    });
  }
  if (lines < 100 && !d.Any({d.Delta(kMemEdacCe, 3600) >= 100, d.Day(kMemEdacCe) >= 1000})) return;
  d.Device(dimm);
  d.Number(std::max<double>(lines, d.Delta(kMemEdacCe, 3600).value));
  if (d.recording()) d.draft().horizon = "days";
}

constexpr EventCode kLockups[] = {EventCode::kSoftLockup};
constexpr Rule kRules[] = {
    {"cpu.noisy_process", Scope::kNode, Severity::kWarning, 0.85, 180, NoisyProcess},
    {"cpu.steal", Scope::kNode, Severity::kWarning, 0.9, 300, Steal},
    {"cpu.thermal_throttle", Scope::kNode, Severity::kCritical, 0.9, 120, CpuThermal},
    {"cpu.freq_low", Scope::kNode, Severity::kWarning, 0.8, 300, FreqLow},
    {"cpu.numa_misplaced", Scope::kProcess, Severity::kWarning, 0.65, 300, NumaMisplaced, 15},
    {"cpu.hung_tasks", Scope::kNode, Severity::kCritical, 0.8, 0, HungTasks, 15},
    {"cpu.soft_lockup", Scope::kNode, Severity::kCritical, 0.9, 0, SoftLockup, 5, kLockups},
    {"host.clock_unsynced", Scope::kNode, Severity::kWarning, 0.95, 0, ClockUnsynced, 15},
    {"host.edac_uncorrected", Scope::kDimm, Severity::kFatal, 0.95, 0, EdacUncorrected},
    {"host.edac_storm", Scope::kDimm, Severity::kWarning, 0.8, 0, EdacStorm},
};

}  // namespace

std::span<const Rule> CpuRules() { return kRules; }

}  // namespace gpud::diagnosis
