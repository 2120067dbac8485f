// SPDX-License-Identifier: Apache-2.0
// The tree is read back through gpud's own sources at two times, by the formulas of
// specs/diagnosis.md, 1.1, and compared with the series of the scenario.
#include "machine/machine.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "machine/folder.h"
#include "platform/text.h"
#include "scenario/bundled.h"
#include "sources/host/machine_info.h"
#include "sources/procfs/cgroup.h"
#include "sources/procfs/diskstats.h"
#include "sources/procfs/meminfo.h"
#include "sources/procfs/mountinfo.h"
#include "sources/procfs/pressure.h"
#include "sources/procfs/processes.h"
#include "sources/procfs/stat.h"
#include "sources/procfs/vmstat.h"
#include "sources/sysfs/block.h"
#include "sources/sysfs/edac.h"
#include "sources/sysfs/pci.h"
#include "testing/fake_host.h"

namespace gpud::sim_machine {
namespace {

using scenario::Label;
using scenario::Tags;

constexpr double kStart = 1'772'352'000;
constexpr double kUptime = 50'000;

/// A folder in memory, where there is such: a tree of 2,000 files is slow to make on a disk.
class MemoryFolder {
 public:
  MemoryFolder() {
    std::string pattern =
        Root().Exists("/dev/shm") ? "/dev/shm/gpud-test-XXXXXX" : "/tmp/gpud-test-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~MemoryFolder() { std::filesystem::remove_all(path_); }
  MemoryFolder(const MemoryFolder&) = delete;
  MemoryFolder& operator=(const MemoryFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// A simulated machine in a folder, and what the scenario says of it.
class Simulated {
 public:
  explicit Simulated(const std::string& scenario, double speed = 1)
      : scenario_(*scenario::FindScenario(scenario)),
        nodes_(scenario::NodesOf(scenario_)),
        folder_(own_.path()),
        machine_(nodes_[0], {.start_unix = kStart, .boot_unix = kStart - kUptime, .speed = speed}) {
  }

  void MoveTo(double t) { ASSERT_TRUE(folder_.Put(machine_.At(t))); }
  const Root& root() const { return root_; }
  const scenario::Node& node() const { return nodes_[0]; }

  template <class T>
  T Read(const SourceType& source) {
    Inputs in;
    source.read({root_, clock_}, in);
    const Result<T>& read = in.Latest<T>();
    EXPECT_TRUE(read) << source.name << ": " << (read ? "" : read.error().what);
    return read.value_or(T{});
  }
  double Number(const std::string& path) {
    const auto text = root_.Read(path);
    EXPECT_TRUE(text) << path;
    return text ? ParseNumber<double>(Trim(*text)).value_or(-1) : -1;
  }
  std::string Text(const std::string& path) {
    return std::string(Trim(root_.Read(path).value_or("nothing")));
  }
  /// The number behind `name` in a file of "NAME NUMBER" lines.
  double Row(const std::string& path, std::string_view name) {
    const std::string text = root_.Read(path).value_or(std::string());
    std::string_view rest = text, line;
    while (NextLine(rest, line)) {
      const auto words = SplitBlanks(line);
      if (words.size() > 1 && words[0] == name) return ParseNumber<double>(words[1]).value_or(-1);
    }
    ADD_FAILURE() << path << ": no " << name;
    return -1;
  }

  double At(std::string_view signal, double t, const Tags& tags = {}) {
    scenario::Series series(node(), *scenario::FindSignal(signal), tags);
    series.MoveTo(static_cast<std::int64_t>(t / scenario_.step_s));
    return series.value().value_or(-1);
  }
  /// Of a gauge over the whole steps of a span.
  double Mean(std::string_view signal, double from, double until, const Tags& tags = {}) {
    scenario::Series series(node(), *scenario::FindSignal(signal), tags);
    double sum = 0;
    int count = 0;
    for (double t = from; t < until; t += scenario_.step_s, ++count) {
      series.MoveTo(static_cast<std::int64_t>(t / scenario_.step_s));
      sum += series.value().value_or(0);
    }
    return sum / count;
  }

 private:
  scenario::Scenario scenario_;
  std::vector<scenario::Node> nodes_;
  MemoryFolder own_;
  Root root_{own_.path()};
  FakeClock clock_;
  Folder folder_;
  Machine machine_;
};

constexpr double kFrom = 400, kUntil = 430;

TEST(SimulatedMachine, GivesTheCpuSignalsBack) {
  Simulated machine("data-io-bound-nvme");
  machine.MoveTo(kFrom);
  const auto before = machine.Read<procfs::Stat>(procfs::kStat);
  machine.MoveTo(kUntil);
  const auto after = machine.Read<procfs::Stat>(procfs::kStat);
  const double all = after.total.Total() - before.total.Total();
  EXPECT_NEAR(all, machine.node().profile().cores * (kUntil - kFrom), 0.2);
  const auto percent = [&](double was, double is) { return 100 * (is - was) / all; };
  EXPECT_NEAR(percent(before.total.Busy(), after.total.Busy()),
              machine.Mean("cpu.util", kFrom, kUntil), 0.01);
  EXPECT_NEAR(percent(before.total.iowait, after.total.iowait),
              machine.Mean("cpu.iowait", kFrom, kUntil), 0.01);
  EXPECT_NEAR(percent(before.total.system, after.total.system),
              machine.Mean("cpu.sys", kFrom, kUntil), 0.01);
  double busiest = 0;
  for (std::size_t i = 0; i < after.cores.size(); ++i) {
    busiest = std::max(busiest, 100 * (after.cores[i].busy_seconds - before.cores[i].busy_seconds) /
                                    (after.cores[i].total_seconds - before.cores[i].total_seconds));
  }
  EXPECT_EQ(after.cores.size(), 112u);
  EXPECT_NEAR(busiest, machine.Mean("cpu.core_max_util", kFrom, kUntil), 0.1);
  EXPECT_NEAR(static_cast<double>(after.blocked_on_io), machine.At("cpu.procs_blocked", kUntil), 1);
  EXPECT_NEAR(machine.Number("/sys/devices/system/cpu/cpu77/cpufreq/scaling_cur_freq"),
              machine.At("cpu.freq", kUntil) * 1000, 1);
}

TEST(SimulatedMachine, GivesTheDiskSignalsBack) {
  Simulated machine("data-io-bound-nvme");
  machine.MoveTo(kFrom);
  const auto before = machine.Read<procfs::Diskstats>(procfs::kDiskstats);
  machine.MoveTo(kUntil);
  const auto after = machine.Read<procfs::Diskstats>(procfs::kDiskstats);
  ASSERT_EQ(after.disks.size(), 2u);
  constexpr double kSeconds = kUntil - kFrom;
  for (std::size_t i = 0; i < 2; ++i) {
    const Tags tags{{Label::kDisk, static_cast<std::int64_t>(i)}};
    const procfs::DiskIo &was = before.disks[i], &is = after.disks[i];
    const auto rate = [](std::uint64_t from, std::uint64_t to) {
      return static_cast<double>(to - from) / kSeconds;
    };
    const auto mean = [&](std::string_view signal) {
      return machine.Mean(signal, kFrom, kUntil, tags);
    };
    EXPECT_NEAR(rate(was.read_bytes, is.read_bytes) / 1e6, mean("disk.read"), 0.01);
    EXPECT_NEAR(rate(was.written_bytes, is.written_bytes) / 1e6, mean("disk.write"), 0.01);
    EXPECT_NEAR(rate(was.busy_milliseconds, is.busy_milliseconds) / 10, mean("disk.util"), 0.01);
    EXPECT_NEAR(rate(was.weighted_milliseconds, is.weighted_milliseconds) / 1000,
                mean("disk.queue"), 0.01);
    // A mean over requests, of which some steps have more.
    const double await = static_cast<double>(is.read_milliseconds - was.read_milliseconds) /
                         static_cast<double>(is.reads - was.reads);
    EXPECT_NEAR(await, mean("disk.await_r"), 0.1 + mean("disk.await_r") * 0.05);
  }
}

TEST(SimulatedMachine, GivesMemoryAndPressureBack) {
  Simulated machine("ecc");
  machine.MoveTo(kFrom);
  const auto memory = machine.Read<procfs::Meminfo>(procfs::kMeminfo);
  EXPECT_EQ(memory.total_bytes, 2048ULL << 30);
  EXPECT_NEAR(static_cast<double>(memory.available_bytes) / (1 << 20),
              machine.At("mem.available", kFrom), 1);
  const auto pressure = machine.Read<procfs::Pressures>(procfs::kPressures);
  EXPECT_NEAR(pressure.io->some.avg10_percent, machine.At("psi.io.some", kFrom), 0.01);
  EXPECT_NEAR(pressure.cpu->some.avg10_percent, machine.At("psi.cpu.some", kFrom), 0.01);
  const auto vmstat = machine.Read<procfs::Vmstat>(procfs::kVmstat);
  EXPECT_EQ(static_cast<double>(*vmstat.major_faults), machine.At("vm.majfault", kFrom));
  const auto edac = machine.Read<sysfs::Edac>(sysfs::kEdac);
  ASSERT_EQ(edac.controllers.size(), 4u);
  EXPECT_EQ(edac.controllers[3].dimms.at(1).label, "mc3ch1d0");
}

TEST(SimulatedMachine, GivesTheNetworkSignalsBack) {
  Simulated machine("rdma-retrans-one-nic");
  const std::string port = "/sys/class/infiniband/mlx5_3/ports/1/";
  const Tags tags{{Label::kNic, 3}};
  machine.MoveTo(kFrom);
  const double before = machine.Number(port + "counters/port_rcv_data");
  const double bytes = machine.Number("/sys/class/net/ib3/statistics/rx_bytes");
  machine.MoveTo(kUntil);
  EXPECT_NEAR((machine.Number(port + "counters/port_rcv_data") - before) * 4 / 30 / 1e6,
              machine.Mean("rdma.rx", kFrom, kUntil, tags), 0.01);
  EXPECT_NEAR((machine.Number("/sys/class/net/ib3/statistics/rx_bytes") - bytes) / 30 / 1e6,
              machine.Mean("net.rx", kFrom, kUntil, tags), 0.01);
  EXPECT_EQ(machine.Number(port + "hw_counters/out_of_sequence"),
            machine.At("rdma.out_of_seq", kUntil, tags));
  EXPECT_EQ(machine.Text(port + "state"), "4: ACTIVE");
  EXPECT_EQ(machine.Text("/sys/class/infiniband/mlx5_3/device/net/ib3/carrier"), "1");
  EXPECT_EQ(machine.Text(port + "rate"), "400 Gb/sec (4X NDR)");
}

TEST(SimulatedMachine, GivesTheSignalsOfItsProcessesAndGroupsBack) {
  Simulated machine("data-cpu-throttled");
  machine.MoveTo(kFrom);
  const auto count = machine.Read<procfs::Processes>(procfs::kProcesses);
  EXPECT_GT(count.total, 56u);  // trainers, loaders, services
  const auto owner = procfs::ReadCgroupOwner(machine.root(), "20000");
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->container.size(), 64u);
  EXPECT_EQ(owner->pod_uid.size(), 36u);
  std::string path = machine.Text("/proc/20000/cgroup").substr(3);
  const std::string folder = "/sys/fs/cgroup" + path + "/";
  const auto row = [&](std::string_view name) { return machine.Row(folder + "cpu.stat", name); };
  const auto ticks = [&] {
    return procfs::ParseProcessStat(machine.root().Read("/proc/20000/stat").value())->cpu_ticks;
  };
  const double periods = row("nr_periods"), held = row("nr_throttled"), used = row("usage_usec");
  const auto cpu = ticks();
  machine.MoveTo(kUntil);
  const Tags group{{Label::kCgroup, 1}}, process{{Label::kPid, 20000}};
  EXPECT_NEAR(100 * (row("nr_throttled") - held) / (row("nr_periods") - periods),
              machine.Mean("cgroup.cpu.throttled_ratio", kFrom, kUntil, group), 0.5);
  EXPECT_NEAR((row("usage_usec") - used) / 30e6,
              machine.Mean("cgroup.cpu.usage", kFrom, kUntil, group), 0.01);
  EXPECT_NEAR(static_cast<double>(ticks() - cpu) / 100 / 30,
              machine.Mean("proc.cpu", kFrom, kUntil, process), 0.01);
  EXPECT_NEAR(machine.Row("/proc/20000/status", "RssAnon:") / 1024,
              machine.At("proc.rss", kUntil, process), 1);
}

TEST(SimulatedMachine, HasTheDevicesOfItsProfile) {
  Simulated machine("pcie-x4-gen1-riser");
  machine.MoveTo(kUntil);
  const auto pci = machine.Read<sysfs::PciDevices>(sysfs::kPci);
  EXPECT_EQ(std::count_if(pci.devices.begin(), pci.devices.end(), sysfs::IsGpu),
            machine.node().profile().gpus);
  for (int i = 0; i < machine.node().profile().gpus; ++i) {
    const Tags gpu{{Label::kGpu, i}};
    const auto* fact = machine.node().FactNow("gpu." + std::to_string(i) + ".pci", 0);
    const std::string folder = "/sys/bus/pci/devices/" + std::get<std::string>(*fact) + "/";
    EXPECT_EQ(machine.Number(folder + "current_link_width"),
              machine.At("gpu.pcie.width", kUntil, gpu));
  }
  const auto info = host::ReadMachineInfo({machine.root(), SystemClock()});
  ASSERT_TRUE(info);
  EXPECT_EQ(info->os_image, "machine simulated by gpud");
  EXPECT_EQ(info->hostname, machine.node().name());
  const auto blocks = machine.Read<sysfs::BlockDevices>(sysfs::kBlock);
  EXPECT_EQ(blocks.devices.size(), 2u);
  EXPECT_EQ(procfs::ReadMountinfo(machine.root())->mounts.size(), 4u);
}

TEST(SimulatedMachine, CountsARateInRealSecondsWhateverItsSpeed) {
  Simulated slow("healthy-8xh100"), quick("healthy-8xh100", 10);
  const auto sent = [](Simulated& machine) {
    machine.MoveTo(500);
    return machine.Read<procfs::Diskstats>(procfs::kDiskstats).disks.at(1).read_bytes;
  };
  EXPECT_NEAR(static_cast<double>(sent(slow)) / static_cast<double>(sent(quick)), 10, 0.001);
}

TEST(SimulatedMachine, IsTheSameHoweverOftenItIsLookedAt) {
  const auto scenario = scenario::FindScenario("data-starved");
  const auto nodes = scenario::NodesOf(*scenario);
  Machine once(nodes[0], {}), often(nodes[0], {});
  for (double t = 0; t < 100; t += 1) often.At(t);
  EXPECT_EQ(once.At(100).files, often.At(100).files);
}

TEST(SimulatedMachine, TakesAwayWhatHasLeft) {
  Simulated machine("cgroup-oom-kills-loader");
  const auto& processes = machine.node().processes();
  const auto killed = std::find_if(processes.begin(), processes.end(),
                                   [](const auto& process) { return process.stop_s.has_value(); });
  ASSERT_NE(killed, processes.end());
  const std::string folder = "/proc/" + std::to_string(killed->pid);
  machine.MoveTo(*killed->stop_s - 1);
  EXPECT_TRUE(machine.root().Exists(folder + "/stat"));
  machine.MoveTo(*killed->stop_s);
  EXPECT_FALSE(machine.root().Exists(folder));
}

}  // namespace
}  // namespace gpud::sim_machine
