// SPDX-License-Identifier: Apache-2.0
// `nodes` of a scenario file.
#include <algorithm>
#include <cctype>

#include "scenario/default_processes.h"
#include "scenario/parse.h"

namespace gpud::scenario {
namespace {

constexpr std::string_view kWorkloads[] = {"idle", "train", "infer"};
constexpr std::string_view kRoles[] = {"trainer", "loader", "server", "other"};
constexpr std::string_view kExits[] = {"normal", "killed", "oom"};
constexpr std::string_view kStates[] = {"R", "S", "D", "Z"};
constexpr std::string_view kDiskKinds[] = {"nvme", "ssd", "hdd"};

bool IsName(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return std::islower(c) || std::isdigit(c) || c == '-';
  });
}

std::string Item(const std::string& where, std::string_view list, std::size_t i) {
  return where + "." + std::string(list) + "[" + std::to_string(i) + "]";
}

template <class Row>
bool Has(const std::vector<Row>& rows, const std::string& name, std::string Row::*key) {
  return std::ranges::find(rows, name, key) != rows.end();
}

Process ReadProcess(const Yaml& value, const std::string& where, const NodeSpec& node,
                    Mistakes& mistakes) {
  Process process;
  MapReader map(value, where, mistakes);
  map.Need("pid");
  map.Integer("pid", process.pid, {.low = 1});
  map.Need("name");
  map.Text("name", process.name);
  map.Need("role");
  map.Word("role", process.role, kRoles);
  map.Integer("ppid", process.ppid, kNotNegative);
  map.Text("user", process.user);
  map.Number("start_s", process.start_s);
  map.Number("stop_s", process.stop_s, kNotNegative);
  map.Word("exit", process.exit, kExits);
  for (const Yaml& gpu : map.List("gpus")) {
    const auto index = gpu.Integer();
    if (index && *index >= 0 && *index < node.profile.gpus) {
      process.gpus.push_back(static_cast<int>(*index));
    } else {
      map.Wrong(gpu, "gpus", "'" + gpu.text + "' is no GPU of the node");
    }
  }
  map.Number("gpu_mem_mib", process.gpu_mem_mib, kNotNegative);
  map.Number("cpu", process.cpu, kNotNegative);
  map.Number("rss_mib", process.rss_mib, kNotNegative);
  std::string state(1, process.state);
  map.Word("state", state, kStates);
  process.state = state[0];
  map.Text("mount", process.mount);
  map.Text("cgroup", process.cgroup);
  map.Text("container", process.container);
  map.Text("pod", process.pod);
  map.Text("namespace", process.namespace_name);
  map.Truth("listens", process.listens);
  if (!process.mount.empty() && !Has(node.mounts, process.mount, &Mount::path)) {
    mistakes.Add(value.line, where, "unknown mount '" + process.mount + "'");
  }
  const bool job = process.cgroup == "job" && node.workload == Workload::kTrain;
  if (!process.cgroup.empty() && !job && !Has(node.cgroups, process.cgroup, &Cgroup::name)) {
    mistakes.Add(value.line, where, "unknown cgroup '" + process.cgroup + "'");
  }
  map.Finish();
  return process;
}

void ReadStorage(MapReader& map, NodeSpec& node) {
  if (map.Find("disks")) node.disks.clear();
  const auto disks = map.List("disks");
  for (std::size_t i = 0; i < disks.size(); ++i) {
    MapReader item(disks[i], Item(map.where(), "disks", i), map.mistakes());
    Disk& disk = node.disks.emplace_back();
    item.Need("name");
    item.Text("name", disk.name);
    item.Need("kind");
    item.Word("kind", disk.kind, kDiskKinds);
    item.Finish();
  }
  if (map.Find("mounts")) node.mounts.clear();
  const auto mounts = map.List("mounts");
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    MapReader item(mounts[i], Item(map.where(), "mounts", i), map.mistakes());
    Mount& mount = node.mounts.emplace_back();
    item.Need("path");
    item.Text("path", mount.path);
    item.Need("fstype");
    item.Text("fstype", mount.fstype);
    item.Text("disk", mount.disk);
    item.Text("server", mount.server);
    item.Text("nic", mount.nic);
    if (!mount.disk.empty() && !Has(node.disks, mount.disk, &Disk::name)) {
      map.mistakes().Add(mounts[i].line, item.where(), "unknown disk '" + mount.disk + "'");
    }
    item.Finish();
  }
}

void ReadCgroups(MapReader& map, NodeSpec& node) {
  const auto cgroups = map.List("cgroups");
  for (std::size_t i = 0; i < cgroups.size(); ++i) {
    MapReader item(cgroups[i], Item(map.where(), "cgroups", i), map.mistakes());
    Cgroup& cgroup = node.cgroups.emplace_back();
    item.Need("name");
    item.Text("name", cgroup.name);
    item.Number("cpu_limit", cgroup.cpu_limit, kNotNegative);
    item.Number("mem_limit_mib", cgroup.memory_limit_mib, kNotNegative);
    item.Finish();
  }
}

}  // namespace

Facts ReadFacts(const Yaml& value, const std::string& where, Mistakes& mistakes) {
  Facts facts;
  if (value.type != Yaml::Type::kMap) {
    mistakes.Add(value.line, where, "must be a map of facts");
    return facts;
  }
  for (const auto& [name, fact] : value.members) {
    const bool word = name.ends_with(".ecc_mode") || name.ends_with(".persistence") ||
                      name.ends_with(".mig_mode");
    if (fact.type != Yaml::Type::kScalar) {
      mistakes.Add(fact.line, where, name + ": must be a text, a number or true/false");
    } else if (const auto truth = fact.Truth()) {
      if (word) mistakes.Add(fact.line, where, name + ": write on and off in quotes");
      facts.emplace_back(name, *truth);
    } else if (const auto whole = fact.Integer()) {
      facts.emplace_back(name, *whole);
    } else if (const auto number = fact.Number()) {
      facts.emplace_back(name, *number);
    } else {
      facts.emplace_back(name, fact.text);
    }
  }
  return facts;
}

NodeSpec ReadNode(const Yaml& value, const std::string& where, Mistakes& mistakes) {
  NodeSpec node;
  MapReader map(value, where, mistakes);
  const Yaml* name = map.Need("name");
  if (name && (!name->IsText() || !IsName(name->text))) {
    map.Wrong(*name, "name", "must be of a-z, 0-9 and -");
  } else if (name) {
    node.name = name->text;
  }
  map.Integer("count", node.count, {.low = 1, .high = 10000});
  map.Need("profile");
  map.Text("profile", node.profile_name);
  if (const auto profile = FindProfile(node.profile_name)) {
    node.profile = *profile;
  } else if (!node.profile_name.empty()) {
    mistakes.Add(value.line, where,
                 "unknown profile '" + node.profile_name + "'; there are " + ProfileNames());
  }
  std::string workload = "idle";
  map.Word("workload", workload, kWorkloads);
  node.workload = static_cast<Workload>(std::ranges::find(kWorkloads, workload) - kWorkloads);
  map.Text("job", node.job);
  if (const Yaml* labels = map.Find("labels")) {
    MapReader of(*labels, where + ".labels", mistakes);
    for (const auto& member : labels->members) {
      of.Text(member.key, node.labels.emplace_back(member.key, "").second);
    }
  }
  if (const Yaml* facts = map.Find("facts")) {
    node.facts = ReadFacts(*facts, where + ".facts", mistakes);
  }
  map.Truth("default_processes", node.default_processes);
  ReadCgroups(map, node);
  ReadStorage(map, node);
  const auto processes = map.List("processes");
  for (std::size_t i = 0; i < processes.size(); ++i) {
    const std::string at = Item(where, "processes", i);
    Process process = ReadProcess(processes[i], at, node, mistakes);
    if (std::ranges::find(node.processes, process.pid, &Process::pid) != node.processes.end()) {
      mistakes.Add(processes[i].line, at,
                   "pid " + std::to_string(process.pid) + " is listed twice");
    }
    node.processes.push_back(std::move(process));
  }
  map.Finish();
  return node;
}

}  // namespace gpud::scenario
