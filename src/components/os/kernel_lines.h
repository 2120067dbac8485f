// SPDX-License-Identifier: Apache-2.0
// Kernel lines of the system as a whole: it died, it is damaged, or a table of it is full.
#pragma once

#include "components/fault_history.h"
#include "components/line_table.h"

namespace gpud::os {

void RefineFileMax(const LineFields& fields, std::string_view line, LineFinding& finding);
void RefinePanic(const LineFields& fields, std::string_view line, LineFinding& finding);

constexpr LineRule Panic(std::string_view needle, std::string_view form) {
  return {.needle = needle,
          .form = form,
          .code = "kernel_panic",
          .severity = EventType::kFatal,
          .action = Advice::kRebootSystem,
          .follow_up = Advice::kInvestigateHost,
          .refine = RefinePanic};
}
constexpr LineRule Oops(std::string_view needle, std::string_view form) {
  return {.needle = needle,
          .form = form,
          .code = "kernel_oops",
          .severity = EventType::kCritical,
          .action = Advice::kRebootSystem,
          .follow_up = Advice::kInvestigateHost};
}

inline constexpr LineRule kRules[] = {
    // fs/file_table.c
    {.needle = "VFS: file-max limit ",
     .form = "VFS: file-max limit <limit:n> reached",
     .code = "vfs_file_max_limit_reached",
     .refine = RefineFileMax},
    // kernel/panic.c; told at its first line, as the lines after it may never be seen
    {.needle = "end Kernel panic", .form = "end Kernel panic", .code = ""},
    Panic("Kernel panic - ", "Kernel panic - <reason:*>"),
    Panic("Kernel Panic - ", "Kernel Panic - <reason:*>"),
    Panic("kernel panic - ", "kernel panic - <reason:*>"),
    Panic("PANIC: double fault", "PANIC: double fault"),
    // arch/x86/mm/fault.c, arch/arm64/mm/fault.c, lib/bug.c
    Oops("BUG: unable to handle ", "BUG: unable to handle <what:*> at <address:x>"),
    Oops("BUG: unable to handle ", "BUG: unable to handle <what:*>"),
    Oops("BUG: kernel NULL pointer dereference",
         "BUG: kernel NULL pointer dereference, address: <address:x>"),
    Oops("Unable to handle kernel ",
         "Unable to handle kernel <what:*> at virtual address <address:x>"),
    Oops("kernel BUG at ", "kernel BUG at <place:w>"),
    // die() of all architectures: "Oops: 0002 [#1] SMP", "general protection fault, probably for
    // ...: 0000 [#1] SMP"; that of a program ("traps: x[1] general protection fault ip:") has no
    // number.
    Oops(" [#", "Oops: <what:*> [#<oops:n>]"),
    Oops(" [#", "general protection fault<*>: <x> [#<oops:n>]"),
    Oops(" [#", "invalid opcode: <x> [#<oops:n>]"),
    Oops(" [#", "divide error: <x> [#<oops:n>]"),
    Oops(" [#", "double fault: <x> [#<oops:n>]"),
    Oops(" [#", "stack segment: <x> [#<oops:n>]"),
    Oops(" [#", "Internal error: <what:*> [#<oops:n>]"),
    // mm/page_alloc.c, mm/memory.c: structures of the memory manager are overwritten
    {.needle = "BUG: Bad page ",
     .form = "BUG: Bad page <what:w> in process <process:*> ",
     .code = "bad_page_state",
     .severity = EventType::kCritical,
     .action = Advice::kInvestigateHost,
     .follow_up = Advice::kHardwareInspection},
};
inline constexpr auto kNeedles = NeedlesOf(kRules);

/// "the kernel has damaged itself".
std::string FaultName(const Fault& fault);

}  // namespace gpud::os
