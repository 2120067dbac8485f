// SPDX-License-Identifier: Apache-2.0
// The facts of a node: those of its profile, changed by the file (specs/diagnosis.md, 5.5 and 5.8).
#include <algorithm>

#include "scenario/node.h"
#include "scenario/sha256.h"

namespace gpud::scenario {
namespace {

// Boards whose owner switches ECC on if he wants it.
bool EccIsOffByDefault(const Profile& profile) { return profile.model == "RTX 4090"; }

std::int64_t Whole(double number) { return static_cast<std::int64_t>(number); }

// `*` stands for one part between dots.
bool FactMatches(std::string_view pattern, std::string_view name) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == name;
  if (name.substr(0, star) != pattern.substr(0, star)) return false;
  const std::string_view rest = name.substr(star);
  const std::size_t part = std::min(rest.find('.'), rest.size());
  for (std::size_t taken = part; taken > 0; --taken) {
    if (FactMatches(pattern.substr(star + 1), rest.substr(taken))) return true;
  }
  return false;
}

// The changes with each pattern replaced by the facts that it names, sorted by name.
Facts Expand(const Facts& changes, const std::map<std::string, FactValue>& known) {
  Facts expanded;
  for (const auto& [pattern, value] : changes) {
    if (pattern.find('*') == std::string::npos) {
      expanded.emplace_back(pattern, value);
      continue;
    }
    for (const auto& fact : known) {
      if (FactMatches(pattern, fact.first)) expanded.emplace_back(fact.first, value);
    }
  }
  std::ranges::stable_sort(expanded, {}, &Facts::value_type::first);
  return expanded;
}

}  // namespace

void Node::MakeFacts() {
  auto& f = start_facts_;
  const Profile& p = profile();
  const auto numa_of = [&](int i) -> std::int64_t {
    return p.numa_nodes > 1 && i >= (p.gpus + 1) / 2;
  };
  for (int i = 0; i < p.gpus; ++i) {
    const Slot slot = SlotOf(p, i);
    const std::string h =
        Hex(Sha256(std::to_string(scenario_.seed) + "|" + name_ + "|gpu|" + std::to_string(i)));
    const std::string gpu = "gpu." + std::to_string(i) + ".";
    f[gpu + "present"] = true;
    f[gpu + "model"] = std::string(p.model);
    f[gpu + "pci"] = slot.gpu;
    f[gpu + "pci_path"] = slot.root_port + "/" + slot.gpu;
    f[gpu + "uuid"] = "GPU-" + h.substr(0, 8) + "-" + h.substr(8, 4) + "-" + h.substr(12, 4) + "-" +
                      h.substr(16, 4) + "-" + h.substr(20, 12);
    f[gpu + "serial"] = "SN" + h.substr(32, 12);
    f[gpu + "numa"] = numa_of(i);
    f[gpu + "mem_total"] = Whole(p.memory_mib);
    f[gpu + "power_limit_default"] = Whole(p.power_watts);
    f[gpu + "clock_sm_max"] = Whole(p.clock_mhz);
    f[gpu + "temp_slowdown"] = Whole(p.slowdown_celsius);
    if (p.memory_limit_celsius) f[gpu + "mem_temp_max"] = Whole(*p.memory_limit_celsius);
    f[gpu + "ecc_mode"] = std::string(EccIsOffByDefault(p) ? "off" : "on");
    f[gpu + "persistence"] = std::string("on");
    f[gpu + "mig_mode"] = std::string("off");
    f[gpu + "mig_instances"] = std::int64_t{0};
    f[gpu + "app_clock_sm"] = Whole(p.clock_mhz);
    f[gpu + "compute_mode"] = std::string("default");
  }
  for (int j = 0; j < p.nics; ++j) {
    const Slot slot = SlotOf(p, j);
    const std::string nic = "nic." + std::to_string(j) + ".";
    f[nic + "present"] = true;
    f[nic + "name"] = "mlx5_" + std::to_string(j);
    f[nic + "pci"] = slot.nic;
    f[nic + "pci_path"] = slot.root_port + "/" + slot.nic;
    f[nic + "numa"] = numa_of(j);
    f[nic + "rail"] = std::int64_t{j};
  }
  for (int k = 0; k < p.switches; ++k) {
    f["switch." + std::to_string(k) + ".pci"] = std::string("0000:0") + "789abcdef"[k] + ":00.0";
  }
  for (const Disk& disk : spec_.disks) {
    f["disk." + disk.name + ".present"] = true;
    f["disk." + disk.name + ".kind"] = disk.kind;
  }
  f["driver.kernel"] = f["driver.library"] = std::string(p.amd() ? "6.12.12" : "575.57.08");
  if (!p.amd()) f["driver.cuda"] = std::string("12.9");
  f["cpu.sockets"] = std::int64_t{p.numa_nodes};
  f["cpu.cores"] = std::int64_t{p.cores};
  f["cpu.base_mhz"] = Whole(p.cpu_mhz);
  f["cpu.governor"] = std::string("performance");
  f["host.mem_total"] = Whole(p.host_gib * 1024);
  for (const auto& [key, value] : spec_.labels) f["label." + key] = value;
  if (!spec_.job.empty()) f["job"] = spec_.job;
}

void Node::ApplyFactChanges() {
  for (auto& [name, value] : Expand(spec_.facts, start_facts_)) start_facts_[name] = value;
  for (const auto& [name, value] : start_facts_) facts_.push_back({0, name, value});
  std::vector<const FactChange*> changes;
  for (const FactChange& change : scenario_.facts) {
    if (AnyGlobMatches(change.nodes, name_)) changes.push_back(&change);
  }
  std::ranges::stable_sort(changes, {}, [](const FactChange* change) { return change->t; });
  auto known = start_facts_;
  for (const FactChange* change : changes) {
    for (auto& [name, value] : Expand(change->set, known)) {
      known[name] = value;
      facts_.push_back({change->t, name, value});
    }
  }
  for (const FactAt& fact : facts_) facts_by_name_[fact.name].emplace_back(fact.t, fact.value);
}

}  // namespace gpud::scenario
