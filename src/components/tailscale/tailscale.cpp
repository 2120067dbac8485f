// SPDX-License-Identifier: Apache-2.0
// Tailscale: is this machine in its network?
#include "components/component.h"
#include "components/daemon_rules.h"
#include "components/presence.h"
#include "platform/json.h"
#include "sources/systemd/units.h"
#include "sources/tailscale/status.h"

namespace gpud::tailscale {
namespace {

constexpr std::string_view kTags[] = {"tailscale"};
constexpr const SourceType* kNeeds[] = {&kStatus, &systemd::kUnits};
constexpr DaemonKind kKind{
    .component = "tailscale", .process = "tailscaled", .unit = "tailscaled.service"};

/// "Stopped" is what a person asked for (tailscale down), and what starts has a minute.
void JudgeBackend(const Status& now, const Status* before, Findings& findings) {
  const std::string& state = now.backend_state;
  if (state == "Running" || state == "Stopped") return;
  const bool waits_for_a_person = state == "NeedsLogin" || state == "NeedsMachineAuth";
  if (!waits_for_a_person && (!before || before->backend_state != state)) return;
  findings.Add(Health::kUnhealthy, "tailscaled is not connected: " + state,
               Advice::kInvestigateSoftware);
}

std::string GoodReason(const Status& status) {
  if (!status.daemon.running) return "tailscaled does not run";
  if (!status.daemon.answer) return "tailscaled is starting";
  if (status.backend_state == "Stopped") return "switched off by a person (tailscale down)";
  return "ok";
}

Report Check(const Inputs& in) {
  const auto& status = in.Latest<Status>();
  if (!status) return WithoutReading("tailscale", status.error());
  const auto* const before = in.Previous<Status>();
  Findings findings;
  const auto unknown =
      JudgeDaemon(in, kKind, status->daemon, before ? &before->daemon : nullptr, findings);
  if (unknown) return Unreadable("tailscale", *unknown);
  if (status->daemon.running && status->daemon.answer) JudgeBackend(*status, before, findings);
  Report report{.states = {findings.ToState("tailscale", GoodReason(*status))}};
  Json::Object data{{"backend_state", {status->backend_state}},
                    {"version", {status->daemon.answer.value_or(std::string())}}};
  if (const auto active = IsUnitActive(in, kKind.unit)) {
    data.emplace_back("tailscaled_service_active", Json{*active});
  }
  Json::Array problems;
  for (const std::string& problem : status->problems) problems.push_back({problem});
  if (!problems.empty()) data.emplace_back("problems", Json{std::move(problems)});
  report.states.front().extra_info["data"] = JsonText({std::move(data)});
  return report;
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "tailscale",
    .tags = kTags,
    .needs = kNeeds,
    .supported = [](const Inputs& in) { return SupportBy(in.Latest<Status>()); },
    .check = Check,
};

}  // namespace gpud::tailscale
