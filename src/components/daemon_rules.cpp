// SPDX-License-Identifier: Apache-2.0
#include "components/daemon_rules.h"

#include "sources/systemd/units.h"

namespace gpud {
namespace {

constexpr std::chrono::seconds kFailedForLong{60};
constexpr std::int64_t kStartSeconds = 300;  // the original's grace

const systemd::Unit* FindUnit(const Inputs& in, std::string_view unit) {
  const auto& units = in.Latest<systemd::Units>();
  return units ? units->Find(unit) : nullptr;
}

bool Answers(const local::Daemon& daemon) {
  return daemon.answer || daemon.answer.error().code == ErrorCode::kUnsupported;
}

}  // namespace

std::optional<Error> JudgeDaemon(const Inputs& in, const DaemonKind& kind, const local::Daemon& now,
                                 const local::Daemon* before, Findings& findings) {
  if (!now.running) {
    const systemd::Unit* const unit = FindUnit(in, kind.unit);
    if (unit && unit->IsEnabled() && unit->active == "failed" &&
        in.Now() - unit->changed >= kFailedForLong) {
      findings.Add(Health::kUnhealthy, unit->name + " has failed", Advice::kInvestigateSoftware);
    }
    return std::nullopt;
  }
  if (Answers(now) || now.age_seconds < kStartSeconds) return std::nullopt;
  const Error& error = now.answer.error();
  const bool again =
      before && before->running && !Answers(*before) && before->age_seconds <= now.age_seconds;
  if (error.code == ErrorCode::kPermission || !again) return error;
  findings.Add(Health::kUnhealthy,
               std::string(kind.process) + " runs and does not answer: " + error.what,
               Advice::kInvestigateSoftware);
  return std::nullopt;
}

std::optional<bool> IsUnitActive(const Inputs& in, std::string_view unit) {
  const systemd::Unit* const found = FindUnit(in, unit);
  return found ? std::optional(found->active == "active") : std::nullopt;
}

}  // namespace gpud
