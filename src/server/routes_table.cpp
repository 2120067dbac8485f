// SPDX-License-Identifier: Apache-2.0
#include "server/routes_table.h"

namespace gpud::server {

namespace {

constexpr std::string_view kText = R"({"type":"string"})";
constexpr std::string_view kName = R"({"type":"string","minLength":1})";
// Where a parameter may be left out, an empty value is the same: the schemas allow it.
constexpr std::string_view kSwitch = R"({"type":"string","enum":["","true","false","1","0"]})";
constexpr std::string_view kTime =
    R"({"anyOf":[{"type":"integer","minimum":-62135596800,"maximum":253402300799},)"
    R"({"type":"string","format":"date-time"},{"const":""}]})";
constexpr std::string_view kDuration =
    R"({"type":"string","pattern":"^(|0|([0-9]{1,6}(\\.[0-9]{1,3})?(ms|s|m|h)){1,3})$"})";
constexpr std::string_view kStep =
    R"({"type":"string","pattern":"^(|0|full|([0-9]{1,6}(\\.[0-9]{1,3})?(ms|s|m|h)){1,3})$"})";

constexpr Parameter kComponents = {
    "components", "names, separated by commas; all when absent. An unknown one fails the request.",
    kText};
constexpr Parameter kCompat = {
    "compat",
    "leaves out what clients of the original do not know: states that are Unknown or "
    "Initializing, and components that have no others",
    kSwitch};
constexpr Parameter kStart = {
    "startTime", "Unix seconds or RFC 3339; only what is later, in whole seconds; default now",
    kTime};
constexpr Parameter kEnd = {"endTime", "Unix seconds or RFC 3339; not what is later", kTime};
constexpr Parameter kSince = {"since", "how far back, as a Go duration (30m, 1h30m); default 30m",
                              kDuration};
constexpr Parameter kResolution = {
    "resolution",
    "one sample for each step of this length, as a Go duration; default 60s; 0 or full: every one",
    kStep};
constexpr Parameter kComponentName = {"componentName", "one component", kText};
constexpr Parameter kTagName = {"tagName", "every component with this tag", kText};

constexpr Parameter kListParameters[] = {
    {"details", "objects instead of names: supported or why not, tags, health, what can be done",
     kSwitch}};
constexpr Parameter kDeregisterParameters[] = {
    {"componentName", "a plugin's component", kName, true}};
constexpr Parameter kHistoryParameters[] = {{"componentName", "a plugin's component", kName, true}};
constexpr Parameter kTriggerParameters[] = {kComponentName, kTagName, kCompat};
constexpr Parameter kTriggerTagParameters[] = {
    {"tagName", "every component with this tag", kName, true}};
constexpr Parameter kStatesParameters[] = {kComponents, kCompat};
constexpr Parameter kEventsParameters[] = {
    kComponents,
    kStart,
    kEnd,
    {"details", "adds extra_info (device, pid ...) and origin (who said it) to each event",
     kSwitch}};
constexpr Parameter kTransitionsParameters[] = {
    kComponents,
    {"startTime", "Unix seconds or RFC 3339; only what is later; default all that is kept", kTime},
    kEnd};
constexpr Parameter kInfoParameters[] = {
    kComponents,
    kStart,
    kEnd,
    {"since", "metrics from this long before startTime on, as a Go duration; default 30m",
     kDuration},
    kResolution,
    kCompat};
constexpr Parameter kMetricsParameters[] = {kComponents, kSince, kResolution};
constexpr Parameter kHealthParameters[] = {
    {"name", "a component; the whole machine when absent", kText}};
constexpr Parameter kHealthPathParameters[] = {{"name", "a component", kName, true}};
constexpr Parameter kSetHealthyParameters[] = {
    kComponents,
    {"reason", "why, for the history; one line",
     R"({"type":"string","maxLength":1024,"pattern":"^[^\\x00-\\x1f\\x7f]*$"})"},
    {"author",
     "who, for the history; one line; default the user who asks, who is named too unless it is "
     "root",
     R"({"type":"string","maxLength":128,"pattern":"^[^\\x00-\\x1f\\x7f]*$"})"}};
constexpr Parameter kGpuProcessesParameters[] = {
    {"gpu", "only of this GPU: its number, UUID (also of a MIG part) or PCI address", kText}};
constexpr Parameter kMetadataParameters[] = {
    {"key", "which", R"({"type":"string","minLength":1,"maxLength":256})", true},
    {"value", "its new value", kName, true}};

constexpr unsigned kBadOrUnknown[] = {400, 404};
constexpr unsigned kBadOrUnknownOrFailed[] = {400, 404, 500};
constexpr unsigned kBadOrFailed[] = {400, 500};
constexpr unsigned kBad[] = {400};
constexpr unsigned kUnknown[] = {404};
constexpr unsigned kFailed[] = {500};
constexpr unsigned kNotReady[] = {503};

template <class T>
std::string Body(Schemas& schemas) {
  return schemas.Of<T>();
}
template <class T>
std::string BodyOrNull(Schemas& schemas) {
  return Schemas::OrNull(schemas.Of<T>());
}

/// The table of the fields, and what it cannot say: a number or a message is needed.
std::string InjectBody(Schemas& schemas) {
  return R"({"allOf":[)" + schemas.OfRequest<InjectRequest>() +
         R"(,{"anyOf":[)"
         R"({"required":["xid"],"properties":{"xid":{"type":"object","properties":)"
         R"({"id":{"type":"integer","minimum":1,"maximum":4294967295}}}}},)"
         R"({"required":["kernel_message"],"properties":{"xid":{"type":"null"},)"
         R"("kernel_message":{"type":"object","required":["message"],"properties":)"
         R"({"message":{"type":"string","minLength":1,"maxLength":976}}}}}]}]})";
}

constexpr std::string_view kHealthText =
    "May work be placed here? Answered from memory. 200 while every supported component is Healthy "
    "or Degraded; 503 when one is Unhealthy, could not be read (Unknown) or was never checked "
    "(Initializing): what cannot be judged gets no work. `health` is the word that decides, in "
    "that order before Degraded. `evidence_age_seconds` is the age of the oldest reading behind "
    "it.";

constexpr Route kRoutes[] = {
    {.method = "GET",
     .path = "/healthz",
     .access = Access::kOpen,
     .handle = route::GetHealthz,
     .summary = "Is gpud up?",
     .description = "503 until the init plugins have ended. `version` is the API's.",
     .errors = kNotReady,
     .answer = Body<Healthz>,
     .formats = Formats::kLenient},
    {.method = "GET",
     .path = "/machine-info",
     .handle = route::GetMachineInfo,
     .summary = "What this machine is",
     .answer = Body<MachineInfo>},
    {.method = "GET",
     .path = "/v1/components",
     .handle = route::GetComponents,
     .summary = "The components, by name",
     .description = "The unsupported are listed too.",
     .parameters = kListParameters,
     .errors = kBad,
     .answer =
         [](Schemas& schemas) {
           return Schemas::AnyOf(schemas.Of<std::vector<std::string>>(),
                                 schemas.Of<std::vector<ComponentDetail>>());
         },
     .formats = Formats::kStrict},
    {.method = "DELETE",
     .path = "/v1/components",
     .access = Access::kPrivileged,
     .handle = route::Deregister,
     .summary = "Removes a plugin's component",
     .parameters = kDeregisterParameters,
     .errors = kBadOrUnknownOrFailed,
     .answer = Body<DoneAnswer>},
    {.method = "GET",
     .path = "/v1/components/trigger-check",
     .access = Access::kPrivileged,
     .handle = route::TriggerCheck,
     .summary = "Checks now and answers with the states",
     .description = "componentName or tagName is needed; the former wins.",
     .parameters = kTriggerParameters,
     .errors = kBadOrUnknownOrFailed,
     .answer = Body<std::vector<ComponentHealthStates>>},
    {.method = "GET",
     .path = "/v1/components/trigger-tag",
     .access = Access::kPrivileged,
     .handle = route::TriggerTag,
     .summary = "Checks every component with a tag now and says whether all are well",
     .description = "exit is 1 and success false when a component is not Healthy, which includes "
                    "one that could not be read. A component that this machine has no use for does "
                    "not count.",
     .parameters = kTriggerTagParameters,
     .errors = kBad,
     .answer = Body<TagAnswer>},
    {.method = "GET",
     .path = "/v1/states",
     .handle = route::GetStates,
     .summary = "The health states of the last checks",
     .description = "Unsupported components are left out; null when nothing is left.",
     .parameters = kStatesParameters,
     .errors = kBadOrUnknown,
     .answer = BodyOrNull<std::vector<ComponentHealthStates>>,
     .formats = Formats::kStrict},
    {.method = "GET",
     .path = "/v1/health",
     .handle = route::GetHealth,
     .summary = "May work be placed here?",
     .description = kHealthText,
     .parameters = kHealthParameters,
     .errors = kUnknown,
     .answer = Body<HealthAnswer>},
    {.method = "GET",
     .path = "/v1/health/{name}",
     .handle = route::GetHealth,
     .summary = "May work be placed on this part?",
     .description = kHealthText,
     .parameters = kHealthPathParameters,
     .errors = kUnknown,
     .answer = Body<HealthAnswer>},
    {.method = "GET",
     .path = "/v1/events",
     .handle = route::GetEvents,
     .summary = "What happened, newest first",
     .description = "As startTime is now when absent, a plain request shows nothing.",
     .parameters = kEventsParameters,
     .errors = kBadOrUnknownOrFailed,
     .answer = BodyOrNull<std::vector<ComponentEvents<DetailedEvent>>>,
     .formats = Formats::kStrict},
    {.method = "GET",
     .path = "/v1/transitions",
     .handle = route::GetTransitions,
     .summary = "When components changed their health, newest first",
     .description = "The newest 10,000 at most.",
     .parameters = kTransitionsParameters,
     .errors = kBadOrUnknownOrFailed,
     .answer = Body<std::vector<store::Transition>>,
     .formats = Formats::kStrict},
    {.method = "GET",
     .path = "/v1/info",
     .handle = route::GetInfo,
     .summary = "States, events and metrics together",
     .parameters = kInfoParameters,
     .errors = kBadOrUnknown,
     .answer = BodyOrNull<std::vector<ComponentInfo>>,
     .formats = Formats::kStrict},
    {.method = "GET",
     .path = "/v1/metrics",
     .handle = route::GetMetrics,
     .summary = "What was measured, by component",
     .description = "unix_seconds are milliseconds; the name is the original's.",
     .parameters = kMetricsParameters,
     .errors = kBadOrUnknownOrFailed,
     .answer = Body<std::vector<store::ComponentMetrics>>,
     .formats = Formats::kStrict},
    {.method = "GET",
     .path = "/v1/plugins",
     .handle = route::GetPlugins,
     .summary = "The specifications of the plugins",
     .description = "null when there are none.",
     .errors = kBad,
     .answer = BodyOrNull<std::vector<Json>>,
     .formats = Formats::kStrict},
    {.method = "GET",
     .path = "/v1/plugins/history",
     .handle = route::GetPluginHistory,
     .summary = "The last runs of a plugin",
     .description = "Newest first, 20 at most, since the daemon has started: when, why, how long, "
                    "how it ended, and the first and last KiB of the output.",
     .parameters = kHistoryParameters,
     .errors = kBadOrUnknown,
     .answer = Body<std::vector<Json>>,
     .formats = Formats::kStrict},
    {.method = "POST",
     .path = "/v1/health-states/set-healthy",
     .access = Access::kPrivileged,
     .handle = route::SetHealthy,
     .summary = "Forgets what keeps components bad",
     .description = "For after a repair; kept in the history with reason and author. Without "
                    "components: all that can.",
     .parameters = kSetHealthyParameters,
     .errors = kBadOrUnknown,
     .answer = Body<SetHealthyAnswer>},
    {.method = "GET",
     .path = "/v1/findings",
     .handle = route::GetFindings,
     .summary = "What gpud itself cannot do at the moment",
     .errors = kBad,
     .answer = Body<std::vector<SelfFinding>>,
     .formats = Formats::kStrict},
    {.method = "GET",
     .path = "/v1/gpu/processes",
     .handle = route::GetGpuProcesses,
     .summary = "Who uses the GPUs",
     .description = "Each process on each GPU: user, container, pod, batch job, memory and its "
                    "growth. Secrets in command lines are masked as far as they can be told. Of a "
                    "GPU with a problem these are the processes of before; `time` says when.",
     .parameters = kGpuProcessesParameters,
     .errors = kBadOrUnknown,
     .answer = Body<gpu::Processes>,
     .formats = Formats::kStrict},
    {.method = "GET",
     .path = "/v1/openapi.json",
     .handle = route::GetOpenApi,
     .summary = "This document",
     .answer = Body<Json>},
    {.method = "POST",
     .path = "/inject-fault",
     .access = Access::kPrivileged,
     .handle = route::InjectFault,
     .summary = "Writes a line into the kernel's log",
     .description = "To see that detectors work; what follows is marked as injected everywhere. "
                    "xid wins over kernel_message. 404 where fault injection is switched off.",
     .errors = kBadOrUnknownOrFailed,
     .answer = Body<MessageAnswer>,
     .body = InjectBody},
    {.method = "GET",
     .path = "/admin/config",
     .handle = route::GetConfig,
     .summary = "The configuration that is in force",
     .answer = Body<Json>,
     .formats = Formats::kLenient},
    {.method = "GET",
     .path = "/admin/packages",
     .handle = route::GetPackages,
     .summary = "The managed packages",
     .description = "null when there are none.",
     .answer = BodyOrNull<std::vector<Json>>},
    {.method = "GET",
     .path = "/admin/metadata",
     .access = Access::kPrivileged,
     .handle = route::GetMetadata,
     .summary = "What the store keeps about this machine",
     .description = "Secrets are masked.",
     .errors = kFailed,
     .answer = Body<store::Metadata>},
    {.method = "PUT",
     .path = "/admin/metadata",
     .access = Access::kPrivileged,
     .handle = route::PutMetadata,
     .summary = "Sets one of them",
     .parameters = kMetadataParameters,
     .errors = kBadOrFailed,
     .answer = Body<DoneAnswer>},
    {.method = "POST",
     .path = "/admin/metadata",
     .access = Access::kPrivileged,
     .handle = route::PutMetadata,
     .summary = "Sets one of them, for clients without PUT",
     .parameters = kMetadataParameters,
     .errors = kBadOrFailed,
     .answer = Body<DoneAnswer>},
    {.method = "POST",
     .path = "/admin/compact",
     .access = Access::kPrivileged,
     .handle = route::Compact,
     .summary = "Makes the database file as small as it can be",
     .errors = kFailed,
     .answer = Body<DoneAnswer>},
    {.method = "GET",
     .path = "/metrics",
     .handle = route::GetPrometheus,
     .summary = "The metrics of the last checks, for Prometheus",
     .answer = Body<std::string>,
     .content_type = "text/plain"},
};

}  // namespace

std::span<const Route> AllRoutes() { return kRoutes; }

}  // namespace gpud::server
