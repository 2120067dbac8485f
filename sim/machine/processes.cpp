// SPDX-License-Identifier: Apache-2.0
#include "machine/parts.h"
#include "scenario/node.h"
#include "scenario/sha256.h"

namespace gpud::sim_machine {
namespace {

constexpr double kTicks = 100;  // USER_HZ
constexpr double kKibOfMib = 1024;

std::string HashText(const std::string& text, std::size_t length) {
  return scenario::Hex(scenario::Sha256(text)).substr(0, length);
}

/// The uid of a name, as /etc/passwd has it: 0 for root, the others in the order of the processes.
std::int64_t UidOf(const scenario::Node& node, const std::string& user) {
  std::vector<std::string> users{"root"};
  for (const scenario::Process& process : node.processes()) {
    if (std::find(users.begin(), users.end(), process.user) == users.end()) {
      users.push_back(process.user);
    }
  }
  const auto place = std::find(users.begin(), users.end(), user) - users.begin();
  return place == 0 ? 0 : 999 + place;
}

std::string_view SleepsIn(const scenario::Node& node, const scenario::Process& process) {
  for (const scenario::Mount& mount : node.spec().mounts) {
    if (mount.path == process.mount && mount.fstype.starts_with("nfs")) {
      return "rpc_wait_bit_killable";
    }
  }
  return "io_schedule";
}

/// What of a process changes.
struct Use {
  char state = 'S';
  double cores = 0, rss_mib = 0, read_megabytes = 0;
};

void AddProcess(Readings& now, Tree& tree, const scenario::Process& process, const Use& use) {
  const std::string folder = Join("/proc/", process.pid, "/");
  const std::string key = Join(process.pid);
  // One that sleeps in the kernel uses nothing and is not switched to.
  const bool runs = use.state != 'D' && use.state != 'Z';
  const double ticks = now.Count(key + " cpu", runs ? use.cores * kTicks : 0);
  const double switches = now.Count(key + " switches", runs ? 0.2 : 0);
  const double bytes = now.Count(key + " read", use.read_megabytes * 1e6);
  const double started = now.UptimeAt(process.start_s) * kTicks;
  const std::string comm = process.name.substr(0, 15);
  const double rss = use.rss_mib * kKibOfMib;
  tree.files[folder + "comm"] = Line(comm);
  tree.files[folder + "stat"] =
      Line(process.pid, " (", comm, ") ", std::string(1, use.state), " ", process.ppid, " ",
           process.pid, " ", process.pid, " 0 -1 4194304 0 0 0 0 ", ticks * 0.75, " ",
           ticks - std::round(ticks * 0.75), " 0 0 20 0 1 0 ", started, " ", rss * 1024, " ",
           rss / 4, " 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0");
  const std::int64_t uid = UidOf(now.node(), process.user);
  const std::string ids = Join(uid, "\t", uid, "\t", uid, "\t", uid);
  tree.files[folder + "status"] =
      Line("Name:\t", comm) + Line("State:\t", std::string(1, use.state)) +
      Line("Tgid:\t", process.pid) + Line("Pid:\t", process.pid) + Line("PPid:\t", process.ppid) +
      Line("Uid:\t", ids) + Line("Gid:\t", ids) + Line("VmRSS:\t", rss, " kB") +
      Line("RssAnon:\t", rss, " kB") + "RssFile:\t0 kB\nRssShmem:\t0 kB\nThreads:\t1\n" +
      Line("voluntary_ctxt_switches:\t", switches) + "nonvoluntary_ctxt_switches:\t0\n";
  tree.files[folder + "io"] = Line("rchar: ", bytes) + "wchar: 0\nsyscr: 0\nsyscw: 0\n" +
                              Line("read_bytes: ", bytes) +
                              "write_bytes: 0\ncancelled_write_bytes: 0\n";
  tree.files[folder + "cmdline"] =
      use.state == 'Z' ? std::string() : process.name + std::string(1, '\0');
  tree.files[folder + "cgroup"] = Line("0::", CgroupPathOf(process));
  tree.files[folder + "wchan"] =
      use.state == 'D' ? std::string(SleepsIn(now.node(), process)) : "0";
  tree.links[Join(folder, "task/", process.pid)] = "..";
  if (process.gpus.empty()) return;
  tree.links[folder + "fd/3"] = "/dev/nvidiactl";
  for (std::size_t i = 0; i < process.gpus.size(); ++i) {
    tree.links[Join(folder, "fd/", 4 + i)] = Join("/dev/nvidia", process.gpus[i]);
  }
}

// A service is seen by its process, where it runs.
void AddServices(Readings& now, Tree& tree) {
  struct Service {
    std::string_view service, process;
  };
  // Not the container runtime and the kubelet: one that runs must answer on its socket.
  constexpr Service kServices[] = {{"persistenced", "nvidia-persistenced"},
                                   {"timesync", "chronyd"},
                                   {"fabricmanager", "nv-fabricmanager"},
                                   {"imex", "nvidia-imex"}};
  AddProcess(now, tree, {.pid = 1, .name = "systemd", .ppid = 0}, {.rss_mib = 12});
  AddProcess(now, tree, {.pid = 2, .name = "kthreadd", .ppid = 0}, {});
  const scenario::Signal& active = *scenario::FindSignal("svc.active");
  for (const scenario::Tags& tags : now.node().LabelSets(active)) {
    const std::string name = now.node().TextOf(tags[0]);
    const std::int64_t pid = 800 + tags[0].id;
    if (now.Now("svc.active", tags) < 0.5 || now.node().FindProcess(pid)) continue;
    for (const Service& service : kServices) {
      if (service.service != name) continue;
      AddProcess(now, tree, {.pid = pid, .name = std::string(service.process)}, {.rss_mib = 30});
    }
  }
}

}  // namespace

std::string CgroupPathOf(const scenario::Process& process) {
  if (!process.container.empty()) {
    // "pod" and 36 digits with '_' in place of '-', as the kubelet's systemd driver names it.
    std::string uid = HashText(process.namespace_name + "/" + process.pod, 32);
    for (const std::size_t place : {8U, 13U, 18U, 23U}) uid.insert(place, "_");
    return Join("/kubepods.slice/kubepods-pod", uid, ".slice/cri-containerd-",
                HashText(process.container + "/" + process.cgroup, 64), ".scope");
  }
  if (!process.cgroup.empty()) return "/system.slice/" + process.cgroup + ".service";
  return process.pid == 2 ? "/" : "/system.slice/" + process.name + ".service";
}

void AddProcesses(Readings& now, Tree& tree) {
  constexpr std::string_view kStates = "RSDZ";
  AddServices(now, tree);
  std::string users = "root:x:0:0::/root:/bin/sh\n";
  for (const scenario::Process& process : now.node().processes()) {
    const std::string entry = process.user + ":x:";
    if (users.find(entry) == std::string::npos) {
      users +=
          Line(entry, UidOf(now.node(), process.user), ":100::/home/", process.user, ":/bin/sh");
    }
    if (!process.AliveAt(now.t())) continue;
    const scenario::Tags tags{{scenario::Label::kPid, process.pid}};
    const auto state = static_cast<std::size_t>(now.Sample("proc.state", tags).value_or(1));
    AddProcess(now, tree, process,
               {.state = kStates[std::min(state, kStates.size() - 1)],
                .cores = now.Now("proc.cpu", tags),
                .rss_mib = now.Now("proc.rss", tags),
                .read_megabytes = now.Now("proc.read", tags)});
  }
  tree.files["/etc/passwd"] = std::move(users);
}

}  // namespace gpud::sim_machine
