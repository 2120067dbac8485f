// SPDX-License-Identifier: Apache-2.0
#include "components/cpu/cpu_lines.h"

#include "platform/text.h"

namespace gpud::cpu {
namespace {

constexpr std::string_view kBlocked = "a task has been blocked for too long";
constexpr std::string_view kSoftLockup = "a processor did not schedule for too long";

/// The original's texts end with "(name:pid)".
void NameTheTask(std::string_view what, const LineFields& fields, LineFinding& finding) {
  if (fields["process"].empty()) return;
  finding.part = fields["process"];
  finding.message =
      std::string(what) + " (" + finding.part + ":" + std::string(fields["pid"]) + ")";
}

}  // namespace

void RefineHungTask(const LineFields& fields, std::string_view, LineFinding& finding) {
  NameTheTask(kBlocked, fields, finding);
}

void RefineSoftLockup(const LineFields& fields, std::string_view, LineFinding& finding) {
  NameTheTask(kSoftLockup, fields, finding);
}

// The status is that of the thermal sensor (IA32_THERM_STATUS): bit 0 is set while it is too hot.
void KeepHot(const LineFields& fields, std::string_view, LineFinding& finding) {
  const auto status = ParseNumber<std::uint64_t>(fields["status"], 16);
  if (!status || (*status & 1) == 0) finding.code.clear();
}

/// "(total events = 4711)", which tells of those that the log has no line for.
void CountThrottling(const LineFields&, std::string_view line, LineFinding& finding) {
  LineFields fields;
  if (MatchForm("total events = <events:n>", line, fields)) {
    finding.details.emplace("events", fields["events"]);
  }
}

void CpuMatcher::OnLine(const KernelLine& line, LineSink& sink) {
  stack_.Take(line, sink);
  // "INFO: task a:1 is blocked on a mutex likely owned by task b:2."
  if (const std::size_t at = line.text.find(kOwner); at != std::string_view::npos) {
    LineFields task;
    if (MatchForm("task <name:*>:<pid:n> is blocked on ", line.text, task) &&
        hung_task_ == std::string(task["name"]) + ":" + std::string(task["pid"])) {
      const std::string_view owner = line.text.substr(at + kOwner.size());
      sink.Detail("blocked_by", std::string(owner.substr(0, owner.find_last_not_of(".\n ") + 1)));
    }
    return;
  }
  LineFinding finding = FindInTable("cpu", kRules, line);
  if (finding.code.empty()) return;
  stack_.Close(sink);
  hung_task_.clear();
  const bool has_stack = finding.code == "hung_task" || finding.code.ends_with("_lockup") ||
                         finding.code == "rcu_stall";
  if (finding.code == "hung_task") hung_task_ = finding.part + ":" + finding.details["pid"];
  sink.Add(std::move(finding));
  if (has_stack) stack_.Open(line.time);
}

std::string FaultName(const Fault& fault) {
  if (fault.code == "soft_lockup") return std::string(kSoftLockup);
  if (fault.code == "hard_lockup") return "a processor hangs with interrupts off";
  if (fault.code == "rcu_stall") return "processors stalled the kernel's grace periods";
  if (fault.code == "critical_temperature") return "the critical temperature was reached";
  if (fault.code == "nmi_serr") return "a PCI system error (SERR) was signalled";
  if (fault.code == "nmi_iock") return "an I/O check error was signalled";
  return fault.code;
}

}  // namespace gpud::cpu
