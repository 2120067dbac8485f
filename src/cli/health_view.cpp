// SPDX-License-Identifier: Apache-2.0
#include "cli/health_view.h"

#include <algorithm>

#include "cli/table.h"
#include "platform/list_text.h"
#include "platform/text.h"
#include "platform/time_text.h"

namespace gpud::cli {
namespace {

// A state that became what it is this recently says nothing by its age: a scan has just begun.
constexpr std::chrono::seconds kJustNow{2};

constexpr std::string_view kActionWords[] = {"nothing", "reboot this machine",
                                             "have the hardware inspected",
                                             "check the program that uses the GPU"};
static_assert(std::size(kActionWords) == std::size(EnumWords<RepairAction>::kWords));

Health HealthOf(const HealthState& state) { return state.health.value_or(Health::kHealthy); }

/// Null when it was never checked.
const HealthState* WorstState(const ComponentStatus& component) {
  const HealthState* worst = nullptr;
  for (const HealthState& state : component.states) {
    if (!worst || IsWorse(HealthOf(state), HealthOf(*worst))) worst = &state;
  }
  return worst;
}

bool IsBad(Health health) { return health == Health::kUnhealthy || health == Health::kDegraded; }

// In the order of Health.
constexpr std::string_view kMarks[] = {"✔", "!", "✘", "⌛", "?"};
static_assert(std::size(kMarks) == std::size(EnumWords<Health>::kWords));

std::string_view MarkOf(Health health) { return kMarks[static_cast<std::size_t>(health)]; }

std::string Mark(Health health, const Terminal& terminal) {
  return Painted(MarkOf(health), ColourOf(health), terminal);
}

std::string AdviceOf(const SuggestedActions& actions) {
  std::string advice;
  for (const RepairAction action : actions.repair_actions) {
    if (action == RepairAction::kIgnore) continue;
    advice += (advice.empty() ? "" : ", then ") +
              std::string(kActionWords[static_cast<std::size_t>(action)]);
  }
  if (actions.description.empty()) return advice;
  return advice.empty() ? actions.description : advice + " (" + actions.description + ")";
}

/// Since when, as far as it is known: from the daemon's memory, else the component's oldest event.
std::string SinceText(const ComponentStatus& component, const HealthPicture& picture) {
  if (component.since != WallTime{} && picture.now - component.since > kJustNow) {
    return " for " + AgeText(picture.now - component.since);
  }
  WallTime first{};
  for (const Event& event : picture.events) {
    if (event.component == component.name && event.origin != Origin::kUserSpace &&
        event.type >= EventType::kWarning) {
      first = event.time;  // newest first: the last one seen is the oldest
    }
  }
  if (first == WallTime{}) return "";
  return ", first sign " + AgeText(picture.now - first) + " ago";
}

void AppendWrapped(std::string& out, std::string_view text, std::size_t indent,
                   const Terminal& terminal) {
  const std::size_t width = terminal.width > indent ? terminal.width - indent : 0;
  for (const std::string& line : Wrapped(OneLine(text), width)) {
    out.append(indent, ' ');
    out += line + '\n';
  }
}

/// Why a component is bad, and what to do.
std::string TroubleBody(const ComponentStatus& component, const Terminal& terminal) {
  std::string out;
  std::vector<std::string> advice;
  for (const HealthState& state : component.states) {
    if (!IsBad(HealthOf(state))) continue;
    const bool own_name = !state.name.empty() && state.name != component.name;
    AppendWrapped(out, (own_name ? state.name + ": " : "") + ReasonOf(state), 4, terminal);
    if (!state.suggested_actions) continue;
    const std::string text = AdviceOf(*state.suggested_actions);
    if (!text.empty() && std::find(advice.begin(), advice.end(), text) == advice.end()) {
      advice.push_back(text);
    }
  }
  for (const std::string& text : advice) AppendWrapped(out, "what to do: " + text, 4, terminal);
  return out;
}

}  // namespace

std::string ReasonOf(const HealthState& state) {
  if (state.error.empty() || state.reason.find(state.error) != std::string::npos) {
    return state.reason;
  }
  return state.reason.empty() ? state.error : state.reason + ": " + state.error;
}

int ExitCodeOf(Health health) {
  switch (health) {
    case Health::kHealthy:
      return 0;
    case Health::kUnhealthy:
      return 1;
    case Health::kDegraded:
      return 2;
    case Health::kInitializing:
    case Health::kUnknown:
      return 4;
  }
  return 4;
}

Colour ColourOf(Health health) {
  if (health == Health::kHealthy) return Colour::kGreen;
  return health == Health::kUnhealthy ? Colour::kRed : Colour::kYellow;
}

HealthSummary Summarise(const std::vector<ComponentStatus>& components) {
  HealthSummary summary;
  for (const ComponentStatus& component : components) {
    if (!component.supported) {
      ++summary.unsupported;
      continue;
    }
    const Health health = component.states.empty() ? Health::kInitializing : component.health();
    int* counts[] = {&summary.healthy, &summary.degraded, &summary.unhealthy, &summary.initializing,
                     &summary.unknown};  // in the order of Health
    ++*counts[static_cast<std::size_t>(health)];
    // The order of GET /v1/health, so that `status` and `health` speak with one voice.
    if (component.states.empty() && SpeaksMoreAgainstWork(health, summary.health)) {
      summary.health = health;
    }
    for (const HealthState& state : component.states) {
      if (SpeaksMoreAgainstWork(HealthOf(state), summary.health)) summary.health = HealthOf(state);
    }
  }
  const auto unsupported = static_cast<std::size_t>(summary.unsupported);
  if (unsupported == components.size()) summary.health = Health::kUnknown;
  return summary;
}

std::string SummaryText(const HealthSummary& summary) {
  std::string text = std::to_string(summary.healthy) + " healthy";
  const auto add = [&text](int count, std::string_view words) {
    if (count > 0) text += ", " + std::to_string(count) + ' ' + std::string(words);
  };
  add(summary.unhealthy, "unhealthy");
  add(summary.degraded, "degraded");
  add(summary.unknown, "could not be read");
  add(summary.initializing, "not checked yet");
  add(summary.unsupported, summary.unsupported == 1 ? "does not apply here" : "do not apply here");
  return text;
}

ComponentView ViewOf(const ComponentStatus& component, WallTime now) {
  ComponentView view{.name = component.name,
                     .supported = component.supported,
                     .unsupported_reason = component.unsupported_reason};
  if (!component.supported) return view;
  view.since = component.since;
  view.health = component.states.empty() ? Health::kInitializing : component.health();
  const HealthState* state = WorstState(component);
  if (!state) return view;
  view.reason = state->reason;
  view.error = state->error;
  view.suggested_actions = state->suggested_actions;
  if (view.health == Health::kUnknown) {
    view.age_seconds = state->age_seconds;  // null: there never was a good reading
  } else if (state->time != WallTime{}) {
    view.age_seconds = std::max<std::int64_t>(0, Seconds(now - state->time));
  }
  return view;
}

std::string TroubleText(const HealthPicture& picture, const Terminal& terminal) {
  // A lost GPU is told by every component that asks for it: once is enough for a person.
  struct Trouble {
    std::string head, body;
    std::vector<std::string> also;  ///< components that tell the same
  };
  std::vector<Trouble> troubles;
  for (const Health health : {Health::kUnhealthy, Health::kDegraded}) {
    for (const ComponentStatus& component : picture.components) {
      if (!component.supported || component.health() != health) continue;
      std::string body = TroubleBody(component, terminal);
      const auto same = std::find_if(troubles.begin(), troubles.end(),
                                     [&](const Trouble& one) { return one.body == body; });
      if (same != troubles.end() && !body.empty()) {
        same->also.push_back(component.name);
        continue;
      }
      troubles.push_back({Mark(health, terminal) + ' ' +
                              Painted(component.name, Colour::kBold, terminal) + ": " +
                              std::string(Word(health)) + SinceText(component, picture) + '\n',
                          std::move(body),
                          {}});
    }
  }
  std::string out;
  for (const Trouble& trouble : troubles) {
    out += trouble.head + trouble.body;
    if (!trouble.also.empty()) {
      AppendWrapped(out, "the same is told by " + ListText(trouble.also), 4, terminal);
    }
  }
  return out;
}

namespace {

/// What an area's line says; of what could not be read, NotCheckedText has the error.
std::string AreaReason(const HealthState* state) {
  if (!state) return "not checked yet";
  return HealthOf(*state) == Health::kUnknown ? OneLine(state->reason) : ReasonOf(*state);
}

/// True when the error of some state tells the same: "(5 times since ...)" at its end may differ.
bool IsToldAlready(const SelfFinding& finding, const HealthPicture& picture) {
  const std::string_view what = std::string_view(finding.what).substr(0, finding.what.rfind(" ("));
  for (const ComponentStatus& component : picture.components) {
    for (const HealthState& state : component.states) {
      if (component.supported && std::string_view(state.error).starts_with(what)) return true;
    }
  }
  return false;
}

}  // namespace

std::string AreaText(const HealthPicture& picture, const Terminal& terminal) {
  Table table;
  for (const ComponentStatus& component : picture.components) {
    if (!component.supported) continue;
    const HealthState* state = WorstState(component);
    const Health health = state ? HealthOf(*state) : Health::kInitializing;
    table.Add({{std::string(MarkOf(health)), ColourOf(health)},
               component.name,
               {std::string(Word(health)), ColourOf(health)},
               AreaReason(state)});
  }
  return table.Text(terminal);
}

std::string NotCheckedText(const HealthPicture& picture, bool verbose, const Terminal& terminal) {
  std::string out;
  for (const ComponentStatus& component : picture.components) {
    if (!component.supported) continue;
    for (const HealthState& state : component.states) {
      if (HealthOf(state) != Health::kUnknown) continue;
      out += Mark(Health::kUnknown, terminal) + ' ' + state.name + '\n';
      AppendWrapped(out, ReasonOf(state), 4, terminal);
      if (state.age_seconds) {
        const std::chrono::seconds age(*state.age_seconds);
        AppendWrapped(out, "last good reading " + AgeText(age) + " ago", 4, terminal);
      }
    }
  }
  for (const SelfFinding& finding : picture.findings) {
    if (IsToldAlready(finding, picture)) continue;
    std::string text = OneLine(finding.what);
    if (finding.since != WallTime{} && picture.now - finding.since > kJustNow) {
      text += " (for " + AgeText(picture.now - finding.since) + ")";
    }
    out += Mark(finding.serious ? Health::kDegraded : Health::kUnknown, terminal) + " gpud\n";
    AppendWrapped(out, text, 4, terminal);
  }
  if (!verbose) return out;
  Table table;
  for (const ComponentStatus& component : picture.components) {
    if (component.supported) continue;
    const std::string& why = component.unsupported_reason;
    table.Add({{"-", Colour::kDim},
               {component.name, Colour::kDim},
               "not supported",
               why.empty() ? "no reason known" : why});
  }
  return out + table.Text(terminal);
}

std::string MachineLine(const MachineInfo& machine) {
  std::string line = machine.hostname.empty() ? "this machine" : machine.hostname;
  const char* separator = ": ";
  const auto add = [&](const std::string& text) {
    if (text.empty()) return;
    line += separator + text;
    separator = ", ";
  };
  add(machine.os_image);
  add(machine.kernel_version.empty() ? "" : "Linux " + machine.kernel_version);
  if (machine.cpu_info && machine.cpu_info->logical_cores > 0) {
    add(std::to_string(machine.cpu_info->logical_cores) + " CPUs");
  }
  if (machine.memory_info) add(BytesText(machine.memory_info->total_bytes));
  if (machine.gpu_info && !machine.gpu_info->gpus.empty()) {
    const std::string& product = machine.gpu_info->product;
    add(std::to_string(machine.gpu_info->gpus.size()) +
        (product.empty() ? " GPUs" : " x " + product));
  }
  return OneLine(line);
}

}  // namespace gpud::cli
