// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/simulation/judge.h"

#include <algorithm>

#include "platform/text.h"

namespace gpud::diagnosis {
namespace {

using scenario::Expectation;

bool IsAmongChain(const Verdict& verdict, const std::string& id) {
  return std::ranges::any_of(verdict.chain, [&](const VerdictChainLink& link) {
    return link.id == id && id != verdict.id;
  });
}

bool IsGlob(const std::string& pattern) {
  return pattern.find_first_of("*?[") != std::string::npos;
}

std::vector<std::string> NodesOf(const Verdict& verdict) {
  return verdict.subject.nodes.empty() ? std::vector{verdict.subject.node} : verdict.subject.nodes;
}

bool FitsNodes(const Expectation& expected, const Verdict& verdict) {
  const std::vector<std::string> nodes = NodesOf(verdict);
  return std::ranges::all_of(expected.nodes, [&](const std::string& pattern) {
    return std::ranges::any_of(
        nodes, [&](const std::string& node) { return scenario::GlobMatches(pattern, node); });
  });
}

bool FitsDevice(const Expectation& expected, const Verdict& verdict) {
  const VerdictSubject& subject = verdict.subject;
  return expected.device.empty() || subject.pci == expected.device ||
         std::ranges::find(subject.devices, expected.device) != subject.devices.end();
}

bool HasPids(const Expectation& expected, const Verdict& verdict) {
  return std::ranges::all_of(expected.pids, [&](std::int64_t pid) {
    return std::ranges::find(verdict.affected.processes, pid, &AffectedProcess::pid) !=
           verdict.affected.processes.end();
  });
}

bool SaysAll(const Expectation& expected, const Verdict& verdict) {
  const std::string summary = ToLower(verdict.summary);
  return std::ranges::all_of(expected.says, [&](const std::string& word) {
    return summary.find(ToLower(word)) != std::string::npos;
  });
}

bool IsSevereAsExpected(const Expectation& expected, const Verdict& verdict) {
  if (!expected.severities.empty()) {
    return std::ranges::find(expected.severities, std::string(Word(verdict.severity))) !=
           expected.severities.end();
  }
  return true;
}

std::string SecondsText(double seconds) { return NumberText(seconds) + " s"; }

/// What is wrong with this incident as an answer; empty when nothing is.
std::string Wrong(const Expectation& expected, const ReplayedIncident& incident) {
  const Verdict& verdict = incident.verdict;
  if (!FitsNodes(expected, verdict)) return "another node";
  if (!FitsDevice(expected, verdict)) {
    return "another device: " +
           (verdict.subject.devices.empty() ? "none" : verdict.subject.devices.front());
  }
  if (!expected.gpus.empty() && std::ranges::none_of(expected.gpus, [&](int gpu) {
        return std::ranges::find(verdict.subject.gpus, gpu) != verdict.subject.gpus.end();
      })) {
    return "another GPU";
  }
  if (incident.opened_s < expected.after_s)
    return "premature, at " + SecondsText(incident.opened_s);
  if (incident.opened_s > expected.by_s) return "late, at " + SecondsText(incident.opened_s);
  if (!HasPids(expected, verdict)) return "a process is missing";
  if (expected.as != "effect" && verdict.id == expected.id &&
      !IsSevereAsExpected(expected, verdict)) {
    return "severity " + std::string(Word(verdict.severity));
  }
  if (!expected.action.empty() &&
      std::ranges::find(verdict.actions, expected.action, &VerdictAction::what) ==
          verdict.actions.end()) {
    return "action " + expected.action + " is missing";
  }
  if (!SaysAll(expected, verdict)) return "a word is missing in: " + verdict.summary;
  if (expected.cleared_by_s &&
      (incident.closed_s < 0 || incident.closed_s > *expected.cleared_by_s)) {
    return incident.closed_s < 0 ? "not cleared" : "cleared at " + SecondsText(incident.closed_s);
  }
  return {};
}

void Check(const Expectation& expected, const std::vector<ReplayedIncident>& incidents,
           Judgement& judgement) {
  std::vector<int> gpus = expected.gpus;
  std::string why = "not told";
  bool found = false;
  for (const ReplayedIncident& incident : incidents) {
    const bool root = incident.verdict.id == expected.id && expected.as != "effect";
    const bool effect = IsAmongChain(incident.verdict, expected.id) && expected.as != "root";
    if (!root && !effect) continue;
    const std::string wrong = Wrong(expected, incident);
    if (!wrong.empty()) {
      why = wrong;
      continue;
    }
    found = true;
    std::erase_if(gpus, [&](int gpu) {
      return std::ranges::find(incident.verdict.subject.gpus, gpu) !=
             incident.verdict.subject.gpus.end();
    });
  }
  if (found && !gpus.empty()) why = "GPU " + std::to_string(gpus.front()) + " is missing";
  if (!found || !gpus.empty()) judgement.missing.push_back(expected.id + ": " + why);
}

bool IsForbidden(const scenario::Scenario& scenario, const Verdict& verdict) {
  const auto names = [&](const std::string& pattern) {
    return scenario::GlobMatches(pattern, verdict.id);
  };
  const bool forbidden = std::ranges::any_of(scenario.forbid, [&](const std::string& pattern) {
    if (verdict.severity == Severity::kInfo && IsGlob(pattern)) return false;
    return names(pattern);
  });
  return forbidden && std::ranges::none_of(scenario.allow, names) &&
         std::ranges::none_of(scenario.expect,
                              [&](const Expectation& e) { return e.id == verdict.id; });
}

}  // namespace

Judgement Judge(const scenario::Scenario& scenario,
                const std::vector<ReplayedIncident>& incidents) {
  Judgement judgement;
  for (const Expectation& expected : scenario.expect) Check(expected, incidents, judgement);
  int alerts = 0;
  for (const ReplayedIncident& incident : incidents) {
    const Verdict& verdict = incident.verdict;
    alerts += verdict.severity >= Severity::kWarning ? 1 : 0;
    if (!IsForbidden(scenario, verdict)) continue;
    judgement.forbidden.push_back(verdict.id + " at " + SecondsText(incident.opened_s) + ": " +
                                  verdict.title);
  }
  if (scenario.most_incidents && alerts > *scenario.most_incidents) {
    judgement.forbidden.push_back(std::to_string(alerts) + " incidents, at most " +
                                  std::to_string(*scenario.most_incidents));
  }
  return judgement;
}

}  // namespace gpud::diagnosis
