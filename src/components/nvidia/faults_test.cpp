// SPDX-License-Identifier: Apache-2.0
// What each component finds wrong with a GPU, and what it must not.
#include <gtest/gtest.h>

#include "components/nvidia/gpu_rig.h"
#include "components/settings.h"
#include "sources/sysfs/pci.h"
#include "testing/component_kit.h"

namespace gpud {
// clang-format off
namespace nvidia_clock_speed { extern const ComponentType kType; }
namespace nvidia_ecc { extern const ComponentType kType; }
namespace nvidia_gpu_counts { extern const ComponentType kType; }
namespace nvidia_hw_slowdown { extern const ComponentType kType; }
namespace nvidia_pcie { extern const ComponentType kType; }
namespace nvidia_persistence_mode { extern const ComponentType kType; }
namespace nvidia_power { extern const ComponentType kType; }
namespace nvidia_remapped_rows { extern const ComponentType kType; }
namespace nvidia_temperature { extern const ComponentType kType; }
// clang-format on

namespace nvidia {
namespace {

TEST(ClockSpeed, FindsAGpuThatIsSlowUnderLoadWithoutAReason) {
  GpuRig rig;
  rig.activity.gpus[1].sm_clock_mhz = 345;
  EXPECT_EQ(Told(rig.Check(nvidia_clock_speed::kType)),
            "Degraded: " + kGpu1 +
                "runs at less than half of its clock under load, and no limit explains it");
  rig.activity.gpus[1].clock_reasons = nvml::kReasonHwThermal;  // other components tell of that
  EXPECT_EQ(rig.Check(nvidia_clock_speed::kType).states[0].health, Health::kHealthy);
  rig.activity.gpus[1].clock_reasons = nvml::kReasonIdle;
  rig.activity.gpus[1].gpu_percent = 3;
  EXPECT_EQ(rig.Check(nvidia_clock_speed::kType).states[0].health, Health::kHealthy);
}

TEST(Power, FindsOneGpuWithALimitBelowItsLikeAndNotASiteThatCapsAll) {
  GpuRig rig;
  rig.activity.gpus[1].power_limit_mw = 500'000;
  const Report report = rig.Check(nvidia_power::kType);
  EXPECT_EQ(report.states[0].health, Health::kDegraded);
  EXPECT_EQ(SampleOf(report, "accelerator_nvidia_power_used_percent", {{"uuid", "GPU-0"}}), 92.86);
  for (auto& gpu : rig.activity.gpus) gpu.power_limit_mw = 500'000;
  EXPECT_EQ(Told(rig.Check(nvidia_power::kType)),
            "Healthy: power of all GPUs is as set; power limits are set below the default");
}

TEST(Temperature, TakesAMarginOfZeroForTrueOnlyWhenTheGpuIsHot) {
  GpuRig rig;
  rig.activity.gpus[1].margin_celsius = -2;
  EXPECT_EQ(rig.Check(nvidia_temperature::kType).states[0].health, Health::kHealthy);
  rig.activity.gpus[1].celsius = 89;
  EXPECT_EQ(
      Told(rig.Check(nvidia_temperature::kType)),
      "Degraded: " + kGpu1 + "is slowed down by its heat, " + kGpu1 + "is hotter than it may be");
}

TEST(Temperature, HoldsTheMarginThatTheSiteHasSetInTwoReadings) {
  GpuRig rig;
  rig.in.Put<Settings>(
      Settings{{{"accelerator-nvidia-temperature", R"({"celsius_slowdown_margin":5})"}}});
  rig.Put();
  rig.activity.gpus[1].margin_celsius = 5;
  EXPECT_EQ(nvidia_temperature::kType.check(rig.Put()).states[0].health, Health::kHealthy);
  EXPECT_EQ(nvidia_temperature::kType.check(rig.Put()).states[0].health, Health::kDegraded);
}

TEST(HwSlowdown, TellsTheStepOnceAndIsUnhealthyAfterSixOfTenMinutes) {
  GpuRig rig;
  rig.activity.gpus[1].clock_reasons = nvml::kReasonHwThermal | nvml::kReasonHwSlowdown;
  Report report = rig.Check(nvidia_hw_slowdown::kType);
  ASSERT_EQ(report.events.size(), 1u);
  EXPECT_EQ(report.events[0].name, "hw_slowdown");
  EXPECT_EQ(report.states[0].health, Health::kHealthy);
  EXPECT_EQ(SampleOf(report, "accelerator_nvidia_clock_hw_slowdown_thermal", {{"uuid", "GPU-1"}}),
            1);
  rig.Hear(report.events);
  report = nvidia_hw_slowdown::kType.check(rig.Put(300));
  EXPECT_TRUE(report.events.empty());
  EXPECT_EQ(report.states[0].health, Health::kHealthy);
  EXPECT_EQ(nvidia_hw_slowdown::kType.check(rig.Put(60)).states[0].health, Health::kUnhealthy);
  rig.activity.gpus[1].clock_reasons = std::uint64_t{0};
  report = nvidia_hw_slowdown::kType.check(rig.Put());
  EXPECT_EQ(report.events.at(0).name, "hw_slowdown_end");
  EXPECT_EQ(report.states[0].health, Health::kHealthy);
}

TEST(HwSlowdown, SeesByTheCountersWhatALookMisses) {
  GpuRig rig;
  rig.Put();
  rig.activity.gpus[1].throttle.power_brake_ns = std::uint64_t{9'000'000'000};  // of 60 s
  EXPECT_EQ(nvidia_hw_slowdown::kType.check(rig.Put()).events.size(), 1u);
}

TEST(Pcie, JudgesTheWidthAlwaysAndTheGenerationUnderLoadOnly) {
  GpuRig rig;
  rig.activity.gpus[1].pcie_width = 8;
  rig.activity.gpus[2].pcie_gen = 1;
  rig.activity.gpus[2].gpu_percent = 0;
  EXPECT_EQ(Told(rig.Check(nvidia_pcie::kType)), "Degraded: " + kGpu1 + "has 8 PCIe lanes of 16");
  rig.activity.gpus[1].pcie_width = 16;
  rig.activity.gpus[2].gpu_percent = 50;
  EXPECT_EQ(Told(rig.Check(nvidia_pcie::kType)),
            "Degraded: GPU 2 (0000:12:00.0, GPU-2) runs PCIe generation 1 of 5 under load");
}

TEST(Pcie, IsDegradedWhenPacketsAreSentAgainMinuteAfterMinute) {
  GpuRig rig;
  rig.Put();
  std::vector<Event> told;
  Health health = Health::kHealthy;
  for (int minute = 0; minute < 5; ++minute) {
    EXPECT_EQ(health, Health::kHealthy);
    rig.activity.gpus[1].pcie_replays = *rig.activity.gpus[1].pcie_replays + 32;  // expected: 31
    const Report report = nvidia_pcie::kType.check(rig.Put());
    ASSERT_EQ(report.events.size(), 1u);
    told.insert(told.begin(), report.events[0]);
    rig.Hear(told);
    health = *report.states[0].health;
  }
  EXPECT_EQ(health, Health::kDegraded);
}

TEST(Ecc, IsDegradedByErrorsThatCouldNotBeCorrectedUntilTheGpuIsReset) {
  GpuRig rig;
  rig.Put();
  rig.errors.gpus[1].ecc_volatile->front().uncorrected = std::uint64_t{2};
  Report report = nvidia_ecc::kType.check(rig.Put());
  EXPECT_EQ(Told(report),
            "Degraded: memory errors that could not be corrected on GPU 1 (0000:11:00.0, GPU-1)");
  EXPECT_EQ(report.events.at(0).name, "ecc_uncorrected");
  EXPECT_EQ(
      SampleOf(report, "accelerator_nvidia_ecc_volatile_total_uncorrected", {{"uuid", "GPU-1"}}),
      2);
  std::vector<Event> told = report.events;
  rig.Hear(told);
  report = nvidia_ecc::kType.check(rig.Put());
  EXPECT_TRUE(report.events.empty());
  EXPECT_EQ(report.states[0].health, Health::kDegraded);
  rig.errors.gpus[1].ecc_volatile->front().uncorrected = std::uint64_t{0};
  EXPECT_EQ(nvidia_ecc::kType.check(rig.Put()).states[0].health, Health::kHealthy);
}

TEST(Ecc, TellsOfAPendingModeAndOfSramAtItsLimit) {
  GpuRig rig;
  rig.devices.devices[1].ecc_pending = false;
  EXPECT_EQ(Told(rig.Check(nvidia_ecc::kType)),
            "Healthy: no memory error that could not be corrected; GPU 1: ECC goes off with the "
            "next reset");
  rig.errors.gpus[1].sram_threshold_exceeded = true;
  EXPECT_EQ(rig.Check(nvidia_ecc::kType).states[0].health, Health::kDegraded);
}

TEST(PersistenceMode, IsJudgedOnBoardsForDataCentresAndToldOnce) {
  GpuRig rig;
  rig.devices.devices[1].persistence = false;
  const Report report = rig.Check(nvidia_persistence_mode::kType);
  EXPECT_EQ(Told(report), "Unhealthy: " + kGpu1 + "has persistence mode off");
  EXPECT_EQ(report.events.at(0).name, "persistence_mode_disabled");
  rig.Hear(report.events);
  EXPECT_TRUE(rig.Check(nvidia_persistence_mode::kType).events.empty());
  rig.devices.devices[1].brand = std::string("GeForce RTX");
  EXPECT_EQ(rig.Check(nvidia_persistence_mode::kType).states[0].health, Health::kHealthy);
}

TEST(RemappedRows, AsksForTheResetAndBeforeItForTheInspection) {
  GpuRig rig;
  rig.devices.devices[1].remapped_rows =
      nvml::RemappedRows{.correctable = 1, .uncorrectable = 2, .pending = true};
  Report report = rig.Check(nvidia_remapped_rows::kType);
  EXPECT_EQ(report.states[0].suggested_actions->repair_actions[0], RepairAction::kReboot);
  EXPECT_EQ(SampleOf(report, "accelerator_nvidia_remapped_rows_due_to_uncorrectable_errors",
                     {{"uuid", "GPU-1"}}),
            2);
  EXPECT_EQ(
      SampleOf(report, "accelerator_nvidia_remapped_rows_remapping_pending", {{"uuid", "GPU-1"}}),
      1);
  rig.devices.devices[1].remapped_rows->failed = true;
  report = rig.Check(nvidia_remapped_rows::kType);
  EXPECT_EQ(report.states[0].suggested_actions->repair_actions[0], RepairAction::kInspectHardware);
}

TEST(RemappedRows, KeepTheWorstWhenAnotherGpuCouldNotBeRead) {
  GpuRig rig;
  rig.devices.devices[2].remapped_rows = tl::unexpected<Error>({ErrorCode::kIo, "unknown", 999});
  EXPECT_EQ(rig.Check(nvidia_remapped_rows::kType).states[0].health, Health::kUnknown);
  rig.devices.devices[1].remapped_rows->failed = true;
  const HealthState state = rig.Check(nvidia_remapped_rows::kType).states[0];
  EXPECT_EQ(state.health, Health::kUnhealthy);
  EXPECT_EQ(state.error, "unknown");
}

TEST(GpuCounts, NameTheGpuThatTheDriverDoesNotListAndLeaveOthersAlone) {
  GpuRig rig;
  sysfs::PciDevices pci;
  for (std::size_t i = 0; i < kGpus; ++i) {
    pci.devices.push_back(
        {BusId(i), sysfs::kNvidiaVendor, 0x030200, i == 0 ? "vfio-pci" : "nvidia"});
  }
  rig.in.Put<sysfs::PciDevices>(std::move(pci));
  rig.devices.devices.erase(rig.devices.devices.begin());
  EXPECT_EQ(Told(rig.Check(nvidia_gpu_counts::kType)),
            "Healthy: 7 GPUs; GPU 0000:10:00.0 is left to vfio-pci");
  rig.devices.devices.erase(rig.devices.devices.begin());
  EXPECT_EQ(Told(rig.Check(nvidia_gpu_counts::kType)),
            "Unhealthy: GPU 0000:11:00.0 is on the PCI bus, but the driver does not list it");
}

TEST(GpuCounts, TellAMismatchOnceAndAskForAnInspectionAfterTwoRebootsInVain) {
  GpuRig rig;
  rig.in.Put<Settings>(Settings{{{"accelerator-nvidia-gpu-counts", R"({"count":8})"}}});
  EXPECT_EQ(Told(rig.Check(nvidia_gpu_counts::kType)), "Healthy: 8 GPUs, as expected");
  rig.devices.devices.pop_back();
  std::vector<Event> told;
  std::vector<WallTime> reboots;
  Report report;
  for (int boot = 0; boot < 3; ++boot) {
    report = nvidia_gpu_counts::kType.check(rig.Put());
    ASSERT_EQ(report.events.size(), 1u);
    told.insert(told.begin(), report.events[0]);
    rig.in.SetHistory(told, reboots, {});
    report = nvidia_gpu_counts::kType.check(rig.Put());
    EXPECT_TRUE(report.events.empty());
    EXPECT_EQ(Told(report), "Unhealthy: found 7 GPUs, expected 8");
    if (boot == 2) break;
    EXPECT_EQ(report.states[0].suggested_actions->repair_actions[0], RepairAction::kReboot);
    reboots.insert(reboots.begin(), rig.Put().Now());
    rig.in.SetHistory(told, reboots, {});
  }
  EXPECT_EQ(report.states[0].suggested_actions->repair_actions[0], RepairAction::kInspectHardware);
}

}  // namespace
}  // namespace nvidia
}  // namespace gpud
