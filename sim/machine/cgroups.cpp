// SPDX-License-Identifier: Apache-2.0
#include "machine/parts.h"
#include "scenario/node.h"

namespace gpud::sim_machine {
namespace {

constexpr double kMib = 1 << 20;
constexpr double kPeriodMicros = 100'000;  // of cpu.max, the kernel's default
constexpr double kPeriodsPerSecond = 10;
constexpr double kFileCacheMib = 512;  // inactive: not of the working set

/// Where the processes of the group are; a group without any has a folder of its own.
std::string PathOf(const scenario::Node& node, const scenario::Cgroup& cgroup) {
  for (const scenario::Process& process : node.processes()) {
    if (process.cgroup == cgroup.name) return CgroupPathOf(process);
  }
  return "/" + cgroup.name + ".slice";
}

std::string Members(Readings& now, const std::string& path) {
  std::string pids;
  for (const scenario::Process& process : now.node().processes()) {
    if (process.AliveAt(now.t()) && CgroupPathOf(process) == path) pids += Line(process.pid);
  }
  return pids;
}

void AddCgroup(Readings& now, Tree& tree, const scenario::Cgroup& cgroup,
               const scenario::Tags& tags) {
  const std::string path = PathOf(now.node(), cgroup);
  const std::string folder = "/sys/fs/cgroup" + path + "/";
  const auto cores = now.Sample("cgroup.cpu.limit", tags);
  const double used = now.Count(cgroup.name + " usage", now.Now("cgroup.cpu.usage", tags) * 1e6);
  const double held =
      kPeriodsPerSecond * std::min(1.0, now.Now("cgroup.cpu.throttled_ratio", tags) / 100);
  tree.files[folder + "cpu.max"] =
      Line(cores ? Word(*cores * kPeriodMicros) : "max", " ", kPeriodMicros);
  tree.files[folder + "cpu.stat"] =
      Line("usage_usec ", used) + Line("user_usec ", used * 0.75) +
      Line("system_usec ", used * 0.25) +
      Line("nr_periods ", now.Count(cgroup.name + " periods", kPeriodsPerSecond)) +
      Line("nr_throttled ", now.Count(cgroup.name + " throttled", held)) +
      Line("throttled_usec ", now.Count(cgroup.name + " held", held * kPeriodMicros / 2));
  const double working_set = now.Now("cgroup.mem.used", tags) * kMib;
  const auto most = now.Sample("cgroup.mem.limit", tags);
  const double cache = kFileCacheMib * kMib;
  tree.files[folder + "memory.current"] = Line(working_set + cache);
  tree.files[folder + "memory.max"] = Line(most ? Word(*most * kMib) : "max");
  tree.files[folder + "memory.stat"] = Line("anon ", working_set) + Line("file ", cache) +
                                       Line("inactive_file ", cache) + "active_file 0\n";
  tree.files[folder + "memory.events"] =
      Line("low 0\nhigh 0\nmax 0\noom 0\noom_kill ", now.Now("cgroup.mem.oom_kill", tags));
  tree.files[folder + "cgroup.procs"] = Members(now, path);
}

}  // namespace

void AddCgroups(Readings& now, Tree& tree) {
  tree.files["/sys/fs/cgroup/cgroup.controllers"] = "cpuset cpu io memory pids\n";
  const auto& cgroups = now.node().cgroups();
  for (std::size_t i = 0; i < cgroups.size(); ++i) {
    AddCgroup(now, tree, cgroups[i], {{scenario::Label::kCgroup, static_cast<std::int64_t>(i)}});
  }
}

}  // namespace gpud::sim_machine
