// SPDX-License-Identifier: Apache-2.0
#include "components/os/kernel_lines.h"

#include <gtest/gtest.h>

#include "testing/component_kit.h"

namespace gpud::os {
extern const ComponentType kType;
namespace {

TEST(KernelLines, TellOfPanicsAndOopses) {
  constexpr const char* kOops = "kernel_oops - critical REBOOT_SYSTEM";
  const std::pair<const char*, const char*> rows[] = {
      {"Kernel panic - not syncing: Fatal exception", "kernel_panic - fatal REBOOT_SYSTEM"},
      {"Kernel panic - not syncing: softlockup: hung tasks", "kernel_panic - fatal REBOOT_SYSTEM"},
      {"VFS: file-max limit 1000000 reached",
       "vfs_file_max_limit_reached - warning IGNORE_NO_ACTION_REQUIRED"},
      {"BUG: unable to handle page fault for address: ffffb1a3f325c000", kOops},
      {"BUG: unable to handle kernel NULL pointer dereference at 0000000000000008", kOops},
      {"BUG: kernel NULL pointer dereference, address: 0000000000000008", kOops},
      {"Unable to handle kernel paging request at virtual address ffff000012345678", kOops},
      {"kernel BUG at fs/ext4/inode.c:2721!", kOops},
      {"Oops: 0002 [#1] PREEMPT SMP NOPTI", kOops},
      {"Oops: general protection fault, probably for non-canonical address 0x1: 0000 [#1] SMP",
       kOops},
      {"general protection fault, probably for non-canonical address 0x1: 0000 [#1] SMP NOPTI",
       kOops},
      {"general protection fault: 0000 [#1] SMP", kOops},
      {"invalid opcode: 0000 [#1] SMP", kOops},
      {"double fault: 0000 [#1] SMP", kOops},
      {"Internal error: Oops: 96000004 [#1] SMP", kOops},
      {"BUG: Bad page state in process kswapd0  pfn:12345",
       "bad_page_state - critical INVESTIGATE_HOST"}};
  for (const auto& [line, told] : rows) EXPECT_EQ(Told(kType, line), told) << line;
}

TEST(KernelLines, AreSilentOnProgramsAndWhatFollows) {
  for (const char* line :
       {"VFS: file-max limit x reached", "a panic in the kernel",
        "---[ end Kernel panic - not syncing: Fatal exception ]---",
        "traps: python3[123] general protection fault ip:7f01 sp:7ffc error:0 in libc.so.6[7f00+1]",
        "traps: a[5] trap invalid opcode ip:7f01 sp:7ffc error:0 in libfoo.so",
        "watchdog: BUG: soft lockup - CPU#63 stuck for 19s! [python3:2468]",
        "ACPI BIOS Error (bug): Could not resolve symbol [_SB.PC00.LPC0], AE_NOT_FOUND",
        "Command line: BOOT_IMAGE=/vmlinuz panic=10 oops=panic"}) {
    EXPECT_EQ(Told(kType, line), "") << line;
  }
}

TEST(KernelLines, GiveTheReasonOfAPanic) {
  const auto found =
      Find(kType, {"x Kernel panic - not syncing: Fatal exception in interrupt\nCPU"});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].message, "Kernel panic - not syncing: Fatal exception in interrupt");
  EXPECT_EQ(found[0].details.at("reason"), "Fatal exception in interrupt");
}

}  // namespace
}  // namespace gpud::os
