// SPDX-License-Identifier: Apache-2.0
#include "machine/parts.h"
#include "scenario/node.h"

namespace gpud::sim_machine {
namespace {

constexpr double kTicks = 100;  // USER_HZ (Documentation/filesystems/proc.rst, 1.7)
constexpr std::string_view kCpus = "/sys/devices/system/cpu/";

std::string Fixed(double value) {
  const auto hundredths = static_cast<std::int64_t>(std::llround(std::max(0.0, value) * 100));
  const std::string rest = std::to_string(hundredths % 100);
  return std::to_string(hundredths / 100) + (rest.size() < 2 ? ".0" : ".") + rest;
}

std::string Range(std::int64_t count) { return count > 1 ? "0-" + std::to_string(count - 1) : "0"; }

/// One line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal, in ticks.
struct Times {
  double user = 0, system = 0, idle = 0, iowait = 0, softirq = 0, steal = 0;

  std::string Text(std::string_view name) const {
    return Line(name, " ", user, " 0 ", system, " ", idle, " ", iowait, " 0 ", softirq, " ", steal,
                " 0 0");
  }
};

// What a scenario gives as use of all and of the busiest processor; the others share the rest.
// cpu.user is what is left of cpu.util: a scenario has noise of its own for each of them.
void AddStat(Readings& now, Tree& tree, std::int64_t cores) {
  const auto n = static_cast<double>(cores);
  const double all = n * kTicks;  // ticks of all processors in a second
  const auto share = [&](std::string_view name) { return std::min(1.0, now.Now(name) / 100); };
  const double system = share("cpu.sys"), softirq = share("cpu.softirq"),
               steal = share("cpu.steal");
  const double busy = std::max(share("cpu.util"), system + softirq + steal);
  const double iowait = std::min(share("cpu.iowait"), std::max(0.0, 1 - busy));
  const double before = now.UptimeAt(0) * all;  // all of it idle
  const Times total{.user = now.Count("cpu user", all * (busy - system - softirq - steal)),
                    .system = now.Count("cpu system", all * system),
                    .idle = before + now.Count("cpu idle", all * (1 - busy - iowait)),
                    .iowait = now.Count("cpu iowait", all * iowait),
                    .softirq = now.Count("cpu softirq", all * softirq),
                    .steal = now.Count("cpu steal", all * steal)};
  std::string text = total.Text("cpu ");
  const double busiest = std::max(busy, share("cpu.core_max_util"));
  const double others = cores > 1 ? std::max(0.0, (n * busy - busiest) / (n - 1)) : 0;
  for (std::int64_t i = 0; i < cores; ++i) {
    const double use = i == 0 ? busiest : others;
    const std::string name = i == 0 ? "cpu0" : "cpu1";  // all but the first count alike
    const double used = now.Count(name + " busy", kTicks * use);
    const double idle = now.Count(name + " idle", kTicks * (1 - use));
    text += Times{.user = used, .idle = before / n + idle}.Text(Join("cpu", i));
  }
  const double load = n * busy + now.Now("cpu.procs_blocked");
  text += Line("ctxt ", now.Count("ctxt", 20'000 * n)) + Line("btime ", now.origin().boot_unix) +
          Line("processes ", now.Count("forks", 2)) + Line("procs_running ", 1 + n * busy) +
          Line("procs_blocked ", now.Now("cpu.procs_blocked"));
  tree.files["/proc/stat"] = std::move(text);
  tree.files["/proc/loadavg"] = Line(Fixed(load), " ", Fixed(load), " ", Fixed(load), " ",
                                     1 + n * busy, "/", 40 * n, " 99999");
  tree.files["/proc/uptime"] =
      Line(Fixed(now.uptime()), " ", Fixed((total.idle - before) / kTicks));
}

// The processors of a socket share one policy and one thermal sensor, as folders that the others
// link to.
void AddProcessor(Readings& now, Tree& tree, std::int64_t cpu, std::int64_t first,
                  std::int64_t socket) {
  const std::string folder = Join(kCpus, "cpu", cpu);
  tree.files[folder + "/topology/physical_package_id"] = Line(socket);
  tree.files[folder + "/topology/core_id"] = Line(cpu - first);
  tree.links[folder + "/cpufreq"] = Join("../cpufreq/policy", first);
  if (cpu != first) {
    tree.links[folder + "/thermal_throttle"] = Join("../cpu", first, "/thermal_throttle");
    return;
  }
  const std::string policy = Join(kCpus, "cpufreq/policy", first, "/");
  if (const auto megahertz = now.Sample("cpu.freq")) {
    tree.files[policy + "scaling_cur_freq"] = Line(*megahertz * 1000);
  }
  const double base = now.FactNumber("cpu.base_mhz", now.node().profile().cpu_mhz) * 1000;
  tree.files[policy + "base_frequency"] = Line(base);
  tree.files[policy + "cpuinfo_max_freq"] = Line(1.5 * base);
  tree.files[policy + "scaling_governor"] = Line(now.FactText("cpu.governor", "performance"));
  const double throttled = now.Now("cpu.throttle");
  // The signal counts the machine: the first socket has all of it.
  tree.files[folder + "/thermal_throttle/package_throttle_count"] =
      Line(socket == 0 ? throttled : 0);
  tree.files[folder + "/thermal_throttle/core_throttle_count"] = "0\n";
}

}  // namespace

void AddCpu(Readings& now, Tree& tree) {
  const auto cores = std::max<std::int64_t>(
      1, static_cast<std::int64_t>(now.FactNumber("cpu.cores", now.node().profile().cores)));
  const auto sockets =
      std::max<std::int64_t>(1, static_cast<std::int64_t>(now.FactNumber("cpu.sockets", 1)));
  AddStat(now, tree, cores);
  tree.files[Join(kCpus, "online")] = tree.files[Join(kCpus, "possible")] = Line(Range(cores));
  std::string info;
  const std::int64_t of_socket = (cores + sockets - 1) / sockets;
  for (std::int64_t cpu = 0; cpu < cores; ++cpu) {
    const std::int64_t socket = cpu / of_socket;
    AddProcessor(now, tree, cpu, socket * of_socket, socket);
    info += Line("processor\t: ", cpu) + "vendor_id\t: GenuineIntel\nmodel name\t: simulated\n" +
            Line("physical id\t: ", socket) + "\n";
  }
  tree.files["/proc/cpuinfo"] = std::move(info);
  for (std::int64_t socket = 0; socket < sockets; ++socket) {
    const std::int64_t last = std::min(cores, (socket + 1) * of_socket) - 1;
    const std::string folder = Join("/sys/devices/system/node/node", socket, "/");
    tree.files[folder + "cpulist"] = Line(socket * of_socket, "-", last);
  }
}

void AddPressure(Readings& now, Tree& tree) {
  const auto line = [&](std::string_view word, std::string_view resource) {
    const std::string signal = Join("psi.", resource, ".", word);
    // The CPU has no such signal, and full is 0 for it by definition.
    const double percent = scenario::FindSignal(signal) ? now.Now(signal) : 0;
    const std::string share = Fixed(percent);
    return Line(word, " avg10=", share, " avg60=", share, " avg300=", share,
                " total=", now.Count(signal, percent * 1e4));
  };
  for (const std::string_view resource : {"cpu", "memory", "io"}) {
    tree.files[Join("/proc/pressure/", resource)] = line("some", resource) + line("full", resource);
  }
}

}  // namespace gpud::sim_machine
