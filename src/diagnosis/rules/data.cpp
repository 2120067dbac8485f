// SPDX-License-Identifier: Apache-2.0
// Data pipeline (2.2): the GPUs of a trainer are hungry; what do its loaders wait for?
#include <algorithm>

#include "diagnosis/rules/shared.h"

namespace gpud::diagnosis {
namespace {

using enum Signal;

/// The rule goes on only when a trainer starves; says which GPUs do.
bool Starve(Look& look) {
  const bool starve = look.active() ? look.pass.any_trainer_nearly : look.pass.any_trainer_starved;
  if (!look.Must(starve)) return false;
  if (!look.recording()) return true;
  const std::vector<int> starved = look.pass.Starved(look.active());
  double sum = 0;
  for (const int gpu : starved) {
    look.Gpu(gpu);
    look.UsersOf(gpu);
    sum += look.pass.gpus[static_cast<std::size_t>(gpu)].util300;
  }
  look.Must(look.Avg(kGpuUtil, 300, starved.front()) <= 60, 0.3);
  look.Number(sum / static_cast<double>(starved.size()));
  return true;
}

std::vector<int> Readers(const Look& look) {
  std::vector<int> readers = look.pass.loaders;
  if (!readers.empty()) return readers;
  for (const int place : look.pass.alive) {
    if (ProcessAt(look, place).role == Role::kTrainer) readers.push_back(place);
  }
  return readers;
}

void IoBound(Look& n) {
  if (!(Starve(n) && n.Any({n.Avg(kPsiIoSome, 120) >= 40, n.Avg(kCpuIowait, 120) >= 20}))) return;
  const Value reads = n.Given(kProcRead, SumOf(n, kProcRead, 120, Readers(n)), 120);
  if (!n.Any({Value{.value = reads.value, .signal = kProcRead, .seconds = 120} >= 5,
              StuckLoader(n) >= 0.3})) {
    return;
  }
  int busiest = -1;
  double most = 0;
  for (int disk = 0; disk < n.node.store.shape().disks; ++disk) {
    const bool full =
        n.Holds(n.Avg(kDiskUtil, 120, disk) >= 80) || n.Holds(n.Avg(kDiskAwaitR, 120, disk) >= 20);
    const double read = n.Avg(kDiskRead, 120, disk).value;
    // A checkpoint writes: that is no hunger for input.
    if (!full || !(read >= 0.3 * n.Avg(kDiskWrite, 120, disk).value)) continue;
    if (busiest < 0 || read > most) {
      busiest = disk;
      most = read;
    }
  }
  if (busiest < 0 && n.node.store.shape().disks > 0 && std::isnan(n.Avg(kDiskUtil, 120, 0).value)) {
    n.Must(n.Avg(kDiskUtil, 120, 0) >= 80);
    return;
  }
  if (!n.Must(busiest >= 0)) return;
  n.Any({n.Avg(kDiskUtil, 120, busiest) >= 80, n.Avg(kDiskAwaitR, 120, busiest) >= 20});
  n.Adds(n.Avg(kDiskQueue, 120, busiest) >= 1, 0.2);
  n.Device(n.node.facts.disks[static_cast<std::size_t>(busiest)].name);
  n.Number(n.Avg(kDiskUtil, 120, busiest).value);
  n.Number(n.Avg(kDiskAwaitR, 120, busiest).value);
  n.Number(most);
  n.Number(n.Avg(kPsiIoSome, 120).value);
}

bool IsHanging(const Look& look, const MountFacts& mount) {
  return std::ranges::any_of(look.node.events.all(), [&](const NodeEvent& event) {
    return !event.over && event.code == EventCode::kNfsNotResponding &&
           (event.device == mount.server || mount.server.empty());
  });
}

void RemoteFsSlow(Look& m) {
  if (!m.Must(m.at < std::ssize(m.node.facts.mounts))) return;
  const MountFacts& mount = m.node.facts.mounts[static_cast<std::size_t>(m.at)];
  if (!(m.Must(mount.IsRemote()) && Starve(m) &&
        m.Any({m.Avg(kNfsRtt, 120) >= 50, m.Avg(kNfsExec, 120) >= 100}) &&
        m.Must(m.Avg(kNfsOps, 120) >= 10, 0.3) &&
        m.Any({m.Avg(kPsiIoSome, 120) >= 20, StuckLoader(m) >= 0.3}) &&
        m.Not(IsHanging(m, mount)))) {
    return;
  }
  m.Device(mount.path);
  m.Text(mount.server.empty() ? mount.path : mount.server);
  m.Number(m.Avg(kNfsRtt, 120).value);
  m.Number(m.Avg(kNfsExec, 120).value);
  m.Number(m.Avg(kNfsOps, 120).value);
  const bool queue = m.Holds(m.Avg(kNfsExec, 120) >= 100) && m.Avg(kNfsRtt, 120).value < 50;
  if (m.recording()) {
    m.draft().cause = queue                                   ? "client_queue"
                      : m.Holds(m.Avg(kNfsRetrans, 120) >= 1) ? "network"
                                                              : "server";
  }
}

bool SomeGroupIsThrottled(const Look& look, double ratio) {
  for (int cgroup = 0; cgroup < look.node.store.shape().cgroups; ++cgroup) {
    if (look.Avg(kCgroupCpuThrottledRatio, 120, cgroup).value >= ratio) return true;
  }
  return false;
}

void CpuBound(Look& n) {
  if (!(Starve(n) && n.Any({n.Avg(kCpuUtil, 120) >= 90, n.Avg(kPsiCpuSome, 120) >= 40}) &&
        n.Must(n.Avg(kCpuIowait, 120) <= 10, 0.3) && n.Not(n.Avg(kCpuSteal, 120) >= 10) &&
        n.Not(SomeGroupIsThrottled(n, 25)))) {
    return;
  }
  const double busy = n.node.facts.cores * n.Avg(kCpuUtil, 120).value / 100;
  const double loaders = SumOf(n, kProcCpu, 120, n.pass.loaders);
  if (!n.Must(Value{.value = loaders, .signal = kProcCpu, .seconds = 120} >= 0.5 * busy)) return;
  double others = 0;
  for (const int place : n.pass.alive) {
    if (ProcessAt(n, place).role != Role::kOther) continue;
    const double cpu = n.Avg(kProcCpu, 120, place).value;
    others = std::max(others, std::isnan(cpu) ? 0 : cpu);
  }
  if (!n.Not(others >= 0.3 * busy)) return;
  for (const int place : n.pass.loaders) n.Process(place);
  n.Number(n.Avg(kCpuUtil, 120).value);
  n.Number(loaders);
  n.Number(n.node.facts.cores);
  n.Number(n.Avg(kPsiCpuSome, 120).value);
}

void CpuThrottled(Look& c) {
  if (!c.Must(c.at < std::ssize(c.node.facts.cgroups))) return;
  if (!(Starve(c) && c.Must(c.Avg(kCgroupCpuThrottledRatio, 120) >= 25) &&
        c.Must(c.Avg(kCpuUtil, 120) <= 85, 0.3))) {
    return;
  }
  // Of the starved trainers or of their loaders.
  bool feeds = false;
  for (const int place : c.pass.alive) {
    const ProcessFacts& process = ProcessAt(c, place);
    if (CgroupOf(c, place) != c.at) continue;
    if (process.role == Role::kLoader || process.role == Role::kTrainer) {
      feeds = true;
      c.Process(place);
    }
  }
  if (!c.Must(feeds)) return;
  c.Device(c.node.facts.cgroups[static_cast<std::size_t>(c.at)]);
  c.Adds(c.Avg(kCgroupCpuUsage, 120) >= 0.1, 0.2);
  c.Text(c.node.facts.cgroups[static_cast<std::size_t>(c.at)]);
  c.Number(c.Avg(kCgroupCpuThrottledRatio, 120).value);
  c.Number(c.Avg(kCgroupCpuUsage, 120).value, 1);
  c.Number(c.Last(kCgroupCpuLimit).value, 1);
  c.Number(c.Avg(kCpuUtil, 120).value);
}

void WorkersFew(Look& n) {
  if (!(Starve(n) && n.Must(n.Avg(kCpuUtil, 120) <= 60) &&
        n.Must(n.Avg(kPsiIoSome, 120) <= 15, 0.5) && n.Not(SomeGroupIsThrottled(n, 10)))) {
    return;
  }
  int count = 0, trainers = 0;
  double least = 9;
  for (const int gpu : n.pass.Starved(n.active())) {
    for (const int trainer : n.pass.gpus[static_cast<std::size_t>(gpu)].users) {
      const std::vector<int> loaders = n.pass.LoadersOf(trainer);
      ++trainers;
      if (loaders.empty()) {
        // It reads for itself, and computes in between as it should.
        const double cpu = n.Avg(kProcCpu, 120, trainer).value;
        const double full = n.Avg(kGpuSmActive, 300, gpu).value /
                            n.pass.gpus[static_cast<std::size_t>(gpu)].util300;
        if (!n.Must(cpu >= 0.9 && cpu <= 1.2 && full >= 0.6)) return;
        least = std::min(least, cpu);
        continue;
      }
      if (!n.Must(loaders.size() <= 4)) return;
      for (const int loader : loaders) {
        const Value cpu = n.Avg(kProcCpu, 120, loader);
        if (!n.Must(cpu >= 0.9, 0.1)) return;
        least = std::min(least, cpu.value);
        n.Process(loader);
        ++count;
      }
    }
  }
  if (!n.Must(trainers > 0)) return;
  // Loaders that poll a remote store look the same.
  const bool reads = SumOf(n, kProcRead, 120, n.pass.loaders) >= 1;
  if (count > 0 && !reads && n.Avg(kPsiIoSome, 120).value < 0.5) n.draft().base = 0.5;
  n.Number(count);
  n.Number(trainers);
  n.Number(least * 100);
  n.Number(n.Avg(kCpuUtil, 120).value);
}

void PcieCopyBound(Look& g) {
  const GpuState& gpu = StateOf(g);
  if (!(g.Must(gpu.job) && g.Must(g.Avg(kGpuUtil, 120) <= 85))) return;
  const double width = g.Last(kGpuPcieWidth).value, gen = g.Last(kGpuPcieGen).value;
  if (!(g.Must(g.Last(kGpuPcieWidth) >= g.Last(kGpuPcieWidthMax).value, 0.3) &&
        g.Must(g.Last(kGpuPcieGen) >= g.Last(kGpuPcieGenMax).value, 0.3))) {
    return;
  }
  const double lane = 200 * std::pow(2, gen - 1);
  if (!g.Any({g.Avg(kGpuPcieRx, 120) >= 0.8 * width * lane,
              g.Avg(kGpuPcieTx, 120) >= 0.8 * width * lane})) {
    return;
  }
  AboutGpu(g);
  g.Number(std::max(g.Avg(kGpuPcieRx, 120).value, g.Avg(kGpuPcieTx, 120).value) / 1000, 1);
  g.Number(width * lane / 1000, 1);
  g.Number(gpu.util120);
}

void LoaderDied(Look& g) {
  const GpuState& gpu = StateOf(g);
  if (!g.Must(gpu.trainer && gpu.util120 <= (g.active() ? 10 : 5))) return;
  int died = -1;
  for (const int trainer : gpu.users) {
    const std::int64_t parent = ProcessAt(g, trainer).pid;
    for (std::size_t i = 0; i < g.node.processes.size(); ++i) {
      const ProcessFacts& process = g.node.processes[i];
      if (process.role != Role::kLoader || process.parent != parent || !process.ended) continue;
      const bool replaced = std::ranges::any_of(g.node.processes, [&](const ProcessFacts& other) {
        return other.pid > 0 && other.role == Role::kLoader && other.parent == parent &&
               other.start >= *process.ended - 5 && other.start <= *process.ended + 60 &&
               !other.ended;
      });
      if (replaced) continue;
      if (died < 0 || *process.ended > *ProcessAt(g, died).ended) died = static_cast<int>(i);
    }
  }
  if (!g.Must(died >= 0)) return;
  g.Must(g.Avg(kGpuUtil, 120) <= 5);
  const ProcessFacts& loader = ProcessAt(g, died);
  if (g.recording()) g.draft().onset = *loader.ended;
  AboutGpu(g);
  g.Process(died);
  g.Text(NameOf(g, died));
  g.Text(loader.exit.empty() ? "?" : loader.exit);
  g.Number(gpu.util120, 1);
  g.Number(g.now() - *loader.ended);
}

void ShmFull(Look& n) {
  const double size = n.Last(kMemShmSize).value;
  if (!n.Must(n.Last(kMemShmUsed) >= 0.97 * size)) return;
  bool died = false;
  for (std::size_t i = 0; i < n.node.processes.size(); ++i) {
    const ProcessFacts& process = n.node.processes[i];
    if (process.role == Role::kLoader && process.ended && *process.ended > n.now() - 600) {
      died = true;
      n.Process(static_cast<int>(i));
    }
  }
  if (!died && !Starve(n)) return;
  for (const int gpu : n.pass.Starved(true)) {
    n.Gpu(gpu);
    n.UsersOf(gpu);
  }
  if (n.recording()) n.draft().numbers.clear();
  n.Device("/dev/shm");
  n.Number(n.Last(kMemShmUsed).value);
  n.Number(size);
}

constexpr Rule kRules[] = {
    {"data.io_bound", Scope::kNode, Severity::kWarning, 0.8, 120, IoBound},
    {"data.remote_fs_slow", Scope::kMount, Severity::kWarning, 0.8, 120, RemoteFsSlow},
    {"data.cpu_bound", Scope::kNode, Severity::kWarning, 0.75, 120, CpuBound},
    {"data.cpu_throttled", Scope::kCgroup, Severity::kWarning, 0.9, 120, CpuThrottled},
    {"data.workers_few", Scope::kNode, Severity::kWarning, 0.7, 120, WorkersFew},
    {"data.pcie_copy_bound", Scope::kGpu, Severity::kWarning, 0.8, 120, PcieCopyBound},
    {"data.loader_died", Scope::kGpu, Severity::kCritical, 0.75, 120, LoaderDied},
    {"data.shm_full", Scope::kNode, Severity::kCritical, 0.85, 30, ShmFull},
};

}  // namespace

std::span<const Rule> DataRules() { return kRules; }

}  // namespace gpud::diagnosis
