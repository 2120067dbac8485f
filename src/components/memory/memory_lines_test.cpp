// SPDX-License-Identifier: Apache-2.0
#include "components/memory/memory_lines.h"

#include <gtest/gtest.h>

#include "sources/procfs/meminfo.h"
#include "sources/sysfs/edac.h"
#include "testing/component_kit.h"

namespace gpud::memory {
extern const ComponentType kType;
namespace {

TEST(MemoryLines, TellOfBrokenModulesAndPages) {
  const std::pair<const char*, const char*> rows[] = {
      {"EDAC MC0: 1 CE memory read error on CPU_SrcID#0_MC#0_Chan#1_DIMM#0 (channel:1 slot:0 "
       "page:0x12345 offset:0x0 grain:32 syndrome:0x0 - err_code:0x0101:0x0090)",
       "edac_corrected CPU_SrcID#0_MC#0_Chan#1_DIMM#0 info IGNORE_NO_ACTION_REQUIRED"},
      {"EDAC MC1: 4 CE error on CPU#0Channel#2_DIMM#0 (channel:2 slot:0 page:0x0)",
       "edac_corrected CPU#0Channel#2_DIMM#0 info IGNORE_NO_ACTION_REQUIRED"},
      {"EDAC MC0: 1 CE on mc#0csrow#1channel#0 (csrow:1 channel:0 page:0x1)",
       "edac_corrected mc#0csrow#1channel#0 info IGNORE_NO_ACTION_REQUIRED"},
      {"EDAC MC0: 1 CE Single-bit ECC on DIMM A1 (node:0 card:1 module:0)",
       "edac_corrected DIMM A1 info IGNORE_NO_ACTION_REQUIRED"},
      {"EDAC MC0: 1 CE memory scrubbing error on any memory (channel:0)",
       "edac_corrected - info IGNORE_NO_ACTION_REQUIRED"},
      {"EDAC MC0: CE page 0xf4d04, offset 0x0, grain 0, syndrome 0x1, row 3, channel 1, label "
       "\"DIMM_A1\": amd64_edac",
       "edac_corrected DIMM_A1 info IGNORE_NO_ACTION_REQUIRED"},
      {"EDAC MC0: CE row 0, channel 1, label \"DIMM_A1\": Corrected error (Branch=0)",
       "edac_corrected DIMM_A1 info IGNORE_NO_ACTION_REQUIRED"},
      {"EDAC MC0: UE page 0x1fffc, offset 0x0, grain 4096, row 0, labels \":\": i82875p UE",
       "edac_uncorrected - fatal HARDWARE_INSPECTION"},
      {"EDAC MC0: UE row 0, channel-a= 0 channel-b= 0 labels \"-\": NON_FATAL (addr = 0x0075b980)",
       "edac_uncorrected - fatal HARDWARE_INSPECTION"},
      {"EDAC MC0: 1 UE memory read error on CPU_SrcID#0_MC#3_Chan#0_DIMM#0 (channel:0 slot:0)",
       "edac_uncorrected CPU_SrcID#0_MC#3_Chan#0_DIMM#0 fatal HARDWARE_INSPECTION"},
      {"EDAC MC0: 1 UE memory read error on DIMM_B2",
       "edac_uncorrected DIMM_B2 fatal HARDWARE_INSPECTION"},
      {"Memory failure: 0x7740c0: recovery action for dirty LRU page: Recovered",
       "memory_failure_recovered - warning HARDWARE_INSPECTION"},
      {"Memory failure: 0x7740c0: recovery action for reserved kernel page: Ignored",
       "memory_failure_unrecovered - critical REBOOT_SYSTEM"},
      {"Memory failure: 0x7740c0: Killing python3:4242 due to hardware memory corruption",
       "memory_failure_process_killed - warning RESTART_APPLICATION"},
      {"MCE: Killing qemu-kvm:1321 due to hardware memory corruption fault at 4631e000",
       "memory_failure_process_killed - warning RESTART_APPLICATION"},
      {"MCE 0x7740c0: Killing java:44 early due to hardware memory corruption",
       "memory_failure_process_killed - warning RESTART_APPLICATION"},
      {"mce: Uncorrected hardware memory error in user-access at 2fb0c2c00",
       "memory_uncorrected_user_access - critical HARDWARE_INSPECTION"},
      {"python3: page allocation failure: order:4, mode:0x40dc0(GFP_KERNEL|__GFP_COMP)",
       "page_allocation_failure - warning CHECK_USER_APP_AND_GPU"},
      {"swapper/0: page allocation failure. order:4, mode:0x20",
       "page_allocation_failure - warning CHECK_USER_APP_AND_GPU"},
      {"python3: vmalloc error: size 4194304, page order 9, failed to allocate pages",
       "vmalloc_failure - warning CHECK_USER_APP_AND_GPU"}};
  for (const auto& [line, told] : rows) EXPECT_EQ(Told(kType, line), told) << line;
}

TEST(MemoryLines, AreSilentOnStartUpAndReports) {
  for (const char* line :
       {"EDAC MC: Ver: 3.0.0", "RAS: Correctable Errors collector initialized.",
        "EDAC MC0: Giving out device to module i10nm_edac controller Intel_10nm Socket#0 IMC#0: "
        "DEV",
        "EDAC skx MC3: HANDLING MCE MEMORY ERROR", "EDAC sbridge MC3: PROCESSOR 0:306e7 TIME 1422",
        "EDAC MC2: 0 CE memory read error on CPU_SrcID#1_MC#0_Chan#2_DIMM#0 (channel:2)",
        "Memory failure: 0x7740c0: already hardware poisoned"}) {
    EXPECT_EQ(Told(kType, line), "") << line;
  }
}

TEST(MemoryLines, AreJudgedOnlyWhereNoCountersAre) {
  Inputs in;
  in.SetNow(BootTime(std::chrono::hours(100)), WallTime(std::chrono::seconds(1'772'352'000)));
  in.Put<procfs::Meminfo>(procfs::Meminfo{.total_bytes = 1000, .available_bytes = 250});
  const auto state = [&](const char* line) {
    auto events = Match(kType, {line});
    events.at(0).time = in.Now() - std::chrono::minutes(5);
    in.SetHistory(std::move(events), {}, {});
    return kType.check(in).states.at(0);
  };
  const char* broken = "EDAC MC0: 1 UE memory read error on DIMM_B2 (channel:0)";
  EXPECT_EQ(state(broken).health, Health::kUnhealthy);
  EXPECT_EQ(state(broken).reason, "uncorrected memory errors on DIMM_B2");
  EXPECT_EQ(state("Memory failure: 0x1: recovery action for slab page: Failed").health,
            Health::kDegraded);
  sysfs::MemoryController controller{.name = "mc0", .corrected = 0, .uncorrected = 0};
  in.Put<sysfs::Edac>(sysfs::Edac{{controller}});
  EXPECT_EQ(state(broken).health, Health::kHealthy);
  EXPECT_EQ(state("Memory failure: 0x1: recovery action for slab page: Failed").health,
            Health::kDegraded);
}

}  // namespace
}  // namespace gpud::memory
