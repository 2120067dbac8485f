// SPDX-License-Identifier: Apache-2.0
// gpud events: what happened, newest first.
#include <algorithm>
#include <ostream>

#include "cli/api.h"
#include "cli/event_view.h"
#include "cli/moment.h"
#include "cli/output.h"

namespace gpud::cli {
namespace {

constexpr Flag kFlags[] = {
    {.name = "since",
     .value = "TIME",
     .help = "how far back: 30m, 7d, or 2026-03-01T08:00:00Z (default: 24h)"},
    {.name = "until", .value = "TIME", .help = "not later than this, written like --since"},
    {.name = "component",
     .value = "NAMES",
     .help = "only of these, separated by commas",
     .alias = "components"},
    {.name = "type",
     .kind = Kind::kList,
     .value = "TYPES",
     .help = "only these of info, warning, critical, fatal"},
    {.name = "limit",
     .kind = Kind::kInteger,
     .value = "N",
     .help = "the newest N in a table, 0 = all (default: 100)"},
};

// Of a table; programs get all.
constexpr std::int64_t kDefaultLimit = 100;

/// Error: kParse.
Result<std::vector<EventType>> WantedTypes(const Arguments& arguments) {
  std::vector<EventType> types;
  const Json* list = arguments.Find("type");
  if (!list) return types;
  for (const Json& item : *list->AsArray()) {
    std::string word = ToLower(Trim(*item.AsString()));
    if (!word.empty()) word.front() = static_cast<char>(word.front() - 'a' + 'A');
    EventType type{};
    if (!ParseWord(word, type)) {
      return Fail(ErrorCode::kParse, "--type: \"" + *item.AsString() +
                                         "\" is not one of info, warning, critical, fatal");
    }
    types.push_back(type);
  }
  return types;
}

/// startTime and endTime in Unix seconds. Error: kParse.
Result<Query> QueryOf(const Arguments& arguments, WallTime now) {
  const auto seconds = [](WallTime time) {
    return std::to_string(Seconds(time.time_since_epoch()));
  };
  const auto since = ParseMoment(arguments.Text("since", "24h"), now);
  if (!since) return Pass(since, "--since");
  Query query{{"details", "true"},
              {"components", JoinedNames({arguments.Text("component")})},
              {"startTime", seconds(*since)}};
  if (const std::string text = arguments.Text("until"); !text.empty()) {
    const auto until = ParseMoment(text, now);
    if (!until) return Pass(until, "--until");
    query.emplace_back("endTime", seconds(*until));
  }
  return query;
}

std::int64_t LimitOf(const Arguments& arguments) {
  double storage = 0;
  const Json* limit = arguments.Find("limit");
  const double* number = limit ? limit->AsNumber(storage) : nullptr;
  return number && *number >= 0 ? static_cast<std::int64_t>(*number) : kDefaultLimit;
}

int Events(Context& context, const Arguments& arguments) {
  const WallTime now = SystemClock().Wall();
  const auto types = WantedTypes(arguments);
  if (!types) return Failure(context, arguments, types.error());
  const auto query = QueryOf(arguments, now);
  if (!query) return Failure(context, arguments, query.error());
  using Groups = std::vector<server::ComponentEvents<EventView>>;
  const auto groups = Api(context, arguments).Get<Groups>("/v1/events", *query);
  if (!groups) return Failure(context, arguments, groups.error());

  std::vector<EventView> events;
  for (const auto& group : *groups) {
    if (!group.events) continue;
    for (const EventView& event : *group.events) {
      const bool wanted =
          types->empty() || std::find(types->begin(), types->end(), event.type) != types->end();
      if (wanted) events.push_back(event);
    }
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const Event& a, const Event& b) { return a.time > b.time; });
  if (const Format format = FormatOf(arguments); format != Format::kTable) {
    context.out << Rendered(JsonOf(events), format);
  } else if (events.empty()) {
    context.out << "no events since " << arguments.Text("since", "24h") << '\n';
  } else {
    const std::size_t all = events.size();
    const auto limit = static_cast<std::size_t>(LimitOf(arguments));
    if (limit > 0 && all > limit) events.resize(limit);
    context.out << EventText(events, now, context.out_terminal);
    if (events.size() < all) {
      context.out << "and " << all - events.size() << " older; --limit 0 shows them\n";
    }
  }
  return 0;
}

}  // namespace

extern constinit const Command kEvents{
    .name = "events",
    .group = Group::kLook,
    .summary = "what happened, newest first",
    .about =
        "Kernel lines that gpud was asked to inject, and lines that some program wrote\n"
        "into the kernel's log, are marked.",
    .examples =
        "gpud events\n"
        "gpud events --since 7d --type critical,fatal\n"
        "gpud events --component accelerator-nvidia-error-xid -o json",
    .flags = [] { return AllOf(kFlags, kOutputFlags, kConnectionFlags); },
    .run = Events,
};

}  // namespace gpud::cli
