// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/tell.h"

#include <algorithm>

#include "platform/text.h"
#include "platform/time_text.h"

namespace gpud::diagnosis {
namespace {

constexpr std::size_t kMostNamed = 8;  // processes in a summary

WallTime At(const Telling& telling, Seconds t) {
  return telling.start + std::chrono::microseconds(std::llround(t * 1e6));
}

void Replace(std::string& text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

std::string Phrased(const TextLanguage& language, std::string_view key, std::string_view value) {
  std::string text(FindPhrase(language, key));
  Replace(text, "{0}", value);
  return text;
}

std::string StatName(const Value& value) {
  constexpr std::string_view kNames[] = {"avg",   "min", "max",  "p95",   "rate",
                                         "delta", "day", "last", "slope", "value"};
  const std::string name(kNames[static_cast<std::size_t>(value.stat)]);
  return value.seconds > 0 && value.stat != Stat::kDay ? name + std::to_string(value.seconds)
                                                       : name;
}

template <class T, class U>
void AddOnce(std::vector<T>& list, U&& item) {
  if (std::ranges::find(list, item) == list.end()) list.push_back(std::forward<U>(item));
}

/// The subject of an incident: all of its roots' together.
struct Subject {
  std::vector<int> gpus;
  std::vector<std::string> devices;
  std::vector<int> who, waiting;
};

Subject SubjectOf(const Incidents& incidents, const Incident& incident) {
  Subject subject;
  const auto add = [&](int finding, bool root) {
    const Draft& draft = incidents.findings()[static_cast<std::size_t>(finding)].draft;
    for (const int place : draft.who) AddOnce(subject.who, place);
    if (!root) return;
    for (const int gpu : draft.gpus) AddOnce(subject.gpus, gpu);
    for (const std::string& device : draft.devices) AddOnce(subject.devices, device);
    for (const int gpu : draft.waiting) AddOnce(subject.waiting, gpu);
  };
  for (const int root : incident.roots) add(root, true);
  for (const int effect : incident.effects) add(effect, false);
  if (subject.gpus.empty()) {
    for (const int effect : incident.effects) {
      for (const int gpu : incidents.findings()[static_cast<std::size_t>(effect)].draft.gpus) {
        AddOnce(subject.gpus, gpu);
      }
    }
  }
  std::ranges::sort(subject.gpus);
  std::ranges::sort(subject.waiting);
  std::erase_if(subject.waiting, [&](int gpu) {
    return std::ranges::find(subject.gpus, gpu) != subject.gpus.end();
  });
  return subject;
}

std::string Filled(const Telling& telling, std::string_view text, const Finding& root,
                   const Subject& subject) {
  std::string filled(text);
  if (filled.find("{cause}") != std::string::npos) {
    Replace(filled, "{cause}", FindPhrase(telling.language, "cause." + root.draft.cause));
  }
  std::string devices;
  for (std::size_t i = 0; i < std::min<std::size_t>(subject.devices.size(), 4); ++i) {
    devices += (i == 0 ? "" : ", ") + subject.devices[i];
  }
  const std::string gpus = GpuNames(telling.language, subject.gpus);
  Replace(filled, "{gpus}", gpus);
  Replace(filled, "{device_if}", gpus.empty() ? devices : "");
  Replace(filled, "{device}", devices.empty() ? gpus : devices);
  Replace(filled, "{node}", root.nodes.empty() ? telling.node.facts.name : root.nodes.front());
  for (std::size_t i = 0; i < root.draft.numbers.size(); ++i) {
    Replace(filled, "{" + std::to_string(i) + "}", root.draft.numbers[i]);
  }
  return filled;
}

std::vector<VerdictAction> ActionsOf(const Telling& telling, const DiagnosisText& text,
                                     const Finding& root, const Subject& subject) {
  std::vector<VerdictAction> actions;
  for (const std::string_view line : Split(text.actions, '\n')) {
    const std::string filled = Filled(telling, line, root, subject);
    const std::size_t blank = filled.find(' ');
    std::string word = filled.substr(0, blank);
    const bool disruptive = word.ends_with('!');
    if (disruptive) word.pop_back();
    actions.push_back({.what = std::move(word),
                       .text = blank == std::string::npos ? "" : filled.substr(blank + 1),
                       .disruptive = disruptive});
  }
  // What the fault's own records ask for, where the catalogue does not say it already.
  for (const std::string& word : root.draft.words) {
    const bool known = std::ranges::find(actions, word, &VerdictAction::what) != actions.end();
    Advice advice{};
    if (known || !ParseWord(word, advice)) continue;
    actions.push_back({.what = word,
                       .text = std::string(OperatorText(advice)),
                       .disruptive = IsDoneByReboot(advice)});
  }
  return actions;
}

std::string Hit(const Telling& telling, const Subject& subject) {
  std::string names;
  std::size_t named = 0;
  std::vector<std::string> pods;
  for (const int place : subject.who) {
    const ProcessFacts& process = telling.node.processes[static_cast<std::size_t>(place)];
    if (process.pid == 0) continue;
    if (!process.pod.empty()) AddOnce(pods, process.pod_namespace + "/" + process.pod);
    if (++named > kMostNamed) continue;
    names +=
        (names.empty() ? "" : ", ") + process.name + " (pid " + std::to_string(process.pid) + ")";
  }
  if (named > kMostNamed) {
    names += ", " + Phrased(telling.language, "more", std::to_string(named - kMostNamed));
  }
  for (const std::string& pod : pods) names += ", pod " + pod;
  return names;
}

void TellAffected(const Telling& telling, const Subject& subject, VerdictAffected& affected) {
  for (const int place : subject.who) {
    const ProcessFacts& process = telling.node.processes[static_cast<std::size_t>(place)];
    if (process.pid == 0) continue;
    affected.processes.push_back({.pid = process.pid, .name = process.name});
    if (!process.container.empty()) AddOnce(affected.containers, process.container);
    if (!process.pod.empty()) {
      AddOnce(affected.pods, AffectedPod{.name_space = process.pod_namespace, .name = process.pod});
    }
    if (!process.job.empty()) AddOnce(affected.jobs, process.job);
  }
  for (const int gpu : subject.waiting) affected.peers_waiting.push_back(gpu);
}

void TellEvidence(const Telling& telling, const Draft& draft, Verdict& verdict) {
  double all = 0;
  for (const Draft::Seen& seen : draft.evidence) all += seen.weight;
  for (const Draft::Seen& seen : draft.evidence) {
    const bool line = !seen.text.empty();
    verdict.evidence.push_back(
        {.signal = seen.signal,
         .stat = line ? "count" : StatName(seen.value),
         .value = seen.number,
         .unit = line || seen.value.scale != 1 ? "" : std::string(RowOf(seen.value.signal).unit),
         .threshold = seen.threshold,
         .text = seen.text,
         .from = At(telling, seen.from),
         .to = At(telling, seen.to),
         .weight = all > 0 ? seen.weight / all : 0});
  }
}

void TellChain(const Telling& telling, const Incidents& incidents, const Incident& incident,
               const Finding& root, const Subject& subject, Verdict& verdict) {
  const std::string_view cause = FindPhrase(telling.language, "cause." + root.draft.cause);
  if (!cause.empty()) verdict.chain.push_back({.what = std::string(cause), .kind = "hypothesis"});
  verdict.chain.push_back({.what = verdict.title, .kind = "observed", .id = std::string(root.id)});
  std::vector<std::string_view> told{root.id};
  for (const int effect : incident.effects) {
    const Finding& finding = incidents.findings()[static_cast<std::size_t>(effect)];
    if (std::ranges::find(told, finding.id) != told.end()) continue;
    told.push_back(finding.id);
    const DiagnosisText* text = FindText(telling.language, finding.id);
    Subject own{.gpus = finding.draft.gpus, .devices = finding.draft.devices};
    verdict.chain.push_back(
        {.what = text ? Filled(telling, text->title, finding, own) : std::string(finding.id),
         .kind = "observed",
         .id = std::string(finding.id)});
  }
  static_cast<void>(subject);
}

}  // namespace

std::string GpuNames(const TextLanguage& language, const std::vector<int>& gpus) {
  if (gpus.empty()) return {};
  if (gpus.size() == 1) return Phrased(language, "gpu", std::to_string(gpus[0]));
  std::string names;
  for (std::size_t i = 0; i < gpus.size(); ++i) {
    std::size_t end = i;
    while (end + 1 < gpus.size() && gpus[end + 1] == gpus[end] + 1) ++end;
    names += (names.empty() ? "" : ", ") + std::to_string(gpus[i]);
    if (end > i) names += (end > i + 1 ? "-" : ", ") + std::to_string(gpus[end]);
    i = end;
  }
  return Phrased(language, "gpus", names);
}

Verdict Tell(const Telling& telling, const Incidents& incidents, const Incident& incident) {
  const Finding& root = incidents.RootOf(incident);
  const Subject subject = SubjectOf(incidents, incident);
  Verdict verdict{.incident = "inc-" + std::to_string(incident.id),
                  .id = std::string(root.id),
                  .severity = incident.severity,
                  .confidence = incidents.ConfidenceOf(incident),
                  .state = incident.closed < 0 ? VerdictState::kActive : VerdictState::kCleared,
                  .horizon = root.draft.horizon,
                  .flaps = incident.flaps};
  Seconds onset = root.onset;
  for (const int r : incident.roots) {
    onset = std::min(onset, incidents.findings()[static_cast<std::size_t>(r)].onset);
  }
  verdict.onset = At(telling, onset);
  verdict.detected = At(telling, incident.opened);
  if (incident.closed >= 0) verdict.cleared = At(telling, incident.closed);
  verdict.subject.node = root.nodes.empty() ? telling.node.facts.name : "";
  verdict.subject.nodes = root.nodes;
  for (const int gpu : subject.gpus) verdict.subject.gpus.push_back(gpu);
  verdict.subject.devices = subject.devices;
  if (subject.gpus.size() == 1 &&
      static_cast<std::size_t>(subject.gpus[0]) < telling.node.facts.gpus.size()) {
    const GpuFacts& gpu = telling.node.facts.gpus[static_cast<std::size_t>(subject.gpus[0])];
    verdict.subject.pci = gpu.pci;
    verdict.subject.serial = gpu.serial;
  }
  TellAffected(telling, subject, verdict.affected);
  for (const int r : incident.roots) {
    const Draft& draft = incidents.findings()[static_cast<std::size_t>(r)].draft;
    TellEvidence(telling, draft, verdict);
    for (const std::string& signal : draft.not_checked) AddOnce(verdict.not_checked, signal);
  }
  const DiagnosisText* text = FindText(telling.language, root.id);
  if (!text) return verdict;
  verdict.title = Filled(telling, text->title, root, subject);
  verdict.actions = ActionsOf(telling, *text, root, subject);
  for (const std::string_view line : Split(text->disproof, '\n')) {
    verdict.disproof.push_back(Filled(telling, line, root, subject));
  }
  verdict.summary = Filled(telling, text->summary, root, subject);
  const auto add = [&](const std::string& sentence) { verdict.summary += " " + sentence; };
  std::string since = Phrased(telling.language, "since", Rfc3339Seconds(verdict.onset));
  std::string place = verdict.subject.node;
  for (std::size_t i = 0; i < std::min<std::size_t>(root.nodes.size(), 3); ++i) {
    place += (place.empty() ? "" : ", ") + root.nodes[i];
  }
  if (root.nodes.size() > 3) {
    place += ", " + Phrased(telling.language, "more", std::to_string(root.nodes.size() - 3));
  }
  Replace(since, "{1}", place);
  add(since);
  const std::string hit = Hit(telling, subject);
  if (!hit.empty()) add(Phrased(telling.language, "hit", hit));
  if (!root.draft.horizon.empty()) {
    add(Phrased(telling.language, "prediction", root.draft.horizon));
  }
  if (!verdict.actions.empty()) {
    add(Phrased(telling.language, "first", verdict.actions.front().text));
  }
  TellChain(telling, incidents, incident, root, subject, verdict);
  return verdict;
}

}  // namespace gpud::diagnosis
