// SPDX-License-Identifier: Apache-2.0
#include "sources/sysfs/cgroups.h"

#include <algorithm>
#include <iterator>

#include "platform/text.h"
#include "sources/procfs/cgroup.h"
#include "sources/procfs/pressure.h"
#include "sources/sysfs/value_file.h"

namespace gpud::sysfs {
namespace {

constexpr std::string_view kMount = "/sys/fs/cgroup";
constexpr std::size_t kMostFolders = 8192, kDeepest = 10;
constexpr double kMicro = 1e-6, kNano = 1e-9;

using Number = std::optional<std::uint64_t>;

Number NumberIn(const Root& root, const std::string& path) {
  const auto value = ReadUnsigned(root, path);
  return value ? Number(*value) : std::nullopt;
}

/// The value of the line "KEY VALUE".
Number ValueOf(std::string_view text, std::string_view key) {
  for (std::string_view line; NextLine(text, line);) {
    const std::size_t blank = line.find(' ');
    if (blank != std::string_view::npos && line.substr(0, blank) == key) {
      return ParseNumber<std::uint64_t>(Trim(line.substr(blank + 1)));
    }
  }
  return std::nullopt;
}

std::optional<double> Scaled(Number value, double unit) {
  return value ? std::optional(static_cast<double>(*value) * unit) : std::nullopt;
}

std::string TextIn(const Root& root, const std::string& path) {
  return root.Read(path).value_or(std::string());
}

/// A container's or a job's own group, not one within it.
bool IsOwned(const procfs::CgroupOwner& owner, const procfs::CgroupOwner& above) {
  return (!owner.container.empty() && above.container.empty()) ||
         (!owner.slurm_job.empty() && above.slurm_job.empty());
}

/// Finds the groups of containers and jobs of a hierarchy.
class Walk {
 public:
  Walk(const Root& root, std::string mount) : root_(root), mount_(std::move(mount)) {}

  std::vector<Cgroup> Find() && {
    Enter("", {}, 0);
    return std::move(found_);
  }

 private:
  void Enter(const std::string& path, const procfs::CgroupOwner& owner, std::size_t depth) {
    if (depth > kDeepest || ++folders_ > kMostFolders) return;
    const auto names = root_.List(mount_ + path);
    if (!names) return;
    for (const std::string& name : *names) {
      // Control files have a dot behind their controller; folders may have one too, but then end
      // in a type of systemd's units, or are long ids.
      if (IsControlFile(name)) continue;
      const std::string below = path + "/" + name;
      const procfs::CgroupOwner its = procfs::ParseCgroupPath(below);
      if (IsOwned(its, owner)) {
        found_.push_back({.path = below,
                          .container = its.container,
                          .pod_uid = its.pod_uid,
                          .slurm_job = its.slurm_job});
        continue;
      }
      Enter(below, its, depth + 1);
    }
  }

  static bool IsControlFile(std::string_view name) {
    constexpr std::string_view kControllers[] = {
        "cgroup.",  "cpu.",  "cpuacct.", "cpuset.",  "memory.",  "io.",     "pids.",
        "hugetlb.", "rdma.", "misc.",    "blkio.",   "devices.", "freezer", "net_",
        "perf_",    "irq.",  "notify",   "release_", "tasks"};
    if (name.ends_with(".slice") || name.ends_with(".scope") || name.ends_with(".service")) {
      return false;
    }
    return std::any_of(std::begin(kControllers), std::end(kControllers),
                       [&](std::string_view prefix) { return name.starts_with(prefix); });
  }

  const Root& root_;
  const std::string mount_;
  std::vector<Cgroup> found_;
  std::size_t folders_ = 0;
};

void SetMemory(Number used, Number inactive_file, Cgroup& group) {
  if (used) group.memory_bytes = *used - std::min(*used, inactive_file.value_or(0));
}

// --- version 2 ---

std::optional<double> PressureIn(const Root& root, const std::string& path) {
  const auto text = root.Read(path);
  const auto pressure = text ? procfs::ParsePressure(*text) : Fail(ErrorCode::kNotFound, path);
  return pressure ? std::optional(pressure->some.avg10_percent) : std::nullopt;
}

/// "200000 100000": quota and period in microseconds; "max 100000": no limit.
std::optional<double> ParseCpuMax(std::string_view text) {
  const auto words = SplitBlanks(Trim(text));
  if (words.size() != 2) return std::nullopt;
  const auto quota = ParseNumber<double>(words[0]), period = ParseNumber<double>(words[1]);
  return quota && period && *period > 0 ? std::optional(*quota / *period) : std::nullopt;
}

/// "8:0 rbytes=1 wbytes=2 ..." a device.
void ParseIoStat(std::string_view text, Cgroup& group) {
  for (std::string_view line; NextLine(text, line);) {
    for (const std::string_view word : SplitBlanks(line)) {
      const std::size_t equals = word.find('=');
      if (equals == std::string_view::npos) continue;
      const auto value = ParseNumber<std::uint64_t>(word.substr(equals + 1));
      Number* const into = word.starts_with("rbytes=")   ? &group.read_bytes
                           : word.starts_with("wbytes=") ? &group.written_bytes
                                                         : nullptr;
      if (value && into) *into = into->value_or(0) + *value;
    }
  }
}

void ReadSecond(const Root& root, Cgroup& group) {
  const std::string folder = std::string(kMount) + group.path;
  const std::string cpu = TextIn(root, folder + "/cpu.stat");
  group.cpu_seconds = Scaled(ValueOf(cpu, "usage_usec"), kMicro);
  group.periods = ValueOf(cpu, "nr_periods");
  group.throttled = ValueOf(cpu, "nr_throttled");
  group.throttled_seconds = Scaled(ValueOf(cpu, "throttled_usec"), kMicro);
  group.cpu_limit_cores = ParseCpuMax(TextIn(root, folder + "/cpu.max"));
  SetMemory(NumberIn(root, folder + "/memory.current"),
            ValueOf(TextIn(root, folder + "/memory.stat"), "inactive_file"), group);
  group.memory_limit_bytes = NumberIn(root, folder + "/memory.max");  // "max" is no number
  group.oom_kills = ValueOf(TextIn(root, folder + "/memory.events"), "oom_kill");
  ParseIoStat(TextIn(root, folder + "/io.stat"), group);
  group.cpu_pressure = PressureIn(root, folder + "/cpu.pressure");
  group.memory_pressure = PressureIn(root, folder + "/memory.pressure");
  group.io_pressure = PressureIn(root, folder + "/io.pressure");
}

// --- version 1 ---

/// "8:0 Read 1024" ... and "Total 2048".
void ParseBlkio(std::string_view text, Cgroup& group) {
  for (std::string_view line; NextLine(text, line);) {
    const auto words = SplitBlanks(line);
    if (words.size() != 3) continue;
    const auto value = ParseNumber<std::uint64_t>(words[2]);
    Number* const into = words[1] == "Read"    ? &group.read_bytes
                         : words[1] == "Write" ? &group.written_bytes
                                               : nullptr;
    if (value && into) *into = into->value_or(0) + *value;
  }
}

void ReadFirst(const Root& root, Cgroup& group) {
  const std::string mount(kMount);
  const std::string cpu = mount + "/cpu" + group.path, memory = mount + "/memory" + group.path;
  group.cpu_seconds =
      Scaled(NumberIn(root, mount + "/cpuacct" + group.path + "/cpuacct.usage"), kNano);
  const std::string stat = TextIn(root, cpu + "/cpu.stat");
  group.periods = ValueOf(stat, "nr_periods");
  group.throttled = ValueOf(stat, "nr_throttled");
  group.throttled_seconds = Scaled(ValueOf(stat, "throttled_time"), kNano);
  const Number quota = NumberIn(root, cpu + "/cpu.cfs_quota_us");  // -1 is no number
  const Number period = NumberIn(root, cpu + "/cpu.cfs_period_us");
  if (quota && period && *period > 0) {
    group.cpu_limit_cores = static_cast<double>(*quota) / static_cast<double>(*period);
  }
  SetMemory(NumberIn(root, memory + "/memory.usage_in_bytes"),
            ValueOf(TextIn(root, memory + "/memory.stat"), "total_inactive_file"), group);
  constexpr std::uint64_t kNoLimit = 1ULL << 62;  // 2^63 less a page
  group.memory_limit_bytes = NumberIn(root, memory + "/memory.limit_in_bytes");
  if (group.memory_limit_bytes && *group.memory_limit_bytes >= kNoLimit) {
    group.memory_limit_bytes.reset();
  }
  group.oom_kills = ValueOf(TextIn(root, memory + "/memory.oom_control"), "oom_kill");
  ParseBlkio(TextIn(root, mount + "/blkio" + group.path + "/blkio.throttle.io_service_bytes"),
             group);
}

bool IsMissing(const Error& error) { return error.code == ErrorCode::kNotFound; }

Result<Cgroups> ReadCgroups(const Root& root) {
  const std::string mount(kMount);
  const bool second = root.Exists(mount + "/cgroup.controllers");
  Cgroups all{.version = second ? 2 : 1};
  const std::string base = second ? mount : mount + "/memory";
  if (const auto top = root.List(base); !top && !IsMissing(top.error())) {
    return Pass(top, "control groups");
  }
  all.groups = Walk(root, base).Find();
  if (all.groups.empty()) {
    return Fail(ErrorCode::kUnsupported, mount + ": no container and no batch job runs");
  }
  if (all.groups.size() > kMostCgroups) {
    const std::string file = second ? "/memory.current" : "/memory.usage_in_bytes";
    for (Cgroup& group : all.groups) {
      group.memory_bytes = NumberIn(root, base + group.path + file);
    }
    std::stable_sort(all.groups.begin(), all.groups.end(), [](const Cgroup& a, const Cgroup& b) {
      return a.memory_bytes.value_or(0) > b.memory_bytes.value_or(0);
    });
    all.left_out = all.groups.size() - kMostCgroups;
    all.groups.resize(kMostCgroups);
  }
  std::sort(all.groups.begin(), all.groups.end(),
            [](const Cgroup& a, const Cgroup& b) { return a.path < b.path; });
  for (Cgroup& group : all.groups) {
    group.memory_bytes.reset();
    if (second) {
      ReadSecond(root, group);
    } else {
      ReadFirst(root, group);
    }
  }
  return all;
}

}  // namespace

const Cgroup* Cgroups::Find(std::string_view path) const {
  const auto found = std::find_if(groups.begin(), groups.end(),
                                  [&](const Cgroup& group) { return group.path == path; });
  return found == groups.end() ? nullptr : &*found;
}

constinit const SourceType kCgroups{
    .name = "sysfs/cgroups",
    .snapshot = &kSnapshot<Cgroups>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadCgroups(host.root)); },
};

}  // namespace gpud::sysfs
