// SPDX-License-Identifier: Apache-2.0
// gpud metadata: what the database keeps about this machine.
#include <algorithm>
#include <ostream>

#include "cli/api.h"
#include "cli/daemon_options.h"
#include "cli/direct_store.h"
#include "cli/event_view.h"
#include "cli/output.h"
#include "cli/table.h"
#include "server/metadata_secrets.h"

namespace gpud::cli {
namespace {

constexpr Flag kFlags[] = {
    {.name = "reboot-history", .kind = Kind::kSwitch, .help = "also the reboots that were seen"},
    {.name = "set-key", .value = "KEY", .help = "set this key ..."},
    {.name = "set-value", .value = "TEXT", .help = "... to this value"},
};
constexpr std::string_view kRebootComponent = "os", kRebootEvent = "reboot";

struct RebootView {
  std::string time_utc, age, message;

  static constexpr auto Fields() {
    using R = RebootView;
    return std::tuple{Field{"time_utc", &R::time_utc}, Field{"age", &R::age},
                      Field{"message", &R::message}};
  }
};

struct Update {
  std::string key, value;

  static constexpr auto Fields() {
    return std::tuple{Field{"key", &Update::key}, Field{"value", &Update::value}};
  }
};

/// The original's JSON.
struct MetadataAnswer {
  store::Metadata metadata;
  std::optional<std::vector<RebootView>> reboot_history;
  std::optional<Update> updated;

  static constexpr auto Fields() {
    using A = MetadataAnswer;
    return std::tuple{Field{"metadata", &A::metadata},
                      Field{"reboot_history", &A::reboot_history, When::kNonEmpty},
                      Field{"updated", &A::updated, When::kNonEmpty}};
  }
};

struct Problem {
  std::string code, message;
};

Problem ProblemOf(std::string_view code, const Error& error, std::string_view context) {
  if (error.code == ErrorCode::kPermission) {
    return {"require_root", "this command needs to be run as root: " + error.what};
  }
  return {std::string(code), std::string(context) + ": " + error.what};
}

std::vector<RebootView> RebootsOf(const std::vector<Event>& events) {
  const WallTime now = SystemClock().Wall();
  std::vector<RebootView> reboots;
  for (const Event& event : events) {
    if (event.name != kRebootEvent) continue;
    reboots.push_back(
        {Rfc3339Seconds(event.time), AgeText(now - event.time) + " ago", event.message});
  }
  return reboots;
}

/// Where it comes from: the daemon, or the file while none runs.
class MetadataSource {
 public:
  MetadataSource(const Context& context, const Arguments& arguments)
      : api_(context, arguments),
        data_dir_(DataDirectory(ReadSettings(arguments, context.environment),
                                ThisUser(context.environment))) {}

  Result<store::Metadata> Read() {
    auto metadata = api_.Get<store::Metadata>("/admin/metadata");
    if (metadata || metadata.error().code != ErrorCode::kNotFound || api_.names_server()) {
      return metadata;
    }
    auto store = DirectStore::Open(data_dir_);
    if (!store) return tl::unexpected<Error>(std::move(store).error());
    store_.emplace(*std::move(store));
    metadata = store_->ReadMetadata();
    if (metadata) server::HideSecrets(*metadata);  // the daemon does it itself
    return metadata;
  }

  Result<std::vector<Event>> ReadReboots() {
    const std::string component(kRebootComponent);
    if (store_) return store_->ReadEvents(component);
    using Groups = std::vector<server::ComponentEvents<EventView>>;
    const auto groups =
        api_.Get<Groups>("/v1/events", {{"components", component}, {"startTime", "0"}});
    if (!groups) return tl::unexpected<Error>(groups.error());
    std::vector<Event> events;
    for (const auto& group : *groups) {
      if (group.events) events.insert(events.end(), group.events->begin(), group.events->end());
    }
    return events;
  }

  Result<void> Put(const Update& update) {
    if (store_) return store_->PutMetadata(update.key, update.value);
    const auto done = api_.Post("/admin/metadata", {{"key", update.key}, {"value", update.value}});
    if (!done) return tl::unexpected<Error>(done.error());
    return {};
  }

 private:
  Api api_;
  std::string data_dir_;
  std::optional<DirectStore> store_;
};

void PrintPlain(Context& context, const MetadataAnswer& answer) {
  for (const auto& [key, value] : answer.metadata) {
    context.out << OneLine(key) << ": " << OneLine(value) << '\n';
  }
  if (answer.reboot_history) {
    Table table({"TIME (UTC)", "AGE", "MESSAGE"});
    for (const RebootView& reboot : *answer.reboot_history) {
      table.Add({reboot.time_utc, reboot.age, reboot.message});
    }
    context.out << "\nReboot History:\n"
                << (table.empty() ? "  (no reboot events recorded)\n"
                                  : table.Text(context.out_terminal));
  }
  if (answer.updated) {
    context.out << CheckMark(context.out_terminal) << " successfully updated metadata\n";
  }
}

int Metadata(Context& context, const Arguments& arguments) {
  const auto fail = [&](const Problem& problem) {
    return Failure(context, arguments, problem.code, problem.message);
  };
  const auto original = OriginalJson(arguments);
  if (!original) return Failure(context, arguments, original.error());
  MetadataSource source(context, arguments);
  MetadataAnswer answer;
  auto metadata = source.Read();
  if (!metadata) {
    return fail(ProblemOf("failed_to_read_metadata", metadata.error(), "failed to read metadata"));
  }
  answer.metadata = *std::move(metadata);
  if (arguments.On("reboot-history")) {
    const auto events = source.ReadReboots();
    if (!events) {
      return fail(ProblemOf("failed_to_load_reboot_history", events.error(),
                            "failed to load the reboot history"));
    }
    answer.reboot_history = RebootsOf(*events);
  }
  const Update update{arguments.Text("set-key"), arguments.Text("set-value")};
  if (!update.key.empty() && !update.value.empty()) {
    if (const auto done = source.Put(update); !done) {
      return fail(
          ProblemOf("failed_to_update_metadata", done.error(), "failed to update metadata"));
    }
    answer.updated = update;
  }
  if (*original) {
    context.out << JsonText(JsonOf(answer)) << '\n';
  } else if (const Format format = FormatOf(arguments); format != Format::kTable) {
    context.out << Rendered(JsonOf(answer), format);
  } else {
    PrintPlain(context, answer);
  }
  return 0;
}

}  // namespace

extern constinit const Command kMetadata{
    .name = "metadata",
    .group = Group::kAct,
    .summary = "what the database keeps about this machine",
    .about =
        "Needs root or the API token. Secrets are masked. From the daemon where one\n"
        "runs, else from the file itself.",
    .examples =
        "gpud metadata --reboot-history\n"
        "gpud metadata --set-key note --set-value \"rack 12\"\n"
        "gpud metadata --output-format json",
    .flags = [] { return AllOf(kFlags, kOutputFormatFlags, kOutputFlags, kConnectionFlags); },
    .run = Metadata,
};

}  // namespace gpud::cli
