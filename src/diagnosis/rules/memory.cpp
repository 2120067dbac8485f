// SPDX-License-Identifier: Apache-2.0
// Memory (2.4), of the host and of the GPUs.
#include <algorithm>

#include "diagnosis/rules/shared.h"
#include "diagnosis/slope.h"

namespace gpud::diagnosis {
namespace {

using enum Signal;

/// The process that grew most in half an hour: often it, and not the victim, took the memory.
int LargestGrower(const Look& look) {
  int most = -1;
  double grown_most = 512;
  for (const int place : look.pass.alive) {
    const Samples samples =
        look.node.store.Window(kProcRss, look.node.store.Row(kProcRss, place), 1800);
    double first = kAbsent, last = kAbsent;
    samples.Each([&](float v) {
      if (std::isnan(first)) first = static_cast<double>(v);
      last = static_cast<double>(v);
    });
    if (last - first > grown_most) {
      grown_most = last - first;
      most = place;
    }
  }
  return most;
}

void HostOom(Look& n) {
  const int lines = n.Events(86400, [](const NodeEvent& event) {
    return event.code == EventCode::kOomGlobal && !event.echo;
  });
  if (lines == 0) {
    if (!n.Must(n.Delta(kVmOomKill, 600) >= 1)) return;
    for (int c = 0; c < n.node.store.shape().cgroups; ++c) {
      if (!n.Not(n.Delta(kCgroupMemOomKill, 600, c) >= 1)) return;
    }
    if (!n.Not(n.node.events.Has(EventCode::kOomCgroup))) return;
  }
  if (!n.recording()) return;
  std::string victim = "?";
  for (const NodeEvent& event : n.node.events.all()) {
    if (event.code == EventCode::kOomGlobal) {
      victim = event.process + " (pid " + std::to_string(event.pid) + ")";
    }
  }
  n.Text(victim);
  n.Number(n.Last(kMemAvailable).value);
  const int eater = LargestGrower(n);
  n.Text(eater < 0 ? victim : NameOf(n, eater));
}

void CgroupOom(Look& c) {
  const auto i = static_cast<std::size_t>(c.at);
  const auto& cgroups = c.node.facts.cgroups;
  const NodeEvent* kill = nullptr;
  const int lines = c.Events(86400, [&](const NodeEvent& event) {
    if (event.code != EventCode::kOomCgroup) return false;
    const bool mine = c.node.facts.CgroupAt(event.detail) == (i < cgroups.size() ? c.at : -1);
    if (mine) kill = &event;
    return mine;
  });
  if (lines == 0 && !c.Must(c.Delta(kCgroupMemOomKill, 3600) >= 1)) return;
  bool matters = false;
  for (std::size_t p = 0; p < c.node.processes.size(); ++p) {
    const ProcessFacts& process = c.node.processes[p];
    const bool victim = kill ? process.pid == kill->pid && process.pid > 0
                             : process.exit == "oom" && process.ended && i < cgroups.size() &&
                                   process.cgroup == cgroups[i];
    if (!victim) continue;
    matters |= process.role != Role::kOther || !process.gpus.empty();
    c.Process(static_cast<int>(p));
    for (const ProcessFacts& other : c.node.processes) {
      if (other.pid == process.parent) c.Gpus(other.gpus);
    }
    c.Gpus(process.gpus);
  }
  if (matters) c.draft().severity = Severity::kCritical;
  if (i < cgroups.size()) {
    c.Device(cgroups[i]);
  } else if (kill) {
    c.Device(kill->detail);
  }
  c.Text(kill && kill->pid > 0 ? kill->process + " (pid " + std::to_string(kill->pid) + ")" : "?");
  c.Text(i < cgroups.size() ? cgroups[i] : "?");
  c.Number(c.Last(kCgroupMemLimit).value);
  c.Number(c.Last(kMemAvailable).value);
}

void HostLeak(Look& p) {
  const ProcessFacts& process = ProcessAt(p, p.at);
  if (!p.Must(process.IsAlive() && p.now() - process.start >= 1800)) return;
  const SignalStore& store = p.node.store;
  const Samples samples = store.Window(kProcRss, store.Row(kProcRss, p.at), 1800);
  if (samples.count() < samples.expected - 1) {
    p.Must(p.Given(kProcRss, kAbsent) >= 0);
    return;
  }
  const float first = samples[0], last = samples[samples.count() - 1];
  // Most processes do not grow at all.
  if (!std::isnan(first) && !std::isnan(last) && !p.Must(last - first >= 0.4F * 1024)) return;
  const Growth growth = GrowthOf(samples, store.StepOf(kProcRss));
  const double least = std::max(1024.0, 0.02 * p.node.facts.memory_mib);
  const double grown = growth.last - growth.first;
  if (!(p.Must(growth.whole) &&
        p.Must(Value{.value = growth.per_hour,
                     .signal = kProcRss,
                     .stat = Stat::kSlope,
                     .seconds = 1800,
                     .a = p.at} >= least) &&
        p.Must(growth.rising >= 0.8) && p.Must(!growth.levels_off) &&
        p.Must(growth.last >= 1.5 * growth.first || grown >= 8192 || p.active()))) {
    return;
  }
  double left = p.Last(kMemAvailable).value;
  if (const int cgroup = CgroupOf(p, p.at); cgroup >= 0) {
    const double room =
        p.Last(kCgroupMemLimit, cgroup).value - p.Last(kCgroupMemUsed, cgroup).value;
    if (!std::isnan(room)) left = std::isnan(left) ? room : std::min(left, room);
  }
  const double hours = left / growth.per_hour;
  if (hours < 2) p.draft().severity = Severity::kCritical;
  if (p.recording()) {
    p.draft().onset = std::max(p.now() - 1800, process.start);
    p.draft().horizon = hours < 48 ? "hours" : "days";
  }
  p.Gpus(process.gpus);
  p.Process(p.at);
  p.Text(NameOf(p, p.at));
  p.Number(growth.per_hour / 1024, 1);
  p.Number(growth.last / 1024, 1);
  p.Number(hours, 1);
}

void Pressure(Look& n) {
  const bool full = n.Holds(n.Avg(kPsiMemoryFull, 120) >= 10);
  if (!full) {
    if (!(n.Must(n.Avg(kPsiMemorySome, 120) >= 30) &&
          n.Any({n.Avg(kMemSwapIn, 120) >= 5, n.Rate(kVmMajfault, 120) >= 1000}))) {
      return;
    }
  } else {
    n.Must(n.Avg(kPsiMemoryFull, 120) >= 10);
  }
  n.Number(n.Avg(kPsiMemorySome, 120).value);
  n.Number(n.Avg(kPsiMemoryFull, 120).value);
  n.Number(n.Last(kMemAvailable).value);
  n.Number(n.Avg(kMemSwapIn, 120).value);
  const int eater = n.recording() ? LargestGrower(n) : -1;
  n.Process(eater);
}

void GpuLeak(Look& g) {
  int place = -1, gpu = -1;
  for (const int p : g.pass.alive) {
    const ProcessFacts& process = ProcessAt(g, p);
    for (std::size_t i = 0; i < process.gpu_places.size(); ++i) {
      if (process.gpu_places[i] != g.at) continue;
      place = p;
      gpu = process.gpus[i];
    }
  }
  if (!g.Must(place >= 0)) return;
  const ProcessFacts& process = ProcessAt(g, place);
  if (!g.Must(g.now() - process.start >= 1800)) return;
  const SignalStore& store = g.node.store;
  const Samples samples = store.Window(kGpuProcMem, store.Row(kGpuProcMem, g.at), 1800);
  if (samples.count() < samples.expected - 1) {
    g.Must(g.Given(kGpuProcMem, kAbsent) >= 0);
    return;
  }
  const float first = samples[0], last = samples[samples.count() - 1];
  if (!std::isnan(first) && !std::isnan(last) &&
      !g.Must(last - first >= (g.active() ? 100.0F : 1500.0F))) {
    return;
  }
  const Growth growth = GrowthOf(samples, store.StepOf(kGpuProcMem));
  if (!(g.Must(growth.whole) &&
        g.Must(Value{.value = growth.per_hour,
                     .signal = kGpuProcMem,
                     .stat = Stat::kSlope,
                     .seconds = 1800,
                     .a = g.at} >= 512) &&
        g.Must(growth.rising >= 0.8) && g.Must(!growth.levels_off) &&
        g.Must(growth.last - growth.first >= (g.active() ? 256 : 2048)))) {
    return;
  }
  const double total = g.node.facts.gpus[static_cast<std::size_t>(gpu)].memory_mib;
  const double hours = (total - g.Last(kGpuMemUsed, gpu).value) / growth.per_hour;
  if (hours < 1) g.draft().severity = Severity::kCritical;
  if (g.recording()) {
    g.draft().onset = std::max(g.now() - 1800, process.start);
    g.draft().horizon = hours < 48 ? "hours" : "days";
  }
  g.Gpu(gpu);
  g.Process(place);
  g.Text(NameOf(g, place));
  g.Number(growth.per_hour / 1024, 1);
  g.Number(growth.last / 1024, 1);
  g.Number(hours, 1);
}

void GpuOrphaned(Look& g) {
  const GpuState& gpu = StateOf(g);
  const GpuFacts& facts = FactsOf(g);
  if (!(g.Must(gpu.users.empty() && facts.mig_mode != "on") &&
        g.Must(g.Last(kGpuMemUsed) - 1024 >= 1024))) {
    return;
  }
  g.Gpu(g.at);
  g.Number(g.Last(kGpuMemUsed).value);
  g.Number(facts.memory_mib);
}

constexpr Rule kRules[] = {
    {"memory.host_oom", Scope::kNode, Severity::kCritical, 0.95, 0, HostOom},
    {"memory.cgroup_oom", Scope::kCgroup, Severity::kWarning, 0.95, 0, CgroupOom},
    {"memory.host_leak", Scope::kProcess, Severity::kWarning, 0.75, 120, HostLeak, 60},
    {"memory.pressure", Scope::kNode, Severity::kCritical, 0.85, 60, Pressure},
    {"memory.gpu_leak", Scope::kGpuProcess, Severity::kWarning, 0.75, 60, GpuLeak, 60},
    {"memory.gpu_orphaned", Scope::kGpu, Severity::kWarning, 0.8, 300, GpuOrphaned, 15},
};

}  // namespace

std::span<const Rule> MemoryRules() { return kRules; }

}  // namespace gpud::diagnosis
