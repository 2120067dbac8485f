// SPDX-License-Identifier: Apache-2.0
// Kernel lines about processors: ones that do not schedule, that are too hot, and tasks that wait
// for ever.
#pragma once

#include "components/cpu/stack_head.h"
#include "components/fault_history.h"
#include "components/line_table.h"

namespace gpud::cpu {

inline constexpr std::string_view kOwner = " likely owned by task ";

// What the table below does with a line beside keeping its fields.
void RefineHungTask(const LineFields& fields, std::string_view line, LineFinding& finding);
void RefineSoftLockup(const LineFields& fields, std::string_view line, LineFinding& finding);
void KeepHot(const LineFields& fields, std::string_view line, LineFinding& finding);
void CountThrottling(const LineFields& fields, std::string_view line, LineFinding& finding);

constexpr LineRule SoftLockup(std::string_view form) {
  return {.needle = "soft lockup",
          .form = form,
          .code = "soft_lockup",
          .severity = EventType::kCritical,
          .action = Advice::kInvestigateSoftware,
          .follow_up = Advice::kRebootSystem,
          .event = "cpu_soft_lockup",
          .refine = RefineSoftLockup};
}
constexpr LineRule HardLockup(std::string_view form) {
  return {.needle = "hard LOCKUP",
          .form = form,
          .code = "hard_lockup",
          .severity = EventType::kFatal,
          .action = Advice::kRebootSystem,
          .follow_up = Advice::kInvestigateHost};
}
constexpr LineRule HungTask(std::string_view needle, std::string_view form) {
  return {.needle = needle,
          .form = form,
          .code = "hung_task",
          .action = Advice::kFollowRelatedEvent,
          .event = "cpu_blocked_too_long",
          .refine = RefineHungTask};
}
constexpr LineRule RcuStall(std::string_view needle, std::string_view form) {
  return {.needle = needle,
          .form = form,
          .code = "rcu_stall",
          .severity = EventType::kCritical,
          .action = Advice::kInvestigateSoftware,
          .follow_up = Advice::kRebootSystem};
}
constexpr LineRule Throttled(std::string_view needle, std::string_view form,
                             std::string_view code) {
  return {.needle = needle,
          .form = form,
          .code = code,
          .action = Advice::kCheckCooling,
          .follow_up = Advice::kHardwareInspection,
          .refine = CountThrottling};
}
constexpr LineRule Nmi(std::string_view form, std::string_view code, EventType severity) {
  return {.needle = "NMI",
          .form = form,
          .code = code,
          .severity = severity,
          .action = Advice::kInvestigateHost,
          .follow_up = Advice::kHardwareInspection};
}

inline constexpr std::string_view kIs = "temperature is above threshold";  // from Linux 5.5 on
inline constexpr std::string_view kAbove = "temperature above threshold";

inline constexpr LineRule kRules[] = {
    // kernel/watchdog.c, kernel/watchdog_hld.c, arch/powerpc/kernel/watchdog.c
    SoftLockup("soft lockup - CPU#<cpu:n> stuck for <seconds:n>s! [<process:*>:<pid:n>]"),
    SoftLockup("soft lockup detected on CPU#<cpu:n>!"),
    HardLockup("detected hard LOCKUP on cpu <cpu:n>"),
    HardLockup("CPU <cpu:n> self-detected hard LOCKUP"),
    HardLockup("CPU <cpu:n> detected hard LOCKUP on other CPUs"),
    // kernel/hung_task.c; "in I/O wait" since Linux 6.16
    HungTask(" blocked for more than ",
             "task <process:*>:<pid:n> blocked for more than <seconds:n> seconds"),
    HungTask(" blocked in I/O wait for ",
             "task <process:*>:<pid:n> blocked in I/O wait for more than <seconds:n> seconds"),
    // kernel/rcu/tree_stall.h, tree_exp.h, tasks.h
    RcuStall(" self-detected stall", "INFO: <flavour:w> self-detected stall"),
    RcuStall(" detected stall", "INFO: <flavour:w> detected stall"),
    RcuStall(" detected expedited stall", "INFO: <flavour:w> detected expedited stall"),
    // kernel/workqueue.c
    {.needle = "BUG: workqueue lockup",
     .form = "BUG: workqueue lockup - pool<*>stuck for <seconds:n>s",
     .code = "workqueue_lockup",
     .action = Advice::kInvestigateSoftware},
    // drivers/thermal/intel/therm_throt.c, before Linux 5.12 arch/x86/kernel/cpu/mce. That it is
    // over ("temperature/speed normal") needs no word: throttling is a warning, and the same line
    // stands in the logs of machines that never throttled.
    Throttled(kIs, "CPU<cpu:n>: Core temperature is above threshold", "core_throttled"),
    Throttled(kIs, "CPU<cpu:n>: Package temperature is above threshold", "package_throttled"),
    Throttled(kAbove, "CPU<cpu:n>: Core temperature above threshold", "core_throttled"),
    Throttled(kAbove, "CPU<cpu:n>: Package temperature above threshold", "package_throttled"),
    Throttled("Temperature above threshold", "CPU<cpu:n>: Temperature above threshold",
              "core_throttled"),
    // Kernels before 5.x file the same as a machine check of a bank that is none.
    {.needle = " Bank 128: ",
     .form = "CPU <cpu:n>: Machine Check: <x> Bank 128: <status:x>",
     .code = "core_throttled",
     .action = Advice::kCheckCooling,
     .follow_up = Advice::kHardwareInspection,
     .refine = KeepHot},
    // drivers/thermal/thermal_core.c, drivers/acpi/thermal.c
    {.needle = "ritical temperature reached",
     .form = "ritical temperature reached",
     .code = "critical_temperature",
     .severity = EventType::kFatal,
     .action = Advice::kCheckCooling,
     .follow_up = Advice::kHardwareInspection},
    // arch/x86/kernel/nmi.c
    Nmi("NMI: PCI system error (SERR) for reason <reason:x> on CPU <cpu:n>", "nmi_serr",
        EventType::kCritical),
    Nmi("NMI: IOCK error (debug interrupt?) for reason <reason:x> on CPU <cpu:n>", "nmi_iock",
        EventType::kCritical),
    Nmi("NMI received for unknown reason <reason:x> on CPU <cpu:n>", "nmi_unknown",
        EventType::kWarning),
};

inline constexpr auto kNeedles =
    NeedlesOf(kRules, StackHead::kFrameNeedle, StackHead::kEndNeedle, kOwner);

/// What stands first behind a fault of a task: who is blocked, and in which functions.
class CpuMatcher final : public LineMatcher {
 public:
  void OnLine(const KernelLine& line, LineSink& sink) override;

 private:
  StackHead stack_;
  std::string hung_task_;  ///< "python3:88123", the last one told
};

/// "a processor did not schedule for too long".
std::string FaultName(const Fault& fault);

}  // namespace gpud::cpu
