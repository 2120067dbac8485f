// SPDX-License-Identifier: Apache-2.0
// Storage (2.9).
#include <algorithm>

#include "diagnosis/rules/shared.h"
#include "diagnosis/slope.h"

namespace gpud::diagnosis {
namespace {

using enum Signal;

double Throughput(const Look& look, int disk) {
  return look.Avg(kDiskRead, 300, disk).value + look.Avg(kDiskWrite, 300, disk).value;
}

void DiskSlow(Look& d) {
  if (!d.Must(d.at < std::ssize(d.node.facts.disks))) return;
  const DiskFacts& disk = d.node.facts.disks[static_cast<std::size_t>(d.at)];
  const double slow = disk.kind == "hdd" ? 200 : 50;
  if (!(d.Any({d.Avg(kDiskAwaitR, 300) >= slow, d.Avg(kDiskAwaitW, 300) >= slow}) &&
        d.Must(d.Avg(kDiskQueue, 300) >= 1))) {
    return;
  }
  const double moved = Throughput(d, d.at);
  // What it did before, or what the fastest of its kind does now.
  const SignalStore& store = d.node.store;
  double usual = 0;
  for (const Signal s : {kDiskRead, kDiskWrite}) {
    std::vector<double> hour;
    store.Window(s, store.Row(s, d.at), 3600).Each([&](float v) {
      hour.push_back(static_cast<double>(v));
    });
    if (hour.empty()) continue;
    const auto high = static_cast<std::ptrdiff_t>(static_cast<double>(hour.size() - 1) * 0.98);
    std::ranges::nth_element(hour, hour.begin() + high);
    usual = std::max(usual, hour[static_cast<std::size_t>(high)]);
  }
  for (int other = 0; other < store.shape().disks; ++other) {
    if (other != d.at)
      usual = std::max(usual, std::isnan(Throughput(d, other)) ? 0 : Throughput(d, other));
  }
  if (!d.Must(usual >= 50)) return;
  const Value now{.value = moved, .signal = kDiskRead, .seconds = 300, .a = d.at};
  if (!d.Must(now <= 0.2 * usual)) return;
  d.Device(disk.name);
  d.Text(disk.name);
  const double read = d.Avg(kDiskAwaitR, 300).value, write = d.Avg(kDiskAwaitW, 300).value;
  d.Number(std::isnan(read) ? write : std::isnan(write) ? read : std::max(read, write));
  d.Number(moved);
  d.Number(usual);
}

bool IsSystemDisk(const NodeFacts& facts, const std::string& disk) {
  return std::ranges::any_of(facts.mounts, [&](const MountFacts& mount) {
    return mount.path == "/" && mount.disk == disk;
  });
}

void DiskFailing(Look& d) {
  const auto& disks = d.node.facts.disks;
  const bool known = d.at < std::ssize(disks);
  int timeouts = 0, errors = 0, certain = 0, read_only = 0;
  const NodeEvent* first = nullptr;
  for (const NodeEvent& event : d.node.events.all()) {
    const bool one_of = event.code >= EventCode::kNvmeTimeout && event.code <= EventCode::kReadOnly;
    if (event.over || !one_of) continue;
    const int disk = d.node.facts.DiskAt(event.device);
    if (known ? disk != d.at : disk >= 0) continue;
    if (!first) first = &event;
    const Seconds age = d.now() - event.t;
    const bool standing = d.active() && age <= 86400;
    timeouts +=
        event.code == EventCode::kNvmeTimeout && (age <= 3600 || standing) ? event.count : 0;
    errors += event.code == EventCode::kDiskIoError && (age <= 600 || standing) ? event.count : 0;
    certain += event.code == EventCode::kNvmeDown || event.code == EventCode::kDiskMediumError;
    read_only += event.code == EventCode::kReadOnly;
    d.Note(event);
  }
  const bool by_log = timeouts >= 2 || errors >= 3 || certain > 0 || read_only > 0;
  if (!by_log) d.draft().event = false;
  if (!by_log && known) {
    const double warning = d.Last(kNvmeCriticalWarning).value;
    const bool warns = warning > 0 && (static_cast<unsigned>(warning) & 0x1DU) != 0;
    const bool media = d.Day(kNvmeMediaErrors).value > 0;
    if (!d.Must(warns || media)) return;
    if (media) d.Must(d.Day(kNvmeMediaErrors) >= 1);
    if (warns) d.Must(d.Last(kNvmeCriticalWarning) >= 1);
  } else if (!d.Must(by_log)) {
    return;
  }
  const std::string name = known   ? disks[static_cast<std::size_t>(d.at)].name
                           : first ? first->device
                                   : std::string("?");
  if (read_only > 0 || IsSystemDisk(d.node.facts, name)) d.draft().severity = Severity::kFatal;
  d.Device(name);
  d.Text(name);
  d.Number(timeouts);
  d.Number(errors + certain);
  d.Number(known ? d.Day(kNvmeMediaErrors).value : 0);
}

void NfsHang(Look& m) {
  const auto& mounts = m.node.facts.mounts;
  const bool known = m.at < std::ssize(mounts);
  const MountFacts none;
  const MountFacts& mount = known ? mounts[static_cast<std::size_t>(m.at)] : none;
  if (known && !m.Must(mount.IsRemote())) return;
  std::string server = mount.server;
  Seconds since = -1;
  if (m.node.events.Has(EventCode::kNfsNotResponding)) {
    for (const NodeEvent& event : m.node.events.all()) {
      if (event.over || event.code != EventCode::kNfsNotResponding) continue;
      const bool has_mount = std::ranges::any_of(mounts, [&](const MountFacts& other) {
        return other.IsRemote() && (other.server == event.device || other.server.empty());
      });
      const bool mine = known ? mount.server == event.device || mount.server.empty() : !has_mount;
      if (!mine) continue;
      if (since < 0) since = event.t;
      server = event.device;
    }
  }
  const bool by_log = since >= 0 && m.now() - since >= 60;
  std::vector<int> stuck;
  for (const int place : m.pass.alive) {
    if (m.Frac(kProcState, 120, place, [](float s) { return s == 2; }).value >= 0.99) {
      stuck.push_back(place);
    }
  }
  if (by_log) {
    m.Events(86400, [&](const NodeEvent& event) {
      return event.code == EventCode::kNfsNotResponding && event.device == server;
    });
  } else {
    if (!m.Must(known)) return;
    int users = 0;
    for (const int place : stuck) {
      const ProcessFacts& process = ProcessAt(m, place);
      const bool uses =
          process.mount == mount.path || (process.mount.empty() && process.role != Role::kOther);
      users += uses ? 1 : 0;
    }
    if (!(m.Must(users >= 2) && m.Must(m.Max(kNfsOps, 120) <= 0))) return;
  }
  for (const int place : m.pass.alive) {
    if (m.Last(kProcState, place).value != 2) continue;
    m.Process(place);
    for (const int gpu : ProcessAt(m, place).gpus) m.Gpu(gpu);
  }
  m.Device(known ? mount.path : server);
  m.Text(server.empty() ? mount.path : server);
  m.Text(known ? mount.path : "?");
  m.Number(m.now() - (since >= 0 ? since : m.now() - 120));
  m.Number(static_cast<double>(stuck.size()));
}

void FsFull(Look& m) {
  if (!m.Must(m.at < std::ssize(m.node.facts.mounts))) return;
  const MountFacts& mount = m.node.facts.mounts[static_cast<std::size_t>(m.at)];
  // Images are full by design.
  for (const std::string_view image : {"squashfs", "iso9660", "erofs", "cramfs", "udf"}) {
    if (!m.Must(mount.type != image)) return;
  }
  const Value used = m.Avg(kFsUsed, 60), inodes = m.Avg(kFsInodesUsed, 60);
  if (m.Holds(used >= 98) || m.Holds(inodes >= 98)) {
    m.Any({used >= 98, inodes >= 98});
    m.Number(used.value, 1);
    m.Number(inodes.value, 1);
    m.Text("0");
  } else {
    if (!m.Must(used >= 80)) return;
    const SignalStore& store = m.node.store;
    const Growth growth =
        GrowthOf(store.Window(kFsUsed, store.Row(kFsUsed, m.at), 1800), store.StepOf(kFsUsed));
    const double hours = (100 - used.value) / growth.per_hour;
    const bool fills = growth.per_hour > 0 && growth.rising >= 0.8 && hours < 4 &&
                       growth.last - growth.first >= 0.5 && !growth.levels_off;
    if (!m.Must(fills)) return;
    m.Must(Value{.value = growth.per_hour,
                 .signal = kFsUsed,
                 .stat = Stat::kSlope,
                 .seconds = 1800,
                 .a = m.at} >= 0.01);
    m.draft().severity = Severity::kWarning;
    m.draft().base = 0.8;
    if (m.recording()) m.draft().horizon = "hours";
    m.Number(used.value, 1);
    m.Number(inodes.value, 1);
    m.Number(hours, 1);
  }
  m.Device(mount.path);
  m.Text(mount.path);
}

/// A pause of the GPUs during which something is written.
struct Pause {
  Seconds at = 0, length = 0;
};

void CheckpointStall(Look& n) {
  int gpu = -1;
  for (std::size_t i = 0; i < n.pass.gpus.size() && gpu < 0; ++i) {
    if (n.pass.gpus[i].trainer && n.pass.gpus[i].job) gpu = static_cast<int>(i);
  }
  if (!n.Must(gpu >= 0)) return;
  const SignalStore& store = n.node.store;
  const Samples util = store.Window(kGpuUtil, store.Row(kGpuUtil, gpu), 3600);
  const Seconds step = store.StepOf(kGpuUtil);
  std::vector<Pause> pauses;
  int down = 0;
  for (int i = 0; i < util.count(); ++i) {
    if (util[i] < 15) {
      ++down;
      continue;
    }
    const Seconds length = down * step;
    if (length >= 20 && length <= 300 && down < i) {
      // Is the pause where most is written?
      bool writes = false;
      const auto peak = [&](Signal s, int row_of) {
        const Samples written = store.Window(s, store.Row(s, row_of), 3600);
        if (written.count() != util.count()) return;
        double all = 0, mine = 0;
        int counted = 0;
        for (int k = 0; k < written.count(); ++k) {
          if (std::isnan(written[k])) continue;
          all += static_cast<double>(written[k]);
          ++counted;
        }
        for (int k = i - down; k < i; ++k) {
          mine += std::isnan(written[k]) ? 0 : static_cast<double>(written[k]);
        }
        const double mean = all / std::max(1, counted);
        writes |= mean > 1 && mine / down >= 4 * mean;
      };
      for (int disk = 0; disk < store.shape().disks; ++disk) peak(kDiskWrite, disk);
      for (int nic = 0; nic < store.shape().nics; ++nic) peak(kNetTx, nic);
      if (writes) pauses.push_back({(i - down) * step, length});
    }
    down = 0;
  }
  if (!n.Must(pauses.size() >= 3)) return;
  double shortest = 1e9, longest = 0, lost = 0;
  for (std::size_t p = 1; p < pauses.size(); ++p) {
    const double period = pauses[p].at - pauses[p - 1].at;
    shortest = std::min(shortest, period);
    longest = std::max(longest, period);
    lost += pauses[p].length;
  }
  if (!n.Must(shortest >= 600 && longest <= 1.25 * shortest)) return;
  const double period =
      (pauses.back().at - pauses.front().at) / static_cast<double>(pauses.size() - 1);
  const double share = lost / (pauses.back().at - pauses.front().at);
  if (share >= 0.1) n.draft().severity = Severity::kWarning;
  for (std::size_t i = 0; i < n.pass.gpus.size(); ++i) {
    if (n.pass.gpus[i].trainer) {
      n.Gpu(static_cast<int>(i));
      n.UsersOf(static_cast<int>(i));
    }
  }
  n.Number(lost / static_cast<double>(pauses.size() - 1));
  n.Number(period / 60, 1);
  n.Number(share * 100, 1);
}

constexpr Rule kRules[] = {
    {"storage.disk_slow", Scope::kDisk, Severity::kWarning, 0.7, 120, DiskSlow},
    {"storage.disk_failing", Scope::kDisk, Severity::kCritical, 0.95, 0, DiskFailing},
    {"storage.nfs_hang", Scope::kMount, Severity::kCritical, 0.9, 0, NfsHang},
    {"storage.fs_full", Scope::kMount, Severity::kCritical, 0.95, 30, FsFull, 15},
    {"storage.checkpoint_stall", Scope::kNode, Severity::kInfo, 0.8, 0, CheckpointStall, 60},
};

}  // namespace

std::span<const Rule> StorageRules() { return kRules; }

}  // namespace gpud::diagnosis
