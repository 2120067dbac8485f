// SPDX-License-Identifier: Apache-2.0
// One node of a scenario: its processes, its facts over time, and which label values it has.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenario/document.h"

namespace gpud::scenario {

/// One label of a series. `id`: a number (gpu, link, pid) or the place in the node's list of names.
struct Tag {
  Label label = Label::kNone;
  std::int64_t id = 0;

  auto operator<=>(const Tag&) const = default;
};
using Tags = std::vector<Tag>;  // at most two

/// A fact that begins to hold at `t`.
struct FactAt {
  double t = 0;
  std::string name;
  FactValue value;
};

/// Times in rising order; true: from then on the device is there.
using Presence = std::vector<std::pair<double, bool>>;

inline bool IsThere(const Presence& presence, double t) {
  bool there = true;
  for (const auto& [from, value] : presence) {
    if (from <= t) there = value;
  }
  return there;
}

class Node {
 public:
  /// `scenario` and `spec`, which is one of its nodes, outlive the node.
  Node(const Scenario& scenario, const NodeSpec& spec, std::string name);

  const Scenario& scenario() const { return scenario_; }
  const NodeSpec& spec() const { return spec_; }
  const Profile& profile() const { return spec_.profile; }
  const std::string& name() const { return name_; }
  /// Sorted by pid.
  const std::vector<Process>& processes() const { return processes_; }
  const Process* FindProcess(std::int64_t pid) const;
  const std::vector<Cgroup>& cgroups() const { return cgroups_; }
  /// Another node runs the same job.
  bool job_spans_nodes() const { return job_spans_nodes_; }
  /// The disk of /data; "" when it is remote.
  const std::string& data_disk() const { return data_disk_; }

  /// The facts at t = 0 and their changes, in order.
  const std::vector<FactAt>& facts() const { return facts_; }
  /// The value at `t`; null when there is no such fact (yet).
  const FactValue* FactNow(std::string_view name, double t) const;

  /// "3", "mlx5_1", "/data".
  std::string TextOf(Tag tag) const;
  /// "gpu=3,pid=10003": sorted by label.
  std::string TextOf(const Tags& tags) const;
  /// Every set of labels that the signal has here.
  std::vector<Tags> LabelSets(const Signal& signal) const;
  /// From when on the device is there or not (its fact `present`); null for one that never leaves.
  const Presence* PresenceOf(Tag tag) const;

 private:
  std::vector<std::string> NamesOf(Label label) const;
  std::vector<std::int64_t> IdsOf(Label label) const;
  void MakeFacts();
  void ApplyFactChanges();
  void MakePresence();

  const Scenario& scenario_;
  const NodeSpec& spec_;
  std::string name_;
  bool job_spans_nodes_ = false;
  std::vector<Process> processes_;
  std::vector<Cgroup> cgroups_;
  std::string data_disk_;
  std::vector<std::string> services_;
  std::map<std::string, FactValue> start_facts_;
  std::vector<FactAt> facts_;
  std::map<std::string, std::vector<std::pair<double, FactValue>>, std::less<>> facts_by_name_;
  std::map<std::string, Presence> presence_;  ///< by "label=value"
};

/// The nodes of a scenario, `count` expanded, in the order of the file.
std::vector<Node> NodesOf(const Scenario& scenario);

}  // namespace gpud::scenario
