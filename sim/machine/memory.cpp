// SPDX-License-Identifier: Apache-2.0
#include "machine/parts.h"
#include "scenario/node.h"

namespace gpud::sim_machine {
namespace {

constexpr double kKibOfMib = 1024;
constexpr double kPageBytes = 4096;
constexpr double kSwapMib = 8192;

// "mc1ch0d0": controller 1, channel 0, slot 0. Each controller of the format has two DIMMs.
void AddDimms(Readings& now, Tree& tree) {
  const scenario::Signal& errors = *scenario::FindSignal("mem.edac.ce");
  std::map<std::string, std::pair<double, double>> controllers;
  for (const scenario::Tags& tags : now.node().LabelSets(errors)) {
    const std::string label = now.node().TextOf(tags[0]);
    const std::size_t channel = label.find("ch");
    const std::string controller = "/sys/devices/system/edac/mc/" + label.substr(0, channel) + "/";
    const std::string dimm = controller + "dimm" + label.substr(channel + 2, 1) + "/";
    const double corrected = now.Now("mem.edac.ce", tags);
    const double uncorrected = now.Now("mem.edac.ue", tags);
    tree.files[dimm + "dimm_label"] = Line(label);
    tree.files[dimm + "dimm_ce_count"] = Line(corrected);
    tree.files[dimm + "dimm_ue_count"] = Line(uncorrected);
    controllers[controller].first += corrected;
    controllers[controller].second += uncorrected;
  }
  for (const auto& [folder, sums] : controllers) {
    tree.files[folder + "ce_count"] = Line(sums.first);
    tree.files[folder + "ue_count"] = Line(sums.second);
  }
}

}  // namespace

void AddMemory(Readings& now, Tree& tree) {
  const double total = now.FactNumber("host.mem_total", now.node().profile().host_gib * 1024);
  const double available = now.Now("mem.available");
  const double shared = now.Now("mem.shm_used");
  const double swapped = now.Now("mem.swap_used");
  const double swap = std::max(kSwapMib, swapped);
  const auto row = [](std::string_view name, double mib) {
    return Line(name, ":  ", mib * kKibOfMib, " kB");
  };
  tree.files["/proc/meminfo"] =
      row("MemTotal", total) + row("MemFree", available * 0.8) + row("MemAvailable", available) +
      row("Buffers", 100) + row("Cached", shared + available * 0.15) + row("Shmem", shared) +
      row("Dirty", 1) + row("SwapTotal", swap) + row("SwapFree", swap - swapped) +
      row("HardwareCorrupted", 0) + row("VmallocTotal", 1 << 25) + row("VmallocUsed", 200);
  tree.files["/proc/vmstat"] =
      Line("pswpin ", now.Count("swap in", now.Now("mem.swap_in") * 1e6 / kPageBytes)) +
      Line("pswpout ", now.Count("swap out", now.Now("mem.swap_out") * 1e6 / kPageBytes)) +
      Line("pgmajfault ", now.Now("vm.majfault")) + "pgscan_kswapd 0\npgscan_direct 0\n" +
      Line("oom_kill ", now.Now("vm.oom_kill"));
  const double nodes = std::max(1.0, now.FactNumber("cpu.sockets", 1));
  for (int node = 0; node < static_cast<int>(nodes); ++node) {
    const std::string folder = Join("/sys/devices/system/node/node", node, "/");
    const auto share = [&](std::string_view name, double mib) {
      return Line("Node ", node, " ", name, ": ", mib * kKibOfMib / nodes, " kB");
    };
    tree.files[folder + "meminfo"] = share("MemTotal", total) + share("MemFree", available * 0.8);
    tree.files[folder + "numastat"] =
        Line("numa_hit ", now.Count(Join("numa ", node), 1e5)) + "numa_miss 0\nnuma_foreign 0\n";
  }
  AddDimms(now, tree);
}

}  // namespace gpud::sim_machine
