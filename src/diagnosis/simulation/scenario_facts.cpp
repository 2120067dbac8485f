// SPDX-License-Identifier: Apache-2.0
// The facts of a node of a scenario, as rules see them.
#include "diagnosis/simulation/scenario_feed.h"
#include "platform/text.h"

namespace gpud::diagnosis {
namespace {

using scenario::FactValue;

std::string Text(const FactValue* value) {
  if (!value) return {};
  if (const auto* text = std::get_if<std::string>(value)) return *text;
  if (const auto* whole = std::get_if<std::int64_t>(value)) return std::to_string(*whole);
  if (const auto* number = std::get_if<double>(value)) return std::to_string(*number);
  return std::get<bool>(*value) ? "true" : "false";
}

double Number(const FactValue* value) {
  if (!value) return kAbsent;
  if (const auto* whole = std::get_if<std::int64_t>(value)) return static_cast<double>(*whole);
  if (const auto* number = std::get_if<double>(value)) return *number;
  return kAbsent;
}

bool IsTrue(const FactValue* value) {
  const bool* truth = value ? std::get_if<bool>(value) : nullptr;
  return !truth || *truth;
}

int Whole(const FactValue* value) {
  const double number = Number(value);
  return std::isnan(number) ? 0 : static_cast<int>(number);
}

std::vector<std::string> Names(const scenario::Node& node, std::string_view signal) {
  std::vector<std::string> names;
  for (const scenario::Tags& tags : node.LabelSets(*scenario::FindSignal(signal))) {
    names.push_back(node.TextOf(tags[0]));
  }
  return names;
}

void ReadDevices(const scenario::Node& node, Seconds t, NodeFacts& facts) {
  const auto fact = [&](const std::string& name) { return node.FactNow(name, t); };
  for (int i = 0; i < node.profile().gpus; ++i) {
    const std::string gpu = "gpu." + std::to_string(i) + ".";
    facts.gpus.push_back({.model = Text(fact(gpu + "model")),
                          .pci = Text(fact(gpu + "pci")),
                          .pci_path = Text(fact(gpu + "pci_path")),
                          .uuid = Text(fact(gpu + "uuid")),
                          .serial = Text(fact(gpu + "serial")),
                          .numa = Whole(fact(gpu + "numa")),
                          .memory_mib = Number(fact(gpu + "mem_total")),
                          .power_default = Number(fact(gpu + "power_limit_default")),
                          .clock_max = Number(fact(gpu + "clock_sm_max")),
                          .app_clock = Number(fact(gpu + "app_clock_sm")),
                          .temp_slowdown = Number(fact(gpu + "temp_slowdown")),
                          .mem_temp_max = Number(fact(gpu + "mem_temp_max")),
                          .ecc_mode = Text(fact(gpu + "ecc_mode")),
                          .persistence = Text(fact(gpu + "persistence")),
                          .mig_mode = Text(fact(gpu + "mig_mode")),
                          .mig_pending = Text(fact(gpu + "mig_mode_pending")),
                          .mig_instances = Whole(fact(gpu + "mig_instances")),
                          .present = IsTrue(fact(gpu + "present"))});
  }
  for (int j = 0; j < node.profile().nics; ++j) {
    const std::string nic = "nic." + std::to_string(j) + ".";
    facts.nics.push_back({.name = Text(fact(nic + "name")),
                          .pci = Text(fact(nic + "pci")),
                          .pci_path = Text(fact(nic + "pci_path")),
                          .numa = Whole(fact(nic + "numa")),
                          .rail = Whole(fact(nic + "rail")),
                          .present = IsTrue(fact(nic + "present"))});
  }
  for (int k = 0; k < node.profile().switches; ++k) {
    facts.switches.push_back(Text(fact("switch." + std::to_string(k) + ".pci")));
  }
  for (const scenario::Disk& disk : node.spec().disks) {
    facts.disks.push_back({.name = disk.name,
                           .kind = disk.kind,
                           .present = IsTrue(fact("disk." + disk.name + ".present"))});
  }
}

}  // namespace

NodeFacts FactsOf(const scenario::Node& node, Seconds t) {
  NodeFacts facts{.name = node.name(), .job = node.spec().job};
  facts.labels = node.spec().labels;
  ReadDevices(node, t, facts);
  for (const scenario::Mount& mount : node.spec().mounts) {
    facts.mounts.push_back({.path = mount.path,
                            .type = mount.fstype,
                            .disk = mount.disk,
                            .server = mount.server,
                            .nic = mount.nic});
  }
  facts.cgroups = Names(node, "cgroup.cpu.usage");
  facts.services = Names(node, "svc.active");
  facts.fans = Names(node, "bmc.fan");
  facts.psus = Names(node, "bmc.psu_ok");
  facts.dimms = Names(node, "mem.edac.ce");
  facts.jobs = Names(node, "job.step_time");
  for (const scenario::FactAt& fact : node.facts()) {
    // nvlink.GPU.LINK.peer
    if (fact.t > t || !fact.name.starts_with("nvlink.") || !fact.name.ends_with(".peer")) continue;
    const auto parts = Split(fact.name, '.');
    if (parts.size() != 4) continue;
    facts.peers.push_back({.gpu = ParseNumber<int>(parts[1]).value_or(-1),
                           .link = ParseNumber<int>(parts[2]).value_or(-1),
                           .to = Text(&fact.value)});
  }
  facts.driver_kernel = Text(node.FactNow("driver.kernel", t));
  facts.driver_library = Text(node.FactNow("driver.library", t));
  facts.cores = Number(node.FactNow("cpu.cores", t));
  facts.base_mhz = Number(node.FactNow("cpu.base_mhz", t));
  facts.memory_mib = Number(node.FactNow("host.mem_total", t));
  facts.numa_nodes = Whole(node.FactNow("cpu.sockets", t));
  facts.uptime = node.scenario().uptime_s;
  return facts;
}

}  // namespace gpud::diagnosis
