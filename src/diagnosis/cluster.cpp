// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/cluster.h"

#include <algorithm>
#include <map>
#include <set>

#include "diagnosis/edges.h"

namespace gpud::diagnosis {
namespace {

constexpr Seconds kTogether = 120;
constexpr Seconds kTransient = 60;

double Median(std::vector<double> numbers) { return MedianOf(numbers); }

bool Counts(const NodeIncident& incident) {
  return incident.severity >= Severity::kWarning && incident.confidence >= 0.5;
}

bool Holds(const std::vector<std::pair<int, int>>& list, int node, int incident) {
  return std::ranges::find(list, std::pair(node, incident)) != list.end();
}

std::string Text(double value) { return std::to_string(std::llround(value)); }

class ClusterLook {
 public:
  ClusterLook(const std::vector<ClusterNode>& nodes, Seconds step) : nodes_(nodes), step_(step) {}

  ClusterFindings Run() {
    std::map<std::string, std::vector<int>> jobs;
    for (std::size_t n = 0; n < nodes_.size(); ++n) {
      if (!nodes_[n].job.empty()) jobs[nodes_[n].job].push_back(static_cast<int>(n));
    }
    for (const auto& [job, members] : jobs) {
      if (members.size() < 4) continue;
      RailsByTraffic(members);
      RailsByVerdicts(members);
    }
    for (const auto& [job, members] : jobs) Hangs(members);
    CommonCauses();
    for (const auto& [job, members] : jobs) {
      if (members.size() >= 4) Stragglers(members);
    }
    return {.found = std::move(found_), .moved = std::move(moved_)};
  }

 private:
  const NodeIncident& At(std::pair<int, int> which) const {
    return nodes_[static_cast<std::size_t>(which.first)]
        .incidents[static_cast<std::size_t>(which.second)];
  }

  bool IsExplained(int node, int incident) const {
    const bool moved = std::ranges::any_of(
        moved_, [&](const Moved& move) { return move.effect == std::pair(node, incident); });
    return moved || std::ranges::any_of(found_, [&](const ClusterFinding& found) {
             return Holds(found.explained, node, incident);
           });
  }

  void Explain(ClusterFinding& found, int node, int incident) {
    found.explained.emplace_back(node, incident);
    const NodeIncident& below = At({node, incident});
    const auto add = [&](std::string_view id) {
      if (std::ranges::find(found.chain, id) == found.chain.end()) found.chain.push_back(id);
    };
    add(below.id);
    for (const std::string_view id : below.chain) add(id);
  }

  ClusterFinding& Add(std::string_view id, Severity severity, double base, Seconds onset,
                      Seconds detected) {
    ClusterFinding found;
    found.finding = {
        .id = id, .severity = severity, .confidence = base, .onset = onset, .detected = detected};
    found_.push_back(std::move(found));
    return found_.back();
  }

  void AddRail(int rail, const std::vector<int>& members, Seconds onset, Seconds detected,
               double here, double others) {
    for (const ClusterFinding& found : found_) {
      if (found.finding.id == "cluster.rail_slow" && found.finding.subject == rail) return;
    }
    ClusterFinding& found = Add("cluster.rail_slow", Severity::kCritical, 0.85, onset, detected);
    found.finding.subject = rail;
    found.finding.draft.devices = {"rail-" + std::to_string(rail)};
    found.finding.draft.numbers = {std::to_string(rail), Text(here), Text(others),
                                   std::to_string(members.size())};
    for (const int n : members) {
      found.finding.nodes.push_back(nodes_[static_cast<std::size_t>(n)].name);
      const auto& incidents = nodes_[static_cast<std::size_t>(n)].incidents;
      for (std::size_t i = 0; i < incidents.size(); ++i) {
        const bool of_rail =
            std::ranges::find(incidents[i].rails, rail) != incidents[i].rails.end();
        const bool kind =
            incidents[i].id == "net.rdma_retrans" || incidents[i].id == "net.congestion";
        if (of_rail && kind) Explain(found, n, static_cast<int>(i));
      }
    }
  }

  void RailsByTraffic(const std::vector<int>& members) {
    const auto& first = nodes_[static_cast<std::size_t>(members.front())].digests;
    const std::size_t rails = first.empty() ? 0 : first.front().rails.size();
    for (std::size_t rail = 0; rails >= 2 && rail < rails; ++rail) {
      Seconds since = -1;
      bool was_used = false;
      double usual = 0;
      for (std::size_t k = 0; k < first.size(); ++k) {
        std::vector<double> mine, others;
        std::vector<int> agree;
        for (const int n : members) {
          const auto& digests = nodes_[static_cast<std::size_t>(n)].digests;
          if (k >= digests.size() || digests[k].rails.size() != rails) continue;
          std::vector<double> rest;
          for (std::size_t r = 0; r < rails; ++r) {
            if (r != rail) rest.push_back(static_cast<double>(digests[k].rails[r]));
          }
          const auto here = static_cast<double>(digests[k].rails[rail]);
          const double median = Median(rest);
          if (std::isnan(here) || std::isnan(median)) continue;
          mine.push_back(here);
          others.push_back(median);
          if (here <= 0.7 * median) agree.push_back(n);
        }
        if (mine.size() < 4) continue;
        const double here = Median(mine), there = Median(others);
        usual = std::max(usual, here);
        was_used |= here >= 200;
        const bool slow =
            there >= 500 && here <= 0.7 * there && was_used &&
            static_cast<double>(agree.size()) >= 0.7 * static_cast<double>(mine.size());
        if (!slow) {
          since = -1;
          continue;
        }
        const Seconds now = static_cast<Seconds>(k) * step_;
        if (since < 0) since = now;
        if (now - since >= 300) {
          AddRail(static_cast<int>(rail), agree, since - 150, now, here, there);
          break;
        }
      }
    }
  }

  /// The same complaint about one rail, and no other, on many nodes.
  void RailsByVerdicts(const std::vector<int>& members) {
    std::map<int, std::vector<std::pair<int, int>>> by_rail;
    for (const int n : members) {
      const auto& incidents = nodes_[static_cast<std::size_t>(n)].incidents;
      for (std::size_t i = 0; i < incidents.size(); ++i) {
        if (incidents[i].id != "net.rdma_retrans" && incidents[i].id != "net.congestion") continue;
        if (!Counts(incidents[i])) continue;
        for (const int rail : incidents[i].rails)
          by_rail[rail].emplace_back(n, static_cast<int>(i));
      }
    }
    for (const auto& [rail, complaints] : by_rail) {
      std::set<int> complaining;
      Seconds onset = 1e18, detected = 0;
      std::vector<Seconds> opened;
      for (const auto& [n, i] : complaints) {
        if (!complaining.insert(n).second) continue;
        onset = std::min(onset, At({n, i}).onset);
        opened.push_back(At({n, i}).opened);
      }
      const std::size_t enough = std::max<std::size_t>(3, (members.size() + 1) / 2);
      if (complaining.size() < enough) continue;
      const bool others = std::ranges::any_of(by_rail, [&, r = rail](const auto& other) {
        std::set<int> nodes;
        for (const auto& [n, i] : other.second) nodes.insert(n);
        return other.first != r && nodes.size() >= enough;
      });
      if (others) continue;
      std::ranges::sort(opened);
      detected = opened[enough - 1];
      AddRail(rail, {complaining.begin(), complaining.end()}, onset, detected, 0, 0);
    }
  }

  /// A rank that stops on one node hangs the job on all.
  void Hangs(const std::vector<int>& members) {
    for (const int n : members) {
      const auto& incidents = nodes_[static_cast<std::size_t>(n)].incidents;
      for (std::size_t i = 0; i < incidents.size(); ++i) {
        if (incidents[i].id != "compute.hung_collective") continue;
        const auto cause = StopOf(members, incidents[i].onset);
        if (cause.first >= 0) {
          moved_.push_back({.effect = {n, static_cast<int>(i)}, .cause = cause});
        }
      }
    }
  }

  /// What stopped a rank of these nodes before; (-1, -1) when nothing is known.
  std::pair<int, int> StopOf(const std::vector<int>& members, Seconds hang) const {
    for (const int n : members) {
      const auto& incidents = nodes_[static_cast<std::size_t>(n)].incidents;
      for (std::size_t i = 0; i < incidents.size(); ++i) {
        const NodeIncident& other = incidents[i];
        if (!Counts(other) || other.id == "compute.hung_collective") continue;
        if (other.onset > hang + kTogether || (other.closed >= 0 && other.closed < hang)) continue;
        if (FindEdge(other.id, "compute.hung_collective")) return {n, static_cast<int>(i)};
      }
    }
    return {-1, -1};
  }

  /// Groups of nodes that share something; the last is all of them.
  /// In the order in which they are the likelier cause, the small before the large.
  std::vector<std::pair<std::string, std::vector<int>>> Groups(std::string_view id) const {
    std::map<std::string, std::vector<int>> servers, labels, drivers;
    std::vector<int> all;
    for (std::size_t n = 0; n < nodes_.size(); ++n) {
      const int node = static_cast<int>(n);
      all.push_back(node);
      for (const auto& [key, value] : nodes_[n].labels) labels[key + " " + value].push_back(node);
      for (const std::string& server : nodes_[n].servers) {
        servers["file server " + server].push_back(node);
      }
      drivers["driver " + nodes_[n].driver].push_back(node);
    }
    const bool files = id.starts_with("storage.") || id.starts_with("data.");
    std::vector<std::pair<std::string, std::vector<int>>> groups;
    for (const auto* some : {files ? &servers : &labels, files ? &labels : &servers, &drivers}) {
      groups.insert(groups.end(), some->begin(), some->end());
    }
    groups.emplace_back("all nodes", all);
    std::ranges::stable_sort(groups, {}, [](const auto& group) { return group.second.size(); });
    return groups;
  }

  void CommonCauses() {
    std::map<std::string_view, std::vector<std::pair<int, int>>> by_id;
    for (std::size_t n = 0; n < nodes_.size(); ++n) {
      for (std::size_t i = 0; i < nodes_[n].incidents.size(); ++i) {
        const NodeIncident& incident = nodes_[n].incidents[i];
        // A program that hits its own bug on all its nodes is the program.
        if (!Counts(incident) || incident.id == "app.gpu_fault") continue;
        if (IsExplained(static_cast<int>(n), static_cast<int>(i))) continue;
        by_id[incident.id].emplace_back(static_cast<int>(n), static_cast<int>(i));
      }
    }
    for (auto& [id, members] : by_id) {
      std::ranges::sort(members, {}, [&](const auto& m) { return At(m).onset; });
      for (std::size_t from = 0; from < members.size();) {
        std::vector<std::pair<int, int>> burst;
        std::set<int> distinct;
        std::size_t to = from;
        for (; to < members.size() && At(members[to]).onset <= At(members[from]).onset + kTogether;
             ++to) {
          burst.push_back(members[to]);
          distinct.insert(members[to].first);
        }
        if (distinct.size() >= 3 && Join(id, burst, distinct)) {
          from = to;
        } else {
          ++from;
        }
      }
    }
  }

  bool Join(std::string_view id, const std::vector<std::pair<int, int>>& burst,
            const std::set<int>& distinct) {
    std::string shared;
    std::size_t explained = 0;
    for (const auto& [name, group] : Groups(id)) {
      const auto inside = static_cast<std::size_t>(
          std::ranges::count_if(group, [&](int n) { return distinct.contains(n); }));
      if (inside < 3 || 5 * inside < group.size()) continue;
      if (inside > explained) {  // the smallest group that explains most
        explained = inside;
        shared = name;
      }
    }
    if (explained < 3) return false;
    std::vector<Seconds> opened;
    std::set<int> seen;
    Severity severity = Severity::kWarning;
    Seconds onset = 1e18, last = 0, closed = 0;
    bool open = false;
    for (const auto& member : burst) {
      const NodeIncident& incident = At(member);
      severity = std::max(severity, incident.severity);
      onset = std::min(onset, incident.onset);
      last = std::max(last, incident.onset);
      open |= incident.closed < 0;
      closed = std::max(closed, incident.closed);
      if (seen.insert(member.first).second) opened.push_back(incident.opened);
    }
    std::ranges::sort(opened);
    ClusterFinding& found = Add("cluster.common_cause", severity, 0.85, onset, opened[2]);
    found.closed = open ? -1 : closed;
    for (const int n : distinct) {
      found.finding.nodes.push_back(nodes_[static_cast<std::size_t>(n)].name);
    }
    found.finding.draft.numbers = {std::to_string(distinct.size()), std::string(id),
                                   Text(last - onset), shared};
    for (const auto& [n, i] : burst) Explain(found, n, i);
    return true;
  }

  void Stragglers(const std::vector<int>& members) {
    const std::size_t steps = nodes_[static_cast<std::size_t>(members.front())].digests.size();
    for (const int n : members) {
      Seconds since = -1;
      for (std::size_t k = 0; k < steps; ++k) {
        const Seconds now = static_cast<Seconds>(k) * step_;
        const auto& mine = nodes_[static_cast<std::size_t>(n)].digests[k];
        std::vector<double> clocks, utils, times;
        for (const int other : members) {
          if (other == n || k >= nodes_[static_cast<std::size_t>(other)].digests.size()) continue;
          const NodeDigest& digest = nodes_[static_cast<std::size_t>(other)].digests[k];
          clocks.push_back(static_cast<double>(digest.clock));
          utils.push_back(static_cast<double>(digest.util));
          times.push_back(static_cast<double>(digest.step_time));
        }
        const double clock = Median(clocks), util = Median(utils), time = Median(times);
        const bool slow = static_cast<double>(mine.clock) <= 0.93 * clock && util >= 20;
        const bool busier = static_cast<double>(mine.util) >= util + 3 && util >= 20 &&
                            static_cast<double>(mine.util) >= *std::ranges::max_element(utils);
        const bool late = static_cast<double>(mine.step_time) >= 1.1 * time;
        if (!slow && !busier && !late) {
          since = -1;
          continue;
        }
        if (since < 0) since = now;
        if (now - since < 600) continue;
        AddStraggler(n, since - kTransient, now, static_cast<double>(mine.clock), clock,
                     static_cast<double>(mine.util), util, members.size());
        break;
      }
    }
  }

  void AddStraggler(int n, Seconds onset, Seconds now, double clock, double clocks, double util,
                    double utils, std::size_t count) {
    const auto& incidents = nodes_[static_cast<std::size_t>(n)].incidents;
    // The node's own fault is the cause, and this its effect.
    const bool own = std::ranges::any_of(incidents, [&](const NodeIncident& incident) {
      return Counts(incident) && incident.id != "compute.slow_gpu" &&
             incident.opened <= now + 300 && (incident.closed < 0 || incident.closed >= onset);
    });
    if (own) return;
    ClusterFinding& found = Add("cluster.straggler_node", Severity::kWarning, 0.65, onset, now);
    found.finding.nodes = {nodes_[static_cast<std::size_t>(n)].name};
    found.finding.draft.numbers = {Text(clock), Text(clocks), Text(util), Text(utils),
                                   std::to_string(count)};
    for (std::size_t i = 0; i < incidents.size(); ++i) {
      if (incidents[i].id == "compute.slow_gpu") Explain(found, n, static_cast<int>(i));
    }
  }

  const std::vector<ClusterNode>& nodes_;
  Seconds step_;
  std::vector<ClusterFinding> found_;
  std::vector<Moved> moved_;
};

}  // namespace

NodeDigest DigestOf(const NodeView& node) {
  const SignalStore& store = node.store;
  const auto over_gpus = [&](Signal s) {
    std::vector<double> means;
    for (int gpu = 0; gpu < store.shape().gpus; ++gpu) {
      means.push_back(MeanOf(store.Window(s, store.Row(s, gpu), 600)));
    }
    return static_cast<float>(MedianOf(means));
  };
  NodeDigest digest{.clock = over_gpus(Signal::kGpuClockSm), .util = over_gpus(Signal::kGpuUtil)};
  if (store.shape().jobs > 0) {
    digest.step_time = static_cast<float>(
        MeanOf(store.Window(Signal::kJobStepTime, store.Row(Signal::kJobStepTime, 0), 600)));
  }
  digest.rails.assign(node.facts.nics.size(), kAbsent);
  for (std::size_t nic = 0; nic < node.facts.nics.size(); ++nic) {
    const auto rail = static_cast<std::size_t>(node.facts.nics[nic].rail);
    if (rail >= digest.rails.size()) continue;
    digest.rails[rail] = static_cast<float>(MeanOf(
        store.Window(Signal::kRdmaTx, store.Row(Signal::kRdmaTx, static_cast<int>(nic)), 300)));
  }
  return digest;
}

ClusterFindings LookAtCluster(const std::vector<ClusterNode>& nodes, Seconds step) {
  return ClusterLook(nodes, step).Run();
}

}  // namespace gpud::diagnosis
