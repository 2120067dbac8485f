// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate_json.h"

#include <algorithm>

#include "model/json_codec.h"

namespace gpud::cli {
namespace {

using diagnosis::ReplayedIncident;

struct IncidentObject {
  std::string incident, root;
  std::vector<std::string> chain;  // ids of effects
  std::string severity;
  double confidence = 0;
  std::optional<std::string> node;
  std::vector<std::string> nodes;
  std::vector<std::int64_t> gpus;
  std::optional<std::string> device;
  std::vector<std::string> devices;  // where there are several
  std::vector<std::int64_t> processes;
  std::vector<std::string> actions;
  std::string title, summary;
  std::vector<VerdictEvidence> evidence;
  std::vector<std::string> disproof, not_checked;
  VerdictAffected affected;
  double opened_s = 0;
  std::optional<double> closed_s;
  std::int64_t flaps = 0;

  static constexpr auto Fields() {
    using I = IncidentObject;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"incident", &I::incident},
                      Field{"root", &I::root},
                      Field{"chain", &I::chain},
                      Field{"severity", &I::severity},
                      Field{"confidence", &I::confidence},
                      Field{"node", &I::node, kOmit},
                      Field{"nodes", &I::nodes, kOmit},
                      Field{"gpus", &I::gpus},
                      Field{"device", &I::device},
                      Field{"devices", &I::devices, kOmit},
                      Field{"processes", &I::processes},
                      Field{"actions", &I::actions},
                      Field{"title", &I::title},
                      Field{"summary", &I::summary},
                      Field{"evidence", &I::evidence},
                      Field{"disproof", &I::disproof},
                      Field{"not_checked", &I::not_checked},
                      Field{"affected", &I::affected},
                      Field{"opened_s", &I::opened_s},
                      Field{"closed_s", &I::closed_s},
                      Field{"flaps", &I::flaps, kOmit}};
  }
};

struct FileObject {
  std::string file;
  bool ok = false;
  std::vector<std::string> missing, forbidden;
  std::vector<IncidentObject> incidents, notes;

  static constexpr auto Fields() {
    using F = FileObject;
    return std::tuple{Field{"file", &F::file},           Field{"ok", &F::ok},
                      Field{"missing", &F::missing},     Field{"forbidden", &F::forbidden},
                      Field{"incidents", &F::incidents}, Field{"notes", &F::notes}};
  }
};

IncidentObject ObjectOf(const ReplayedIncident& incident) {
  const Verdict& verdict = incident.verdict;
  IncidentObject object{.incident = verdict.incident,
                        .root = verdict.id,
                        .severity = std::string(Word(verdict.severity)),
                        .confidence = verdict.confidence,
                        .nodes = verdict.subject.nodes,
                        .gpus = verdict.subject.gpus,
                        .title = verdict.title,
                        .summary = verdict.summary,
                        .evidence = verdict.evidence,
                        .disproof = verdict.disproof,
                        .not_checked = verdict.not_checked,
                        .affected = verdict.affected,
                        .opened_s = incident.opened_s,
                        .flaps = verdict.flaps};
  if (!verdict.subject.node.empty()) object.node = verdict.subject.node;
  if (verdict.subject.nodes.size() == 1) object.node = verdict.subject.nodes.front();
  for (const VerdictChainLink& link : verdict.chain) {
    if (!link.id.empty() && link.id != verdict.id) object.chain.push_back(link.id);
  }
  if (!verdict.subject.devices.empty()) {
    object.device = verdict.subject.devices.front();
  } else if (!verdict.subject.pci.empty()) {
    object.device = verdict.subject.pci;
  }
  if (verdict.subject.devices.size() > 1) object.devices = verdict.subject.devices;
  for (const AffectedProcess& process : verdict.affected.processes) {
    object.processes.push_back(process.pid);
  }
  for (const VerdictAction& action : verdict.actions) object.actions.push_back(action.what);
  if (incident.closed_s >= 0) object.closed_s = incident.closed_s;
  return object;
}

}  // namespace

std::string SimulationJson(const std::string& file, const diagnosis::Replayed& replayed,
                           const diagnosis::Judgement& judgement) {
  FileObject object{.file = file,
                    .ok = judgement.ok(),
                    .missing = judgement.missing,
                    .forbidden = judgement.forbidden};
  std::ranges::transform(replayed.incidents, std::back_inserter(object.incidents), ObjectOf);
  std::ranges::transform(replayed.notes, std::back_inserter(object.notes), ObjectOf);
  std::string text;
  AppendJson(text, object);
  return text + "\n";
}

}  // namespace gpud::cli
