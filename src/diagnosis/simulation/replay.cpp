// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/simulation/replay.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>

#include "diagnosis/cluster.h"
#include "diagnosis/simulation/scenario_feed.h"
#include "diagnosis/tell.h"
#include "platform/time_text.h"

namespace gpud::diagnosis {
namespace {

constexpr Seconds kSlowest = 15;  // rules are evaluated at least so often, where samples are
constexpr Seconds kDigestEvery = 15;

/// What is left of a node when its time is over.
struct Played {
  ClusterNode node;
  std::vector<ReplayedIncident> incidents;  ///< side by side with node.incidents
};

NodeIncident Digested(const Incidents& incidents, const Incident& incident, const NodeView& view) {
  const Finding& root = incidents.RootOf(incident);
  NodeIncident digest{.id = root.id,
                      .severity = incident.severity,
                      .confidence = incidents.ConfidenceOf(incident),
                      .onset = root.onset,
                      .opened = incident.opened,
                      .closed = incident.closed};
  for (const int r : incident.roots) {
    const Finding& finding = incidents.findings()[static_cast<std::size_t>(r)];
    digest.onset = std::min(digest.onset, finding.onset);
    for (const std::string& device : finding.draft.devices) {
      const int nic = view.facts.NicAt(device);
      if (nic >= 0) digest.rails.push_back(view.facts.nics[static_cast<std::size_t>(nic)].rail);
    }
  }
  for (const int e : incident.effects) {
    digest.chain.push_back(incidents.findings()[static_cast<std::size_t>(e)].id);
  }
  return digest;
}

Played Play(const scenario::Node& node, std::span<const ComponentType* const> components,
            WallTime start, const TextLanguage& language, bool among_others) {
  ScenarioFeed feed(node, components, start);
  const NodeView& view = feed.view();
  Engine engine(view);
  Played played;
  const Seconds step = node.scenario().step_s;
  const std::int64_t samples = node.scenario().SampleCount();
  const auto every = static_cast<std::int64_t>(std::max(1.0, std::floor(5 / step + 1e-9)));
  const auto digest_every =
      static_cast<std::int64_t>(std::max(1.0, std::floor(kDigestEvery / step + 1e-9)));
  static_assert(kSlowest >= 5);
  for (std::int64_t k = 0; k < samples; ++k) {
    feed.Step(k);
    if (k % every == 0) engine.Evaluate();
    if (among_others && k % digest_every == 0) played.node.digests.push_back(DigestOf(view));
  }
  played.node.name = node.name();
  played.node.job = view.facts.job;
  played.node.driver = view.facts.driver_kernel;
  played.node.labels = view.facts.labels;
  for (const MountFacts& mount : view.facts.mounts) {
    if (mount.IsRemote() && !mount.server.empty()) played.node.servers.push_back(mount.server);
  }
  const Telling telling{.node = view, .start = start, .language = language};
  for (const Incident& incident : engine.incidents().all()) {
    if (incident.folded) continue;
    played.node.incidents.push_back(Digested(engine.incidents(), incident, view));
    played.incidents.push_back({.verdict = Tell(telling, engine.incidents(), incident),
                                .opened_s = incident.opened,
                                .closed_s = incident.closed});
  }
  return played;
}

ReplayedIncident Told(const ClusterFinding& found, const std::vector<Played>& played,
                      const NodeView& nobody, WallTime start, const TextLanguage& language) {
  Incidents incidents;
  Finding finding = found.finding;
  finding.nodes = found.finding.nodes;
  incidents.Open(std::move(finding), nobody);
  const Telling telling{.node = nobody, .start = start, .language = language};
  ReplayedIncident told{.verdict = Tell(telling, incidents, incidents.all().front()),
                        .opened_s = found.finding.detected,
                        .closed_s = found.closed};
  Verdict& verdict = told.verdict;
  std::vector<VerdictAction> helped;
  for (const std::string_view id : found.chain) {
    const DiagnosisText* text = FindText(language, id);
    verdict.chain.push_back({.what = text ? std::string(text->title) : std::string(id),
                             .kind = "observed",
                             .id = std::string(id)});
  }
  for (const auto& [n, i] : found.explained) {
    const Verdict& below =
        played[static_cast<std::size_t>(n)].incidents[static_cast<std::size_t>(i)].verdict;
    for (VerdictChainLink& link : verdict.chain) {
      if (link.id == below.id) link.what = below.title;
    }
    if (verdict.evidence.size() < 20 && !below.evidence.empty()) {
      verdict.evidence.push_back(below.evidence.front());
    }
    for (const AffectedProcess& process : below.affected.processes) {
      if (verdict.affected.processes.size() < 64) verdict.affected.processes.push_back(process);
    }
    // What helps the nodes is what helps the thing that they share.
    if (verdict.id == "cluster.common_cause" && helped.empty()) helped = below.actions;
  }
  std::ranges::move(helped, std::back_inserter(verdict.actions));
  return told;
}

}  // namespace

Replayed Replay(const scenario::Scenario& scenario,
                std::span<const ComponentType* const> components, std::string_view language) {
  const TextLanguage& texts = TextsOf(language);
  const WallTime start = ParseRfc3339(scenario.start).value_or(WallTime{});
  const std::vector<scenario::Node> nodes = scenario::NodesOf(scenario);
  std::vector<Played> played(nodes.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t n = next++; n < nodes.size(); n = next++) {
      played[n] = Play(nodes[n], components, start, texts, nodes.size() > 1);
    }
  };
  {
    const std::size_t workers =
        std::min<std::size_t>(nodes.size(), std::max(1U, std::thread::hardware_concurrency()));
    std::vector<std::jthread> others;
    for (std::size_t w = 1; w < workers; ++w) others.emplace_back(work);
    work();
  }
  std::vector<ClusterNode> cluster;
  for (std::size_t n = 0; n < played.size(); ++n) {
    for (NodeIncident& incident : played[n].node.incidents) incident.node = static_cast<int>(n);
    cluster.push_back(std::move(played[n].node));
  }
  Replayed replayed;
  ClusterFindings findings;
  if (nodes.size() > 1) {
    const double digest_step =
        std::max(1.0, std::floor(kDigestEvery / scenario.step_s + 1e-9)) * scenario.step_s;
    findings = LookAtCluster(cluster, digest_step);
  }
  const std::vector<ClusterFinding>& found = findings.found;
  const auto incident_at = [&](std::pair<int, int> which) -> ReplayedIncident& {
    return played[static_cast<std::size_t>(which.first)]
        .incidents[static_cast<std::size_t>(which.second)];
  };
  for (const Moved& moved : findings.moved) {
    const Verdict& effect = incident_at(moved.effect).verdict;
    auto& chain = incident_at(moved.cause).verdict.chain;
    if (std::ranges::none_of(chain, [&](const auto& link) { return link.id == effect.id; })) {
      chain.push_back({.what = effect.title, .kind = "observed", .id = effect.id});
    }
  }
  const NodeView nobody(NodeFacts{}, Shape{}, scenario.step_s);
  for (const ClusterFinding& finding : found) {
    replayed.incidents.push_back(Told(finding, played, nobody, start, texts));
  }
  for (std::size_t n = 0; n < played.size(); ++n) {
    for (std::size_t i = 0; i < played[n].incidents.size(); ++i) {
      const bool below = std::ranges::any_of(found, [&](const ClusterFinding& finding) {
        return std::ranges::find(finding.explained,
                                 std::pair(static_cast<int>(n), static_cast<int>(i))) !=
               finding.explained.end();
      });
      const bool moved = std::ranges::any_of(findings.moved, [&](const Moved& move) {
        return move.effect == std::pair(static_cast<int>(n), static_cast<int>(i));
      });
      if (below || moved) continue;
      ReplayedIncident& incident = played[n].incidents[i];
      auto& list = incident.verdict.confidence < 0.5 ? replayed.notes : replayed.incidents;
      list.push_back(std::move(incident));
    }
  }
  std::ranges::stable_sort(replayed.incidents, {}, &ReplayedIncident::opened_s);
  return replayed;
}

}  // namespace gpud::diagnosis
