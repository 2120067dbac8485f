// SPDX-License-Identifier: Apache-2.0
// Compute efficiency (2.1): is the GPU really at work when it says that it is busy?
#include <algorithm>

#include "diagnosis/rules/shared.h"

namespace gpud::diagnosis {
namespace {

using enum Signal;

// Utilisation at 100, and yet nothing moves: waiting kernels spin.
bool LooksHung(const Look& g, int gpu) {
  return g.Holds(PowerShare(g, gpu, 300) <= 0.45) &&
         g.Holds(g.Avg(kGpuTensorActive, 300, gpu) <= 2) &&
         g.Holds(g.Avg(kGpuDramActive, 300, gpu) <= 5);
}

void LatencyBound(Look& g) {
  const GpuState& gpu = StateOf(g);
  if (!(g.Must(gpu.job) && g.Must(g.Avg(kGpuUtil, 120) >= 90) &&
        g.Must(g.Avg(kGpuSmOccupancy, 300) <= 25) && g.Must(g.Avg(kGpuSmActive, 300) >= 60) &&
        g.Must(g.Avg(kGpuTensorActive, 300) <= 15) && g.Must(g.Avg(kGpuDramActive, 300) <= 40) &&
        g.Must(PowerShare(g, g.at, 300) <= 0.65) && NotThrottled(g, 300, 0.2) &&
        g.Not(LooksHung(g, g.at)))) {
    return;
  }
  AboutGpu(g);
  g.Number(gpu.util300);
  g.Number(g.Avg(kGpuSmOccupancy, 300).value);
  g.Number(g.Avg(kGpuTensorActive, 300).value);
  g.Number(g.Avg(kGpuPower, 300).value);
}

void Underfilled(Look& g) {
  const GpuState& gpu = StateOf(g);
  if (!(g.Must(gpu.job) && g.Must(g.Avg(kGpuUtil, 120) >= 90) &&
        g.Must(g.Avg(kGpuSmActive, 300) <= 40) && g.Must(g.Avg(kGpuSmActive, 300) >= 5) &&
        g.Must(g.Avg(kGpuTensorActive, 300) <= 20) && g.Must(g.Avg(kGpuDramActive, 300) <= 40) &&
        g.Must(PowerShare(g, g.at, 300) <= 0.6) && g.Not(LooksHung(g, g.at)))) {
    return;
  }
  if (gpu.util300 < 97 && !g.Not(g.Avg(kCpuCoreMaxUtil, 300) >= 95)) return;
  AboutGpu(g);
  g.Number(gpu.util300);
  g.Number(g.Avg(kGpuSmActive, 300).value);
  g.Number(g.Avg(kGpuPower, 300).value);
}

void LaunchBound(Look& g) {
  const GpuState& gpu = StateOf(g);
  if (!(g.Must(gpu.job) && g.Must(g.Avg(kGpuUtil, 300) <= 90) &&
        g.Must(g.Avg(kGpuUtil, 300) >= 30) && g.Must(g.Avg(kGpuSmActive, 300) <= 35) &&
        g.Must(g.Avg(kCpuCoreMaxUtil, 300) >= 95) && g.Must(g.Avg(kCpuUtil, 300) <= 50) &&
        g.Must(g.Avg(kPsiIoSome, 300) <= 10))) {
    return;
  }
  int main_process = -1;
  for (const int place : gpu.users) {
    const Value cpu = g.Avg(kProcCpu, 300, place);
    if (cpu.value >= 0.9 && cpu.value <= 1.3) main_process = place;
    for (const int loader : g.pass.LoadersOf(place)) {
      if (!g.Not(g.Avg(kProcCpu, 300, loader) >= 0.9)) return;
    }
  }
  if (!g.Must(main_process >= 0)) return;
  const int cgroup = CgroupOf(g, main_process);
  if (cgroup >= 0 && !g.Not(g.Avg(kCgroupCpuThrottledRatio, 300, cgroup) >= 10)) return;
  // A server that polls burns one core by design, and waits for requests.
  if (!gpu.trainer) g.draft().base = 0.45;
  AboutGpu(g);
  g.Process(main_process);
  g.Number(gpu.util300);
  g.Number(g.Avg(kGpuSmActive, 300).value);
  g.Number(g.Avg(kCpuCoreMaxUtil, 300).value);
  g.Text(NameOf(g, main_process));
}

void MemoryBound(Look& g) {
  if (!(g.Must(g.Avg(kGpuDramActive, 300) >= 75) && g.Must(g.Avg(kGpuTensorActive, 300) <= 30) &&
        g.Must(g.Avg(kGpuUtil, 300) >= 70))) {
    return;
  }
  AboutGpu(g);
  g.Number(g.Avg(kGpuDramActive, 300).value);
  g.Number(g.Avg(kGpuTensorActive, 300).value);
}

bool IsKnownFramework(std::string_view name) {
  for (const std::string_view known : {"python", "torch", "pt_", "jax", "tensorflow", "deepspeed",
                                       "accelerate", "megatron", "nemo", "ray"}) {
    if (name.find(known) != std::string_view::npos) return true;
  }
  return false;
}

void NoMatrixUnits(Look& g) {
  const GpuState& gpu = StateOf(g);
  if (!(g.Must(gpu.job && gpu.trainer) && g.Must(g.Avg(kGpuUtil, 120) >= 90) &&
        g.Must(g.Avg(kGpuTensorActive, 600) <= 2) && g.Must(g.Avg(kGpuFpActive, 600) >= 40) &&
        g.Must(g.Avg(kGpuSmActive, 600) >= 70) && g.Not(g.Avg(kGpuDramActive, 600) >= 75))) {
    return;
  }
  const bool known = std::ranges::any_of(gpu.users, [&](int place) {
    return IsKnownFramework(g.node.processes[static_cast<std::size_t>(place)].name);
  });
  // Classical simulations have no use for it.
  if (!known) g.draft().base = 0.45;
  AboutGpu(g);
  g.Number(g.Avg(kGpuTensorActive, 600).value, 1);
  g.Number(g.Avg(kGpuFpActive, 600).value);
  g.Number(gpu.util300);
}

/// GPUs whose trainers belong together, those of one pod or container.
std::vector<std::vector<int>> JobsOf(const Look& look) {
  std::vector<std::vector<int>> jobs;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < look.pass.gpus.size(); ++i) {
    const GpuState& gpu = look.pass.gpus[i];
    if (!gpu.job || !gpu.trainer || gpu.users.empty() || !look.node.facts.gpus[i].present) continue;
    const ProcessFacts& process = look.node.processes[static_cast<std::size_t>(gpu.users.front())];
    const std::string name = process.pod_namespace + "/" + process.pod + "/" + process.container;
    const auto known = std::ranges::find(names, name);
    if (known == names.end()) jobs.emplace_back();
    const auto job = known - names.begin();
    if (known == names.end()) names.push_back(name);
    jobs[static_cast<std::size_t>(job)].push_back(static_cast<int>(i));
  }
  return jobs;
}

void HungCollective(Look& n) {
  for (const std::vector<int>& job : JobsOf(n)) {
    if (job.size() < 2) continue;
    const bool quiet = std::ranges::all_of(job, [&](int gpu) {
      return n.pass.gpus[static_cast<std::size_t>(gpu)].util300 >= (n.active() ? 86 : 95) &&
             LooksHung(n, gpu);
    });
    if (!quiet) continue;
    for (const int gpu : job) {
      n.Must(n.Avg(kGpuUtil, 300, gpu) >= 95, 0.2);
      n.Must(PowerShare(n, gpu, 300) <= 0.45, 0.2);
      if (n.node.store.shape().links > 0) n.Must(n.Avg(kGpuNvlinkTx, 300, gpu) <= 50, 0.1);
      n.Must(n.Avg(kGpuPcieRx, 300, gpu) <= 50, 0.1);
      n.UsersOf(gpu);
    }
    double sent = 0;
    for (int nic = 0; nic < n.node.store.shape().nics; ++nic) {
      const double tx = n.Avg(kRdmaTx, 300, nic).value;
      sent += std::isnan(tx) ? 0 : tx;
    }
    if (!n.Must(sent <= 20)) return;
    n.Gpus(job);
    n.Number(n.pass.gpus[static_cast<std::size_t>(job.front())].util300);
    n.Number(n.Avg(kGpuPower, 300, job.front()).value);
    n.Number(n.Last(kGpuPowerLimit, job.front()).value);
    n.Number(n.Avg(kGpuTensorActive, 300, job.front()).value, 1);
    return;
  }
  n.Must(false);
}

void SlowGpu(Look& g) {
  const GpuState& gpu = StateOf(g);
  if (!g.Must(gpu.job && gpu.trainer && gpu.loaded)) return;
  std::vector<int> peers = g.pass.Peers(g.at);
  std::erase_if(peers, [&](int p) { return !g.pass.gpus[static_cast<std::size_t>(p)].trainer; });
  if (!g.Must(peers.size() >= 3)) return;
  const double clock = g.pass.Median(kGpuClockSm, 300, peers);
  const double power = g.pass.Median(kGpuPower, 300, peers);
  const double util = g.pass.Median(kGpuUtil, 300, peers);
  // In step with the others the slow one is the busiest; the idle ones are those that wait.
  const bool slow_clock =
      g.Holds(g.Avg(kGpuClockSm, 300) <= 0.88 * clock) && gpu.util300 >= util - 3;
  const bool low_power = g.Holds(g.Avg(kGpuPower, 300) <= 0.75 * power) && gpu.util300 >= util + 2;
  if (!g.Must(slow_clock || low_power)) return;
  // The two ends of a pipeline have other work than its middle.
  const auto is_end = [&](int i) { return i == 0 || i + 1 == std::ssize(g.pass.gpus); };
  if (is_end(g.at) && !slow_clock) {
    const int other = g.at == 0 ? static_cast<int>(g.pass.gpus.size()) - 1 : 0;
    if (!g.Not(g.Holds(g.Avg(kGpuPower, 300, other) <= 0.8 * power))) return;
  }
  g.Must(slow_clock ? g.Avg(kGpuClockSm, 300) <= 0.88 * clock
                    : g.Avg(kGpuPower, 300) <= 0.75 * power);
  NotThrottled(g, 300, 2);  // only whether the reasons can be seen
  AboutGpu(g);
  if (g.recording()) g.draft().waiting = peers;
  g.Number(g.Avg(kGpuClockSm, 300).value);
  g.Number(clock);
  g.Number(g.Avg(kGpuPower, 300).value);
  g.Number(power);
}

void IdleAllocated(Look& g) {
  const GpuState& gpu = StateOf(g);
  if (!(g.Must(gpu.job) && g.Must(g.Avg(kGpuUtil, 1800) <= 2))) return;
  for (const int place : gpu.users) {
    if (!g.Must(g.Avg(kProcCpu, 1800, place) <= 0.05)) return;
  }
  AboutGpu(g);
  g.Number(g.Avg(kGpuUtil, 1800).value, 1);
  g.Number(g.Last(kGpuMemUsed).value);
}

constexpr Rule kRules[] = {
    {"compute.latency_bound", Scope::kGpu, Severity::kWarning, 0.7, 300, LatencyBound},
    {"compute.underfilled", Scope::kGpu, Severity::kWarning, 0.7, 300, Underfilled},
    {"compute.launch_bound", Scope::kGpu, Severity::kWarning, 0.65, 300, LaunchBound},
    {"compute.memory_bound", Scope::kGpu, Severity::kInfo, 0.8, 300, MemoryBound},
    {"compute.no_matrix_units", Scope::kGpu, Severity::kWarning, 0.6, 600, NoMatrixUnits},
    {"compute.hung_collective", Scope::kNode, Severity::kCritical, 0.8, 300, HungCollective},
    {"compute.slow_gpu", Scope::kGpu, Severity::kWarning, 0.6, 300, SlowGpu},
    {"compute.idle_allocated", Scope::kGpu, Severity::kInfo, 0.8, 1800, IdleAllocated, 60},
};

}  // namespace

std::span<const Rule> ComputeRules() { return kRules; }

}  // namespace gpud::diagnosis
