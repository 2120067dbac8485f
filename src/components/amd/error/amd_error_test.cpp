// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "components/component.h"
#include "testing/component_kit.h"

namespace gpud::amd_error {
extern const ComponentType kType;
namespace {

TEST(AmdLines, TellOfEachFaultWhateverItsPrefix) {
  constexpr const char* kCorrected = "ras_correctable 0000:68:00.0 info IGNORE_NO_ACTION_REQUIRED";
  constexpr const char* kUncorrected = "ras_uncorrectable 0000:68:00.0 fatal RESET_GPU";
  constexpr const char* kThreshold = "bad_page_threshold 0000:68:00.0 fatal HARDWARE_INSPECTION";
  constexpr const char* kPoison = "ras_poison_consumed 0000:68:00.0 critical RESTART_APPLICATION";
  constexpr const char* kDeferred = "ras_deferred 0000:68:00.0 warning IGNORE_NO_ACTION_REQUIRED";
  constexpr const char* kFailed = "gpu_reset_failed 0000:68:00.0 fatal REBOOT_SYSTEM";
  constexpr const char* kBegin = "gpu_reset_begin 0000:68:00.0 critical RESTART_APPLICATION";
  constexpr const char* kRing = "ring_timeout 0000:68:00.0 critical RESTART_APPLICATION";
  constexpr const char* kQueue = "queue_preempt_timeout 0000:68:00.0 critical RESET_GPU";
  constexpr const char* kFault = "page_fault 0000:68:00.0 warning CHECK_USER_APP_AND_GPU";
  constexpr const char* kTest = "ring_test_failed 0000:68:00.0 critical RESET_GPU";
  const std::pair<const char*, const char*> rows[] = {
      {"{7} socket: 2, die: 1, 1 new correctable hardware errors detected in umc block",
       kCorrected},
      {"{1}1 correctable hardware errors detected in umc block, no user action is needed.",
       kCorrected},
      {"{8} socket: 2, die: 0, 12 new uncorrectable hardware errors detected in gfx block",
       kUncorrected},
      {"{1}1 uncorrectable hardware errors detected in sdma block", kUncorrected},
      {"2 uncorrectable hardware errors detected in xgmi_wafl block", kUncorrected},
      {"{9} socket: 2, die: 1, 1 new deferred hardware errors detected in umc block", kDeferred},
      {"{9}Poison is created", kDeferred},
      {"{9} socket: 2, die: 1, 1 new poison consumption detected in gfx block", kPoison},
      {"RAS poison consumption, fall back to gpu reset flow: client id 27", kPoison},
      {"RAS poison consumption handling: client id 27", kPoison},
      {"{3}GPU reset for gfx RAS poison consumption is issued!", kPoison},
      {"{8}uncorrectable hardware error(ERREVENT_ATHUB_INTERRUPT) detected!",
       "ras_fatal_interrupt 0000:68:00.0 fatal REBOOT_SYSTEM"},
      {"{8} Uncorrectable hardware error(ERREVENT_ATHUB_INTERRUPT) detected!",
       "ras_fatal_interrupt 0000:68:00.0 fatal REBOOT_SYSTEM"},
      {"socket: 2, die: 0 new 4 uncorrectable hardware errors detected in gfx block", kUncorrected},
      {"RAS records:128 exceed threshold:127", kThreshold},
      {"RAS records:128 exceed threshold:127, GPU will not be initialized. Replace this GPU or "
       "increase the threshold",
       kThreshold},
      {"GPU will not be initialized. Replace this GPU or increase the threshold.", kThreshold},
      {"Saved bad pages 128 reaches threshold value 127", kThreshold},
      {"RAS records:120 exceeds 90% of threshold:127",
       "bad_page_near_threshold 0000:68:00.0 warning HARDWARE_INSPECTION"},
      {"ring comp_1.1.0 timeout, signaled seq=7073226, emitted seq=7073228", kRing},
      {"[drm] *ERROR* ring sdma0 timeout, signaled seq=1, emitted seq=2", kRing},
      {"Ring gfx_0.0.0 reset failed",
       "ring_reset_failed 0000:68:00.0 critical RESTART_APPLICATION"},
      {"ring gfx timeout, last signaled seq=2174624, last emitted seq=2174626", kRing},
      {"Ring gfx_0.0.0 reset failure",
       "ring_reset_failed 0000:68:00.0 critical RESTART_APPLICATION"},
      {"Ring gfx_0.0.0 reset success", "ring_reset_ok 0000:68:00.0 info IGNORE_NO_ACTION_REQUIRED"},
      {"Ring gfx_0.0.0 reset succeeded",
       "ring_reset_ok 0000:68:00.0 info IGNORE_NO_ACTION_REQUIRED"},
      {"GPU reset begin!", kBegin},
      {"GPU reset begin!. Source:  3", kBegin},
      {"GPU reset(2) succeeded!", "gpu_reset_ok 0000:68:00.0 info IGNORE_NO_ACTION_REQUIRED"},
      {"GPU reset(2) failed", kFailed},
      {"GPU reset end with ret = -110", kFailed},
      {"GPU Recovery Failed: -110", kFailed},
      {"ASIC reset failed with error, -110 for drm dev, 0000:68:00.0", kFailed},
      {"VRAM is lost due to GPU reset!", "vram_lost 0000:68:00.0 critical RESTART_APPLICATION"},
      {"GPU recovery disabled.", "gpu_recovery_disabled 0000:68:00.0 fatal REBOOT_SYSTEM"},
      {"qcm fence wait loop timeout expired", kQueue},
      {"The cp might be in an unrecoverable state due to an unsuccessful queues preemption",
       kQueue},
      {"Failed to evict process queues", kQueue},
      {"MES might be in unrecoverable state, issue a GPU reset", kQueue},
      {"Failed to evict queues of pasid 0x8006", kQueue},
      {"Queue preemption failed for queue with doorbell_id: 80004008", kQueue},
      {"XCC 3: Queue preemption failed for queue with doorbell_id: 80004008", kQueue},
      {"HIQ MQD's queue_doorbell_id0 is not 0, Queue preemption time out", kQueue},
      {"[drm] *ERROR* MES failed to response msg=14",
       "mes_timeout 0000:68:00.0 critical RESET_GPU"},
      {"MES(0) failed to respond to msg=REMOVE_QUEUE",
       "mes_timeout 0000:68:00.0 critical RESET_GPU"},
      {"[gfxhub0] no-retry page fault (src_id:0 ring:24 vmid:3 pasid:32773)", kFault},
      {"[mmhub] page fault (src_id:0 ring:24 vmid:3 pasid:32773)", kFault},
      {"[gfxhub] VMC page fault (src_id:0 ring:158 vmid:2 pas_id:32769)", kFault},
      {"GPU fault detected: 147 0x0a4c8802", kFault},
      {"XGMI: Set topology failure on device 8c1f7c51a0b1c2d3, hive 5f2f0c1e8d9b4f0a, ret -22",
       "xgmi_topology_failure 0000:68:00.0 fatal REBOOT_SYSTEM"},
      {"XGMI: Get topology failure on device 8c1f7c51a0b1c2d3, hive 5f2f0c1e8d9b4f0a, ret -22",
       "xgmi_topology_failure 0000:68:00.0 fatal REBOOT_SYSTEM"},
      {"XGMI: Failed to add node 8c1f7c51a0b1c2d3, hive 0x5f2f0c1e",
       "xgmi_node_failure 0000:68:00.0 fatal REBOOT_SYSTEM"},
      {"GPU over temperature range(SW CTF) detected!",
       "over_temperature 0000:68:00.0 critical CHECK_COOLING"},
      {"ERROR: GPU HW Critical Temperature Fault(aka CTF) detected!",
       "over_temperature 0000:68:00.0 fatal CHECK_COOLING"},
      {"device lost from bus!", "device_lost 0000:68:00.0 fatal REBOOT_SYSTEM"},
      {"Fatal error during GPU init", "gpu_init_failed 0000:68:00.0 fatal REBOOT_SYSTEM"},
      {"ring kiq_0.2.1.0 test failed (-110)", kTest},
      {"IB test failed on gfx (-110)", kTest},
      {"failed testing IB on ring 10 (-110).", kTest},
      {"ib ring test failed (-110).", kTest},
      {"WARN: GPU thermal throttling temperature reached, expect performance decrease. HBM.",
       "thermal_throttled 0000:68:00.0 warning CHECK_COOLING"},
      {"[drm] device wedged, but recovered through reset",
       "device_wedged_recovered 0000:68:00.0 warning RESTART_APPLICATION"},
      {"[drm] device wedged, needs recovery", "device_wedged 0000:68:00.0 fatal RESET_GPU"}};
  for (const auto& [text, told] : rows) {
    EXPECT_EQ(Told(kType, std::string("amdgpu 0000:68:00.0: amdgpu: ") + text), told) << text;
    EXPECT_EQ(Told(kType, std::string("amdgpu 0000:68:00.0: ") + text), told) << text;
  }
}

TEST(AmdLines, AProbeThatFailsIsToldByTheKernel) {
  for (const char* line : {"amdgpu 0000:68:00.0: probe with driver amdgpu failed with error -62",
                           "amdgpu: probe of 0000:68:00.0 failed with error -22"}) {
    EXPECT_EQ(Told(kType, line), "gpu_init_failed 0000:68:00.0 fatal REBOOT_SYSTEM") << line;
  }
  EXPECT_EQ(Told(kType, "radeon: probe of 0000:68:00.0 failed with error -22"), "");
}

TEST(AmdLines, OldPrefixesNameNoDevice) {
  const std::pair<const char*, const char*> rows[] = {
      {"amdgpu: qcm fence wait loop timeout expired", "queue_preempt_timeout - critical RESET_GPU"},
      {"The cp might be in an unrecoverable state due to an unsuccessful queues preemption",
       "queue_preempt_timeout - critical RESET_GPU"},
      {"[drm:amdgpu_job_timedout [amdgpu]] *ERROR* ring gfx timeout, signaled seq=73, emitted "
       "seq=75",
       "ring_timeout - critical RESTART_APPLICATION"},
      {"[drm] RAS event of type ERREVENT_ATHUB_INTERRUPT detected!",
       "ras_fatal_interrupt - fatal REBOOT_SYSTEM"},
      {"[drm] GPU recovery disabled.", "gpu_recovery_disabled - fatal REBOOT_SYSTEM"},
      {"[drm] VRAM is lost!", "vram_lost - critical RESTART_APPLICATION"},
      {"[drm:amdgpu_device_ip_resume_phase2 [amdgpu]] *ERROR* ring gfx test failed (-110)",
       "ring_test_failed - critical RESET_GPU"}};
  for (const auto& [line, told] : rows) EXPECT_EQ(Told(kType, line), told) << line;
}

TEST(AmdLines, AreSilentOnTotalsAllClearsAndProgress) {
  for (const char* text :
       {"{7} socket: 2, die: 1, 14 correctable hardware errors detected in total in umc block",
        "{8} socket: 2, die: 0, 1 uncorrectable hardware errors detected in total in gfx block",
        "{9} socket: 2, die: 1, 3 deferred hardware errors detected in total in umc block",
        "{9} socket: 2, die: 1, 3 poison consumption detected in total in gfx block",
        "0 uncorrectable hardware errors detected in umc block",
        "{4}0 correctable hardware errors detected in umc block",
        "no uncorrectable hardware errors detected in umc block",
        "socket: 0, die: 0, 1048560 new uncorrectable hardware errors detected in umc block",
        "1048560 correctable hardware errors detected in umc block",
        "UVD VCPU state may lost due to RAS ERREVENT_ATHUB_INTERRUPT",
        "GPU will be initialized due to bad_page_threshold = -1.",
        "User defined threshold is set, runtime service will be halt when threshold is reached",
        "GPU reset succeeded, trying to resume",
        "MODE1 reset",
        "GPU mode1 reset",
        "BACO reset",
        "GPU reset end with ret = 0",
        "ring sdma0 timeout, but soft recovered",
        "Starting sdma0 ring reset",
        "MEM ECC is active.",
        "SRAM ECC is active.",
        "RAS INFO: ras initialized successfully, hardware ability[ffffffff] ras_mask[ffffffff]",
        "Found existing EEPROM table with 3 records",
        "records:120 threshold:127, resetting RAS table header signature",
        "Please consult AMD Service Action Guide (SAG) for appropriate service procedures",
        "XGMI node 1, hive 0x5f2f0c1e8d9b4f0a",
        "{8}[Hardware Error]: aca entry[00].STATUS=0xbea0000000000108"}) {
    EXPECT_EQ(Told(kType, std::string("amdgpu 0000:68:00.0: amdgpu: ") + text), "") << text;
  }
  EXPECT_EQ(Told(kType, "xe 0000:0b:00.0: [drm] device wedged, needs recovery"), "");
}

TEST(AmdLines, LinesWithoutADeviceAreAboutTheOneThatIsBeingReset) {
  const auto found = Find(kType, {"amdgpu 0000:68:00.0: amdgpu: GPU reset begin!",
                                  "[drm] VRAM is lost due to GPU reset!",
                                  "amdgpu 0000:68:00.0: amdgpu: GPU reset(2) succeeded!",
                                  "amdgpu: qcm fence wait loop timeout expired"});
  ASSERT_EQ(found.size(), 4u);
  EXPECT_EQ(found[1].device, "0000:68:00.0");
  EXPECT_TRUE(found[2].clears);
  EXPECT_EQ(found[3].device, "") << "no reset is open any more";
}

TEST(AmdLines, AResetThatFailsIsToldOnceMoreWithoutTheDevice) {
  const auto found =
      Find(kType, {"amdgpu 0000:68:00.0: amdgpu: GPU reset begin!",
                   "amdgpu 0000:68:00.0: amdgpu: GPU reset(3) failed",
                   "[drm:amdgpu_job_timedout [amdgpu]] *ERROR* GPU Recovery Failed: -62"});
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[2].device, "0000:68:00.0");
}

TEST(AmdLines, APageFaultIsOneFindingWithItsOwnerAndPlace) {
  const std::vector<std::vector<std::string>> blocks = {
      {"amdgpu 0000:05:00.0: amdgpu: [gfxhub0] no-retry page fault (src_id:0 ring:24 vmid:3 "
       "pasid:32773, for process rocm-app pid 9911 thread rocm-app pid 9911)",
       "amdgpu 0000:05:00.0: amdgpu:   in page starting at address 0x00007fc991c04000 from IH "
       "client 0x1b (UTCL2)",
       "amdgpu 0000:05:00.0: amdgpu: VM_L2_PROTECTION_FAULT_STATUS:0x00301031",
       "amdgpu 0000:05:00.0: amdgpu: \t PERMISSION_FAULTS: 0x3"},
      {"amdgpu 0000:05:00.0: amdgpu: [gfxhub0] no-retry page fault (src_id:0 ring:24 vmid:3 "
       "pasid:32773)",
       "amdgpu 0000:05:00.0: amdgpu:  in process rocm-app pid 9911 thread rocm-app pid 9911)",
       "amdgpu 0000:05:00.0: amdgpu:   in page starting at address 0x00007fc991c04000 from IH "
       "client 0x1b (UTCL2)",
       "amdgpu 0000:05:00.0: amdgpu: GCVM_L2_PROTECTION_FAULT_STATUS:0x00301031",
       "amdgpu 0000:06:00.0: amdgpu: \t PERMISSION_FAULTS: 0x5",
       "amdgpu 0000:05:00.0: amdgpu: \t PERMISSION_FAULTS: 0x3"}};
  for (const auto& block : blocks) {
    const auto found = Find(kType, block);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].details,
              (std::map<std::string, std::string>{{"hub", "gfxhub0"},
                                                  {"kind", "no-retry"},
                                                  {"vmid", "3"},
                                                  {"pasid", "32773"},
                                                  {"process", "rocm-app"},
                                                  {"pid", "9911"},
                                                  {"address", "0x00007fc991c04000"},
                                                  {"client", "IH client 0x1b (UTCL2)"},
                                                  {"status", "0x00301031"},
                                                  {"permission_faults", "0x3"}}));
  }
}

TEST(AmdLines, ARingKnowsWhoseJobHung) {
  const auto found =
      Find(kType, {"amdgpu 0000:05:00.0: amdgpu: ring gfx timeout, signaled seq=1, emitted seq=2",
                   "amdgpu 0000:05:00.0: amdgpu: Process information: process my app pid 4711 "
                   "thread my app:cs0 pid 4712"});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].details.at("ring"), "gfx");
  EXPECT_EQ(found[0].details.at("process"), "my app");
  EXPECT_EQ(found[0].details.at("pid"), "4711");
}

TEST(AmdError, AResetThatSucceedsClosesWhatItCuresAndNotTheBadPages) {
  const auto events =
      Match(kType, {"amdgpu 0000:68:00.0: amdgpu: 1 uncorrectable hardware errors detected in gfx "
                    "block",
                    "amdgpu 0000:68:00.0: amdgpu: RAS records:128 exceed threshold:127",
                    "amdgpu 0000:68:00.0: amdgpu: GPU reset(2) succeeded!"});
  const auto state = [&](std::size_t count) {
    std::vector<Event> newest_first(events.rend() - static_cast<std::ptrdiff_t>(count),
                                    events.rend());
    Inputs in;
    in.SetNow(BootTime(std::chrono::hours(9)), newest_first[0].time);
    in.SetHistory(std::move(newest_first), {}, {});
    return kType.check(in).states.at(0);
  };
  EXPECT_EQ(state(1).reason, "an uncorrectable hardware error on 0000:68:00.0");
  EXPECT_EQ(state(3).health, Health::kUnhealthy);
  EXPECT_EQ(state(3).reason, "too many bad memory pages on 0000:68:00.0");
}

}  // namespace
}  // namespace gpud::amd_error
