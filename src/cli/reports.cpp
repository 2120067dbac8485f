// SPDX-License-Identifier: Apache-2.0
#include "cli/reports.h"

#include "cli/event_view.h"
#include "cli/output.h"
#include "cli/table.h"

namespace gpud::cli {
namespace {

constexpr std::size_t kMostEvents = 10;

struct StatusAnswer {
  std::vector<ComponentView> components;
  HealthSummary summary;
  std::vector<SelfFinding> findings;

  static constexpr auto Fields() {
    using A = StatusAnswer;
    return std::tuple{Field{"components", &A::components}, Field{"summary", &A::summary},
                      Field{"findings", &A::findings}};
  }
};

struct ScanAnswer : StatusAnswer {
  MachineInfo machine;
  std::vector<EventView> events;

  static constexpr auto Fields() {
    return std::tuple_cat(StatusAnswer::Fields(), std::tuple{Field{"machine", &ScanAnswer::machine},
                                                             Field{"events", &ScanAnswer::events}});
  }
};

StatusAnswer AnswerOf(const HealthPicture& picture) {
  StatusAnswer answer{
      .components = {}, .summary = Summarise(picture.components), .findings = picture.findings};
  for (const ComponentStatus& component : picture.components) {
    answer.components.push_back(ViewOf(component, picture.now));
  }
  return answer;
}

std::string Heading(std::string_view text, const Terminal& terminal) {
  return '\n' + Painted(text, Colour::kBold, terminal) + '\n';
}

/// What the kernel said, the newest few; what programs wrote there is only counted: it proves
/// nothing, and there may be much of it.
std::string KernelLogText(const HealthPicture& picture, const Terminal& terminal) {
  if (picture.events.empty()) return {};
  std::vector<Event> said;
  for (const Event& event : picture.events) {
    if (event.origin != Origin::kUserSpace) said.push_back(event);
  }
  std::string out = Heading("Kernel log", terminal) +
                    EventText(ViewsOf(said, kMostEvents), picture.now, terminal);
  if (said.size() > kMostEvents) {
    out += "and " + std::to_string(said.size() - kMostEvents) + " older\n";
  }
  if (const std::size_t written = picture.events.size() - said.size(); written > 0) {
    out += std::to_string(written) +
           (written == 1 ? " line that a program wrote" : " lines that programs wrote") +
           " into the log did not count\n";
  }
  return out;
}

}  // namespace

std::string ScanText(const MachineInfo& machine, const HealthPicture& picture, bool verbose,
                     std::chrono::milliseconds took, const Terminal& terminal) {
  const HealthSummary summary = Summarise(picture.components);
  const std::string trouble = TroubleText(picture, terminal);
  const std::string not_checked = NotCheckedText(picture, verbose, terminal);
  std::string out = MachineLine(machine) + "\n\n";
  const bool blind = summary.healthy == 0 && trouble.empty();
  out += blind             ? "Nothing could be checked.\n"
         : trouble.empty() ? "Nothing is wrong with what could be checked.\n"
                           : trouble;
  out += Heading("Areas", terminal) + AreaText(picture, terminal);
  if (!not_checked.empty()) out += Heading("Not checked", terminal) + not_checked;
  out += KernelLogText(picture, terminal);
  out += '\n' + CheckMark(terminal) + " scan complete: " + SummaryText(summary) + " (" +
         std::to_string(took.count()) + " ms)\n";
  if (summary.unsupported > 0 && !verbose) {
    out += "  gpud scan --verbose says what does not apply here, and why\n";
  }
  return out;
}

Json ScanJson(const MachineInfo& machine, const HealthPicture& picture) {
  return JsonOf(
      ScanAnswer{AnswerOf(picture), machine, ViewsOf(picture.events, picture.events.size())});
}

std::string StatusText(const HealthPicture& picture, bool verbose, const Terminal& terminal) {
  const HealthSummary summary = Summarise(picture.components);
  const std::string trouble = TroubleText(picture, terminal);
  const std::string not_checked = NotCheckedText(picture, verbose, terminal);
  std::string out = Painted(Word(summary.health), ColourOf(summary.health), terminal) + ": " +
                    SummaryText(summary) + '\n';
  if (!trouble.empty()) out += '\n' + trouble;
  out += Heading("Areas", terminal) + AreaText(picture, terminal);
  if (!not_checked.empty()) out += Heading("Not checked", terminal) + not_checked;
  return out;
}

Json StatusJson(const HealthPicture& picture) { return JsonOf(AnswerOf(picture)); }

std::string HealthText(const server::HealthAnswer& answer, WallTime now, const Terminal& terminal) {
  std::string verdict = answer.name + ": " + std::string(Word(answer.health));
  if (answer.since != WallTime{}) verdict += " for " + AgeText(now - answer.since);
  std::string out = Painted(OneLine(verdict), ColourOf(answer.health), terminal) + '\n';
  Table table;
  table.Add({"may take work", answer.ok ? "yes" : "no"});
  table.Add({"why", answer.reason});
  table.Add({"if it runs your work", answer.next_step.tenant});
  table.Add({"if you run it", answer.next_step.operators});
  if (answer.evidence_age_seconds) {
    table.Add(
        {"evidence is", AgeText(std::chrono::seconds(*answer.evidence_age_seconds)) + " old"});
  }
  return out + table.Text(terminal, 2);
}

std::string StatesText(const StateList& components, WallTime now, const Terminal& terminal) {
  Table table({"COMPONENT", "STATE", "HEALTH", "CHECKED", "REASON"});
  for (const server::ComponentHealthStates& component : components) {
    for (const HealthState& state : component.states) {
      const Health health = state.health.value_or(Health::kHealthy);
      const std::string age =
          state.time == WallTime{} ? "never" : AgeText(now - state.time) + " ago";
      table.Add({component.component,
                 state.name,
                 {std::string(Word(health)), ColourOf(health)},
                 age,
                 ReasonOf(state)});
    }
  }
  return table.empty() ? "nothing here applies to this machine\n" : table.Text(terminal);
}

}  // namespace gpud::cli
