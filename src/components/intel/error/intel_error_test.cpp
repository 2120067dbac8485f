// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "components/component.h"
#include "sources/procfs/modules.h"
#include "sources/sysfs/pci.h"
#include "testing/component_kit.h"

namespace gpud::intel_error {
extern const ComponentType kType;
namespace {

TEST(IntelLines, TellOfFaultsOfI915) {
  const std::pair<const char*, const char*> rows[] = {
      {"[drm] GPU HANG: ecode 12:1:0020fffe, in xdg-desktop-por [1676]",
       "gpu_hang 0000:00:02.0 warning RESTART_APPLICATION"},
      {"[drm] GPU HANG: ecode 9:0:0x87d3bffa, hang on rcs0",
       "gpu_hang 0000:00:02.0 warning RESTART_APPLICATION"},
      {"[drm] Resetting chip for GuC failed to reset engine mask=0x1",
       "gpu_reset 0000:00:02.0 critical RESTART_APPLICATION"},
      {"[drm] Resetting rcs0 for stopped heartbeat on rcs0",
       "engine_reset 0000:00:02.0 warning RESTART_APPLICATION"},
      {"[drm] *ERROR* rcs0 reset request timed out: {request: 00000001, RESET_CTL: 00000001}",
       "engine_reset_failed 0000:00:02.0 critical RESET_GPU"},
      {"[drm] *ERROR* GT0: GUC: Engine reset failed on 0:0 (rcs0) because 0x00000000",
       "engine_reset_failed 0000:00:02.0 critical RESET_GPU"},
      {"[drm] *ERROR* GT0: Failed to reset GuC, ret = -110",
       "guc_reset_failed 0000:00:02.0 fatal REBOOT_SYSTEM"},
      {"[drm] *ERROR* Failed to reset chip", "gpu_reset_failed 0000:00:02.0 fatal REBOOT_SYSTEM"},
      {"[drm] *ERROR* GT0: GUC: TLB invalidation response timed out for seqno 3",
       "tlb_invalidation_timeout 0000:00:02.0 critical RESET_GPU"},
      {"[drm] *ERROR* tlb invalidation response timed out for seqno 3",
       "tlb_invalidation_timeout 0000:00:02.0 critical RESET_GPU"},
      {"[drm] *ERROR* GT0 [GUC COMMUNICATION] CT: No response for request 0x5503 (fence 7)",
       "guc_no_response 0000:00:02.0 fatal REBOOT_SYSTEM"},
      {"[drm] *ERROR* GT0: GUC: CT: Sending action 0x5503 failed (-EPIPE) status=0X0",
       "guc_no_response 0000:00:02.0 fatal REBOOT_SYSTEM"},
      {"[drm] *ERROR* render: timed out waiting for forcewake ack request.",
       "forcewake_timeout 0000:00:02.0 fatal REBOOT_SYSTEM"},
      {"[drm] GPU HANG: 9:0:0x0, hang on rcs0",
       "gpu_hang 0000:00:02.0 warning RESTART_APPLICATION"},
      {"Resetting chip for hang on rcs0", "gpu_reset 0000:00:02.0 critical RESTART_APPLICATION"},
      {"[drm] *ERROR* GT1: Failed to initialize GPU, declaring it wedged!",
       "device_wedged 0000:00:02.0 fatal RESET_GPU"},
      {"[drm] *ERROR* GT0: GuC initialization failed -110",
       "firmware_load_failed 0000:00:02.0 fatal REBOOT_SYSTEM"},
      {"[drm] Resetting rcs'0.0 for preemption time out",
       "engine_reset 0000:00:02.0 warning RESTART_APPLICATION"},
      {"[drm] *ERROR* GuC engine reset request failed on 0:0 (rcs0) because 0x00000000",
       "engine_reset_failed 0000:00:02.0 critical RESET_GPU"},
      {"[drm] *ERROR* Failed to initialise HW following reset (-5)",
       "gpu_reset_failed 0000:00:02.0 fatal REBOOT_SYSTEM"},
      {"[drm] *ERROR* intel_gt_reset_global timed out, cancelling all in-flight rendering.",
       "device_wedged 0000:00:02.0 fatal RESET_GPU"},
      {"Device initialization failed (-5)", "gpu_init_failed 0000:00:02.0 fatal REBOOT_SYSTEM"},
      {"probe with driver i915 failed with error -5",
       "gpu_init_failed 0000:00:02.0 fatal REBOOT_SYSTEM"}};
  for (const auto& [text, told] : rows) {
    EXPECT_EQ(Told(kType, std::string("i915 0000:00:02.0: ") + text), told) << text;
  }
  EXPECT_EQ(Told(kType, "[drm] GPU HANG: ecode 0:0x87d3bffa, reason: Ring hung, action: reset"),
            "gpu_hang - warning RESTART_APPLICATION");
  EXPECT_EQ(Told(kType, "drm/i915: Resetting chip after gpu hang"),
            "gpu_reset - critical RESTART_APPLICATION");
}

TEST(IntelLines, TellOfFaultsOfXe) {
  const std::pair<const char*, const char*> rows[] = {
      {"[drm] Tile0: GT0: Engine reset: engine_class=ccs, logical_mask: 0x1, guc_id=2, state=0x3",
       "engine_reset 0000:0b:00.0 warning RESTART_APPLICATION"},
      {"[drm] GT0: Timedout job: seqno=4294967169, lrc_seqno=4294967169, guc_id=0, flags=0x73 in "
       "python3 [711]",
       "job_timeout 0000:0b:00.0 warning RESTART_APPLICATION"},
      {"[drm] Tile0: GT0: Engine memory CAT error: engine_class=ccs, logical_mask: 0x1, guc_id=2",
       "memory_cat_error 0000:0b:00.0 warning CHECK_USER_APP_AND_GPU"},
      {"[drm:xe_guc_exec_queue_memory_cat_error_handler [xe]] GT0: Engine memory cat error: "
       "engine_class=rcs, logical_mask: 0x1, guc_id=2",
       "memory_cat_error 0000:0b:00.0 warning CHECK_USER_APP_AND_GPU"},
      {"[drm:pf_queue_work_func [xe]] Fault response: Unsuccessful -22",
       "page_fault 0000:0b:00.0 warning CHECK_USER_APP_AND_GPU"},
      {"[drm] GT0: Fault response: Unsuccessful -EINVAL",
       "page_fault 0000:0b:00.0 warning CHECK_USER_APP_AND_GPU"},
      {"[drm] *ERROR* Tile0: GT0: GuC engine reset request failed on 0:0 because 0x00000000",
       "engine_reset_failed 0000:0b:00.0 critical RESET_GPU"},
      {"[drm] GT0: trying reset from guc_exec_queue_timedout_job [xe]",
       "gt_reset 0000:0b:00.0 critical RESTART_APPLICATION"},
      {"[drm] Tile0: GT0: reset started", "gt_reset 0000:0b:00.0 critical RESTART_APPLICATION"},
      {"[drm] Tile0: GT0: reset done", "gt_reset_ok 0000:0b:00.0 info IGNORE_NO_ACTION_REQUIRED"},
      {"[drm] *ERROR* Tile0: GT0: reset failed (-ETIMEDOUT)",
       "gt_reset_failed 0000:0b:00.0 fatal REBOOT_SYSTEM"},
      {"[drm] *ERROR* Tile0: GT0: failed to clear GRDOM_FULL (-ETIMEDOUT)",
       "gpu_reset_failed 0000:0b:00.0 fatal REBOOT_SYSTEM"},
      {"[drm] *ERROR* CRITICAL: Xe has declared device 0000:0b:00.0 as wedged.\nIOCTLs and "
       "executions are blocked.",
       "device_wedged 0000:0b:00.0 fatal RESET_GPU"},
      {"[drm] device wedged, needs recovery", "device_wedged 0000:0b:00.0 fatal RESET_GPU"},
      {"[drm] *ERROR* Tile0: GT0: TLB invalidation fence timeout, seqno=3 recv=2",
       "tlb_invalidation_timeout 0000:0b:00.0 critical RESET_GPU"},
      {"[drm] *ERROR* GT0: Timed out wait for G2H, fence 61, action 3003, done no",
       "guc_no_response 0000:0b:00.0 fatal REBOOT_SYSTEM"},
      {"[drm] *ERROR* Tile0: GT0: GuC load failed: status = 0x400000A0",
       "firmware_load_failed 0000:0b:00.0 fatal REBOOT_SYSTEM"},
      {"[drm] *ERROR* GT0: GuC init failed with -EPROTO",
       "firmware_load_failed 0000:0b:00.0 fatal REBOOT_SYSTEM"},
      {"[drm] Engine reset: guc_id=46", "engine_reset 0000:0b:00.0 warning RESTART_APPLICATION"},
      {"[drm] *ERROR* TLB invalidation time'd out, seqno=3, recv=2",
       "tlb_invalidation_timeout 0000:0b:00.0 critical RESET_GPU"},
      {"[drm] *ERROR* GT0: Force wake domain 1 failed to ack wake (-ETIMEDOUT) reg[0xa188] = 0x1",
       "forcewake_timeout 0000:0b:00.0 fatal REBOOT_SYSTEM"},
      {"probe with driver xe failed with error -62",
       "gpu_init_failed 0000:0b:00.0 fatal REBOOT_SYSTEM"}};
  for (const auto& [text, told] : rows) {
    EXPECT_EQ(Told(kType, std::string("xe 0000:0b:00.0: ") + text), told) << text;
  }
}

TEST(IntelLines, AreSilentOnStartUpDumpsAndOtherDrivers) {
  for (const char* line :
       {"i915 0000:00:02.0: [drm] GT0: GUC: submission enabled",
        "i915 0000:00:02.0: [drm] GT0: GUC: SLPC enabled",
        "i915 0000:00:02.0: [drm] GT0: HuC authenticated",
        "i915 0000:00:02.0: [drm] GuC firmware i915/tgl_guc_70.bin version 70.5.1",
        "i915 0000:00:02.0: [drm] GPU error state saved to /sys/class/drm/card0/error",
        "xe 0000:0b:00.0: [drm] Xe device coredump has been created",
        "xe 0000:0b:00.0: [drm] Using GuC firmware from xe/bmg_guc_70.bin version 70.44.1",
        "xe 0000:0b:00.0: [drm] GT0: Force wake domain 1 failed to ack sleep (-ETIMEDOUT) reg[0x1] "
        "= 0x1",
        "usb 1-3: Resetting chip for fun",
        "amdgpu 0000:68:00.0: [drm] device wedged, needs recovery", "nvme nvme0: reset done"}) {
    EXPECT_EQ(Told(kType, line), "") << line;
  }
}

TEST(IntelLines, AResetOfXeIsOneFindingUntilItIsDone) {
  const std::string prefix = "xe 0000:0b:00.0: [drm] Tile0: GT0: ";
  const auto found =
      Find(kType, {prefix + "trying reset from guc_exec_queue_timedout_job [xe]",
                   prefix + "reset queued", prefix + "reset started", prefix + "reset done",
                   prefix + "reset queued", "xe 0000:0b:00.0: [drm] Tile0: GT1: reset queued"});
  ASSERT_EQ(found.size(), 4u);
  EXPECT_EQ(found[0].details.at("cause"), "guc_exec_queue_timedout_job");
  EXPECT_EQ(found[1].code, "gt_reset_ok");
  EXPECT_TRUE(found[1].clears);
}

TEST(IntelLines, KeepWhoWasHit) {
  const auto found =
      Find(kType, {"i915 0000:00:02.0: [drm] GPU HANG: ecode 12:1:0020fffe, in my app [1676]",
                   "xe 0000:0b:00.0: [drm] GT0: Timedout job: seqno=1, lrc_seqno=1, guc_id=0, "
                   "flags=0x73 in python3 [711]"});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].details.at("process"), "my app");
  EXPECT_EQ(found[0].details.at("pid"), "1676");
  EXPECT_EQ(found[0].details.at("ecode"), "12:1:0020fffe");
  EXPECT_EQ(found[1].details.at("process"), "python3");
}

TEST(IntelError, IsSupportedByAGpuAndNotByABridge) {
  Inputs in;
  in.Put<sysfs::PciDevices>(sysfs::PciDevices{{{"0000:00:00.0", 0x8086, 0x060000}}});
  EXPECT_FALSE(kType.supported(in).supported);
  in.Put<sysfs::PciDevices>(sysfs::PciDevices{{{"0000:00:02.0", 0x8086, 0x030000}}});
  EXPECT_TRUE(kType.supported(in).supported);
}

}  // namespace
}  // namespace gpud::intel_error
