// SPDX-License-Identifier: Apache-2.0
// Kernel lines about memory: who was killed for want of it, and which of it is broken.
#pragma once

#include "components/fault_history.h"
#include "components/line_table.h"
#include "components/memory/oom_matcher.h"

namespace gpud::memory {

// What the table below does with a line beside keeping its fields.
void RefineModule(const LineFields& fields, std::string_view line, LineFinding& finding);
void RefineRecovery(const LineFields& fields, std::string_view line, LineFinding& finding);
void RefineAllocation(const LineFields& fields, std::string_view line, LineFinding& finding);

// The counters of the memory controllers are what health hangs on; they make events of the same
// codes. The lines' events have names of their own, so that nobody adds the two up.
constexpr LineRule Corrected(std::string_view needle, std::string_view form) {
  return {.needle = needle,
          .form = form,
          .code = "edac_corrected",
          .severity = EventType::kInfo,
          .follow_up = Advice::kHardwareInspection,
          .event = "edac_corrected_line",
          .refine = RefineModule};
}
constexpr LineRule Uncorrected(std::string_view needle, std::string_view form) {
  return {.needle = needle,
          .form = form,
          .code = "edac_uncorrected",
          .severity = EventType::kFatal,
          .action = Advice::kHardwareInspection,
          .event = "edac_uncorrected_line",
          .refine = RefineModule};
}
constexpr LineRule Allocation(std::string_view needle, std::string_view form,
                              std::string_view code) {
  return {.needle = needle,
          .form = form,
          .code = code,
          .action = Advice::kCheckUserApp,
          .refine = RefineAllocation};
}
constexpr LineRule Poisoned(std::string_view form) {
  return {.needle = "due to hardware memory corruption",
          .form = form,
          .code = "memory_failure_process_killed",
          .action = Advice::kRestartApplication,
          .follow_up = Advice::kHardwareInspection};
}

inline constexpr LineRule kRules[] = {
    // drivers/edac/edac_mc.c since Linux 3.6: "EDAC MC0: 1 CE memory read error on LABEL (...)"
    Corrected(" CE ", "EDAC <controller:w> <count:n> CE on <device:*>"),
    Corrected(" CE ", "EDAC <controller:w> <count:n> CE <what:*> on <device:*>"),
    Uncorrected(" UE ", "EDAC <controller:w> <count:n> UE on <device:*>"),
    Uncorrected(" UE ", "EDAC <controller:w> <count:n> UE <what:*> on <device:*>"),
    // Before: "EDAC MC0: CE page 0x.., offset .., grain .., syndrome .., row 3, channel 1, label
    // "DIMM_A1": amd64_edac"
    Corrected("EDAC MC", "EDAC <controller:w> CE page <page:x>, <*>label \"<device:*>\":"),
    Corrected("EDAC MC", "EDAC <controller:w> CE page <page:x>, "),
    Corrected("EDAC MC", "EDAC <controller:w> CE row <row:n>, <*>label \"<device:*>\":"),
    Corrected("EDAC MC", "EDAC <controller:w> CE row <row:n>, "),
    Corrected("EDAC MC", "EDAC <controller:w> CE - no information available"),
    Uncorrected("EDAC MC", "EDAC <controller:w> UE page <page:x>, <*>label<*> \"<device:*>\":"),
    Uncorrected("EDAC MC", "EDAC <controller:w> UE page <page:x>, "),
    Uncorrected("EDAC MC", "EDAC <controller:w> UE row <row:n>, <*>labels \"<device:*>\":"),
    Uncorrected("EDAC MC", "EDAC <controller:w> UE row <row:n>, "),
    Uncorrected("EDAC MC", "EDAC <controller:w> UE - no information available"),
    // mm/memory-failure.c
    {.needle = "recovery action for ",
     .form = "0x<pfn:x>: recovery action for <page:*>: <outcome:dev>",
     .code = "memory_failure_recovered",
     .action = Advice::kHardwareInspection,
     .refine = RefineRecovery},
    Poisoned("0x<pfn:x>: Killing <process:*>:<pid:n> due to hardware memory corruption"),
    Poisoned("0x<pfn:x>: Killing <process:*>:<pid:n> early due to hardware memory corruption"),
    Poisoned("MCE: Killing <process:*>:<pid:n> due to hardware memory corruption"),
    Poisoned("0x<pfn:x>: Sending SIGBUS to <process:*>:<pid:n> due to hardware memory corruption"),
    // arch/x86/kernel/cpu/mce/core.c
    {.needle = "Uncorrected hardware memory error in user-access",
     .form = "Uncorrected hardware memory error in user-access at <address:x>",
     .code = "memory_uncorrected_user_access",
     .severity = EventType::kCritical,
     .action = Advice::kHardwareInspection},
    // mm/page_alloc.c, mm/vmalloc.c
    Allocation("page allocation failure", "<process:*>: page allocation failure<*>order:<order:n>",
               "page_allocation_failure"),
    Allocation("page allocation stalls for ",
               "<process:*>: page allocation stalls for <milliseconds:n>ms",
               "page_allocation_stall"),
    Allocation("vmalloc error: size ", "<process:*>: vmalloc error: size <bytes:n>",
               "vmalloc_failure"),
    Allocation("vmalloc: allocation failure", "<process:*>: vmalloc: allocation failure",
               "vmalloc_failure"),
};
inline constexpr auto kNeedles =
    NeedlesOf(kRules, kInvoked, kSummary, kLimit, kAnnounced, kKilled, kReaped, kNobody);

class MemoryMatcher final : public LineMatcher {
 public:
  void OnLine(const KernelLine& line, LineSink& sink) override;

 private:
  OomMatcher oom_;
};

/// The faults that lines tell of and nothing else here judges: kills are judged by their number,
/// the modules by their counters where there are any (`counted`).
std::vector<Fault> LineFaults(const Inputs& in, bool counted);
std::string FaultName(const Fault& fault);

}  // namespace gpud::memory
