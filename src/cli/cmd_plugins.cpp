// SPDX-License-Identifier: Apache-2.0
// gpud list-plugins and gpud run-plugin-group.
#include <ostream>

#include "cli/api.h"
#include "cli/output.h"
#include "server/routes_wire.h"

namespace gpud::cli {
namespace {

std::string TextOf(const Json& spec, std::string_view key) {
  const Json* value = spec.Find(key);
  return value && value->AsString() ? OneLine(*value->AsString()) : std::string();
}

int ListPlugins(Context& context, const Arguments& arguments) {
  const auto body = Api(context, arguments).Get("/v1/plugins");
  if (!body) {
    Error error = body.error();
    error.what = "failed to get custom plugins: " + error.what;
    return Failure(context, arguments, error);
  }
  const Json specs = ParseJson(*body).value_or(Json{});
  if (const Format format = FormatOf(arguments); format != Format::kTable) {
    context.out << Rendered(specs, format);
    return 0;
  }
  const Json::Array* list = specs.AsArray();
  if (!list || list->empty()) {
    context.out << "No custom plugins registered\n";
    return 0;
  }
  context.out << "Registered custom plugins:\n";
  for (const Json& spec : *list) {
    context.out << "- " << TextOf(spec, "plugin_name") << " (Type: " << TextOf(spec, "plugin_type")
                << ", Run Mode: " << TextOf(spec, "run_mode") << ")\n";
  }
  return 0;
}

int RunPluginGroup(Context& context, const Arguments& arguments) {
  if (arguments.names().size() != 1) {
    return Failure(context, arguments, "invalid_argument",
                   "exactly one argument (tag_name) is required");
  }
  const std::string& tag = arguments.names().front();
  const std::string failed = "failed to trigger component check for tag " + tag + ": ";
  auto answer = Api(context, arguments)
                    .Get<server::TagAnswer>("/v1/components/trigger-tag", {{"tagName", tag}});
  if (!answer) {
    Error error = answer.error();
    error.what = failed + error.what;
    return Failure(context, arguments, error);
  }
  const Format format = FormatOf(arguments);
  if (format != Format::kTable) context.out << Rendered(JsonOf(*answer), format);
  if (answer->success) {
    if (format == Format::kTable) {
      context.out << "Successfully triggered component check for tag: " << OneLine(tag) << '\n';
    }
    return 0;
  }
  if (format != Format::kTable) return 1;
  std::string names;
  for (const std::string& name : answer->components) names += (names.empty() ? "" : " ") + name;
  return Failure(context, arguments, "unhealthy",
                 failed + "health check failed for tag " + tag + ", components: [" + names + ']' +
                     (answer->error.empty() ? "" : ": " + answer->error));
}

std::vector<const Flag*> Flags() { return AllOf(kOutputFlags, kConnectionFlags); }

}  // namespace

extern constinit const Command kListPlugins{
    .name = "list-plugins",
    .aliases = "lp",
    .group = Group::kMore,
    .summary = "the plugins that the daemon runs",
    .examples = "gpud list-plugins",
    .flags = Flags,
    .run = ListPlugins,
};

extern constinit const Command kRunPluginGroup{
    .name = "run-plugin-group",
    .group = Group::kAct,
    .summary = "check all components that carry a tag, now",
    .usage = "TAG",
    .about = "Exit code 1 when one of them is not healthy.",
    .examples = "gpud run-plugin-group nvidia",
    .most_names = 10,
    .flags = Flags,
    .run = RunPluginGroup,
};

}  // namespace gpud::cli
