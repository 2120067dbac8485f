// SPDX-License-Identifier: Apache-2.0
#include "scenario/node.h"

#include <algorithm>

#include "scenario/default_processes.h"

namespace gpud::scenario {
namespace {

std::vector<std::string> Numbered(std::string_view prefix, int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back(std::string(prefix) + std::to_string(i));
  return names;
}

bool RunsOnSeveralNodes(const Scenario& scenario, const std::string& job) {
  int nodes = 0;
  for (const NodeSpec& spec : scenario.nodes) nodes += spec.job == job ? spec.count : 0;
  return !job.empty() && nodes > 1;
}

std::string DataDisk(const NodeSpec& spec) {
  for (const Mount& mount : spec.mounts) {
    if (mount.path == "/data") return mount.disk;
  }
  return spec.disks.empty() ? "" : spec.disks.back().name;
}

}  // namespace

Node::Node(const Scenario& scenario, const NodeSpec& spec, std::string name)
    : scenario_(scenario),
      spec_(spec),
      name_(std::move(name)),
      job_spans_nodes_(RunsOnSeveralNodes(scenario, spec.job)),
      processes_(ProcessesOf(spec)),
      data_disk_(DataDisk(spec)),
      services_({"persistenced", "container_runtime", "kubelet", "timesync"}) {
  if (spec.workload == Workload::kTrain) cgroups_.push_back({.name = "job"});
  for (const Cgroup& cgroup : spec.cgroups) {
    const auto known = std::ranges::find(cgroups_, cgroup.name, &Cgroup::name);
    if (known == cgroups_.end()) {
      cgroups_.push_back(cgroup);
    } else {
      *known = cgroup;
    }
  }
  if (profile().switches > 0) services_.push_back("fabricmanager");
  const bool imex = std::ranges::any_of(scenario.signals, [&](const SignalEntry& entry) {
    return AnyGlobMatches(entry.nodes, name_) &&
           std::ranges::any_of(entry.labels, [](const auto& label) {
             return label.first == "service" &&
                    std::ranges::find(label.second, "imex") != label.second.end();
           });
  });
  if (imex) services_.push_back("imex");
  MakeFacts();
  ApplyFactChanges();
  MakePresence();
}

const Process* Node::FindProcess(std::int64_t pid) const {
  const auto found = std::ranges::lower_bound(processes_, pid, {}, &Process::pid);
  return found != processes_.end() && found->pid == pid ? &*found : nullptr;
}

std::vector<std::string> Node::NamesOf(Label label) const {
  const auto column = [](const auto& rows, auto key) {
    std::vector<std::string> names;
    for (const auto& row : rows) names.push_back(row.*key);
    return names;
  };
  switch (label) {
    case Label::kCgroup:
      return column(cgroups_, &Cgroup::name);
    case Label::kDisk:
      return column(spec_.disks, &Disk::name);
    case Label::kMount:
      return column(spec_.mounts, &Mount::path);
    case Label::kNic:
      return Numbered("mlx5_", profile().nics);
    case Label::kService:
      return services_;
    case Label::kFan:
      return Numbered("fan", 8);
    case Label::kPsu:
      return Numbered("psu", 4);
    case Label::kDimm: {
      std::vector<std::string> names;
      for (int i = 0; i < 8; ++i) {
        names.push_back("mc" + std::to_string(i / 2) + "ch" + std::to_string(i % 2) + "d0");
      }
      return names;
    }
    case Label::kJob:
      return spec_.job.empty() ? std::vector<std::string>{} : std::vector{spec_.job};
    case Label::kNone:
    case Label::kGpu:
    case Label::kLink:
    case Label::kPid:
      break;
  }
  return {};
}

std::vector<std::int64_t> Node::IdsOf(Label label) const {
  std::vector<std::int64_t> ids;
  if (label == Label::kPid) {
    for (const Process& process : processes_) ids.push_back(process.pid);
    return ids;
  }
  const std::int64_t count = label == Label::kGpu    ? profile().gpus
                             : label == Label::kLink ? profile().links
                                                     : std::ssize(NamesOf(label));
  for (std::int64_t i = 0; i < count; ++i) ids.push_back(i);
  return ids;
}

std::string Node::TextOf(Tag tag) const {
  if (tag.label == Label::kGpu || tag.label == Label::kLink || tag.label == Label::kPid) {
    return std::to_string(tag.id);
  }
  return NamesOf(tag.label).at(static_cast<std::size_t>(tag.id));
}

std::string Node::TextOf(const Tags& tags) const {
  // Labels of two-label signals are listed in rising order ("gpu" before "link" and "pid").
  std::string text;
  for (const Tag& tag : tags) {
    text += (text.empty() ? "" : ",") + std::string(LabelName(tag.label)) + "=" + TextOf(tag);
  }
  return text;
}

std::vector<Tags> Node::LabelSets(const Signal& signal) const {
  const auto [first, second] = signal.labels;
  std::vector<Tags> sets;
  if (first == Label::kNone) return {Tags{}};
  if (second == Label::kPid) {
    for (const Process& process : processes_) {
      for (const int gpu : process.gpus) sets.push_back({{first, gpu}, {second, process.pid}});
    }
    return sets;
  }
  for (const std::int64_t id : IdsOf(first)) {
    if (second == Label::kNone) {
      sets.push_back({{first, id}});
    } else {
      for (const std::int64_t other : IdsOf(second)) sets.push_back({{first, id}, {second, other}});
    }
  }
  if (signal.also_nic) {
    for (const std::int64_t nic : IdsOf(Label::kNic)) sets.push_back({{Label::kNic, nic}});
  }
  return sets;
}

const Presence* Node::PresenceOf(Tag tag) const {
  const auto found = presence_.find(std::string(LabelName(tag.label)) + "=" + TextOf(tag));
  return found == presence_.end() ? nullptr : &found->second;
}

void Node::MakePresence() {
  constexpr std::string_view kEnd = ".present";
  std::vector<std::string> leaving;
  for (const FactAt& fact : facts_) {
    const bool* value = std::get_if<bool>(&fact.value);
    if (fact.name.ends_with(kEnd) && value && !*value) leaving.push_back(fact.name);
  }
  for (const std::string& name : leaving) {
    const std::size_t dot = name.find('.');
    const std::string kind = name.substr(0, dot);
    if (dot + 1 > name.size() - kEnd.size()) continue;  // "x.present" names no device
    const std::string which = name.substr(dot + 1, name.size() - kEnd.size() - dot - 1);
    auto& changes = presence_[kind + "=" + (kind == "nic" ? "mlx5_" : "") + which];
    changes.clear();
    for (const FactAt& fact : facts_) {
      if (fact.name != name) continue;
      const bool* value = std::get_if<bool>(&fact.value);
      changes.emplace_back(fact.t, !value || *value);
    }
  }
}

const FactValue* Node::FactNow(std::string_view name, double t) const {
  const auto found = facts_by_name_.find(name);
  if (found == facts_by_name_.end()) return nullptr;
  const FactValue* now = nullptr;
  for (const auto& [from, value] : found->second) {
    if (from <= t) now = &value;
  }
  return now;
}

std::vector<Node> NodesOf(const Scenario& scenario) {
  std::vector<Node> nodes;
  for (const NodeSpec& spec : scenario.nodes) {
    for (std::string& name : spec.Names()) nodes.emplace_back(scenario, spec, std::move(name));
  }
  return nodes;
}

}  // namespace gpud::scenario
