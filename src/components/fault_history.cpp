// SPDX-License-Identifier: Apache-2.0
#include "components/fault_history.h"

#include <algorithm>
#include <map>
#include <utility>

#include "components/line.h"
#include "platform/text.h"

namespace gpud {
namespace {

Advice AdviceOf(const Event& event, std::string_view name) {
  Advice advice = Advice::kNone;
  ParseWord(FactOf(event, name), advice);
  return advice;
}

struct Record {
  Fault fault;
  bool open = false;
  bool reboot_since = false;  ///< a reboot since its last line
  std::vector<std::pair<WallTime, std::size_t>> lines;
};
using Key = std::pair<std::string, std::string>;  // device, code

class Replay {
 public:
  explicit Replay(const FaultRules& rules) : rules_(rules) {}

  void OnReboot() {
    for (auto& [key, record] : records_) {
      record.reboot_since = true;
      if (IsDoneByReboot(record.fault.action)) record.open = false;
    }
  }

  void OnEvent(const Event& event) {
    const std::string code(FactOf(event, kFactCode));
    if (code.empty()) return;
    const std::string device(FactOf(event, kFactDevice));
    if (FactOf(event, kFactClears) == "true") return OnRecovery(device);
    Record& record = records_[{device, code}];
    Fault& fault = record.fault;
    if (std::exchange(record.reboot_since, false)) ++fault.vain_reboots;
    fault.injected = (fault.injected || !record.open) && event.origin == Origin::kInjected;
    if (!record.open) fault.first = event.time;
    // The gravest of what was said of an open fault counts, as a milder line does not heal it.
    const bool counts =
        !record.open || event.type >= fault.severity || code == rules_.newest_counts;
    record.open = true;
    fault.device = device;
    fault.code = code;
    if (counts) {
      fault.severity = event.type;
      fault.action = AdviceOf(event, kFactAction);
      fault.follow_up = AdviceOf(event, kFactFollowUp);
    }
    fault.message = event.message;
    fault.last = event.time;
    fault.root = FactOf(event, kFactRoot);
    const std::size_t count = ParseNumber<std::size_t>(FactOf(event, kFactCount)).value_or(1);
    fault.count += count;
    record.lines.emplace_back(fault.last, count);
    if (fault.vain_reboots >= VainRebootsOf(code) && !IsForTenant(fault.action) &&
        ToRepairAction(fault.action) == RepairAction::kReboot) {
      fault.action = Advice::kHardwareInspection;
      fault.rule = "came back after " + std::to_string(fault.vain_reboots) + " reboots";
    }
  }

  std::vector<Fault> Open(WallTime now) && {
    std::vector<Fault> open;
    for (auto& [key, record] : records_) {
      if (!record.open) continue;
      Fault& fault = record.fault;
      const bool ages = fault.severity != EventType::kFatal;
      if (ages && now - fault.last >= rules_.critical_ages) continue;
      const bool warning = fault.severity == EventType::kWarning && !IsForTenant(fault.action);
      if (warning) JudgeRate(now, rules_.warnings_per_hour, record);
      if (warning || fault.severity == EventType::kInfo) {
        JudgeRate(now, rules_.reports_per_hour, record);
      }
      open.push_back(std::move(fault));
    }
    return open;
  }

 private:
  int VainRebootsOf(const std::string& code) const {
    if (!rules_.vain_reboots_of) return rules_.vain_reboots;
    const auto own = rules_.vain_reboots_of->find(code);
    return own == rules_.vain_reboots_of->end() ? rules_.vain_reboots : own->second;
  }

  void OnRecovery(const std::string& device) {
    for (auto& [key, record] : records_) {
      if (!device.empty() && key.first != device) continue;
      if (rules_.recovery_closes_all || IsDoneByReboot(record.fault.action)) record.open = false;
    }
  }

  static void JudgeRate(WallTime now, std::size_t limit, Record& record) {
    if (limit == 0) return;
    std::size_t lines = 0;
    for (const auto& [time, count] : record.lines) {
      if (time > now - std::chrono::hours(1)) lines += count;
    }
    if (lines < limit) return;
    record.fault.severity = EventType::kCritical;
    record.fault.rule = std::to_string(lines) + " times within an hour";
    if (record.fault.follow_up != Advice::kNone) record.fault.action = record.fault.follow_up;
  }

  const FaultRules& rules_;
  std::map<Key, Record> records_;
};

}  // namespace

std::vector<Fault> OpenFaults(const Inputs& in, const FaultRules& rules) {
  Replay replay(rules);
  auto reboot = in.Reboots().rbegin();
  for (auto event = in.OwnEvents().rbegin(); event != in.OwnEvents().rend(); ++event) {
    for (; reboot != in.Reboots().rend() && *reboot <= event->time; ++reboot) replay.OnReboot();
    replay.OnEvent(*event);
  }
  for (; reboot != in.Reboots().rend(); ++reboot) replay.OnReboot();
  return std::move(replay).Open(in.Now());
}

void AddFaults(const std::vector<Fault>& faults, std::string (*name)(const Fault&),
               Findings& findings) {
  const auto told_by_root = [&](const Fault& fault) {
    const std::string code = fault.root.substr(fault.root.find('/') + 1);
    return !fault.root.empty() && std::any_of(faults.begin(), faults.end(), [&](const Fault& root) {
      return &root != &fault && root.code == code && root.severity >= fault.severity;
    });
  };
  for (const Fault& fault : faults) {
    const bool fatal = fault.severity == EventType::kFatal;
    if ((!fatal && fault.severity != EventType::kCritical) || told_by_root(fault)) continue;
    std::string reason = name(fault);
    if (!fault.device.empty()) reason += " on " + fault.device;
    if (!fault.rule.empty()) reason += " (" + fault.rule + ")";
    if (fault.injected) reason += kInjectedMark;
    findings.Add(fatal ? Health::kUnhealthy : Health::kDegraded, std::move(reason), fault.action);
  }
}

HealthState FaultState(const Inputs& in, std::string_view state_name, std::string_view good,
                       std::string (*name)(const Fault&), const FaultRules& rules) {
  Findings findings;
  AddFaults(OpenFaults(in, rules), name, findings);
  return findings.ToState(state_name, good);
}

}  // namespace gpud
