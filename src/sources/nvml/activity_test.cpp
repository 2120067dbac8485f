// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "sources/nvml/reading_rig.h"

namespace gpud::nvml {
namespace {

using NvmlActivity = OnSimulatedDriver;

TEST_F(NvmlActivity, IsTheScenarioAtTheTimeOfTheReading) {
  Machine machine("healthy-8xh100");
  const Scenario expected("healthy-8xh100");
  for (const double t : {0.0, 300.0, 305.0}) {
    machine.MoveTo(t);
    const auto activity = machine.ReadActivity();
    ASSERT_TRUE(activity) << activity.error().what;
    EXPECT_EQ(activity->session.simulated, "healthy-8xh100");
    EXPECT_EQ(activity->session.asleep, "");
    ASSERT_EQ(activity->gpus.size(), 8u);
    for (int i = 0; i < 8; ++i) {
      const GpuActivity& gpu = activity->gpus[static_cast<std::size_t>(i)];
      EXPECT_EQ(gpu.index, static_cast<unsigned>(i));
      EXPECT_NEAR(gpu.gpu_percent.value(), expected.Gpu("gpu.util", i, t), 0.5);
      EXPECT_NEAR(gpu.power_mw.value(), expected.Gpu("gpu.power", i, t) * 1000, 1);
      EXPECT_NEAR(gpu.power_max_mw.value(), expected.Gpu("gpu.power", i, t) * 1000, 40'000);
      EXPECT_NEAR(gpu.celsius.value(), expected.Gpu("gpu.temp", i, t), 0.5);
      EXPECT_NEAR(gpu.memory_celsius.value(), expected.Gpu("gpu.mem_temp", i, t), 1);
      EXPECT_NEAR(gpu.sm_clock_mhz.value(), expected.Gpu("gpu.clock_sm", i, t), 0.5);
      EXPECT_NEAR(static_cast<double>(*gpu.memory_used_bytes) / (1 << 20),
                  expected.Gpu("gpu.mem_used", i, t), 1);
      EXPECT_EQ(gpu.pcie_gen.value(), 5u);
      EXPECT_EQ(gpu.pcie_width.value(), 16u);
      EXPECT_EQ(gpu.power_limit_mw.value(), 700'000u);
      EXPECT_EQ(gpu.power_limit_enforced_mw.value(), 700'000u);
    }
  }
}

TEST_F(NvmlActivity, HasProfilingSharesFromTheSecondReadingOn) {
  Machine machine("healthy-8xh100");
  machine.MoveTo(100);
  const auto first = machine.ReadActivity();
  ASSERT_TRUE(first);
  ASSERT_FALSE(first->gpus[0].gpm);
  EXPECT_EQ(first->gpus[0].gpm.error().code, ErrorCode::kNotFound);
  machine.MoveTo(105);
  const auto second = machine.ReadActivity();
  const auto& gpm = second->gpus[0].gpm;
  ASSERT_TRUE(gpm) << gpm.error().what;
  EXPECT_NEAR(gpm->seconds, 5, 0.01);
  const double expected = Scenario("healthy-8xh100").Gpu("gpu.sm_active", 0, 100);
  EXPECT_NEAR(gpm->sm_active.value(), expected, 5);
  EXPECT_GT(gpm->tensor.value(), 0);
  EXPECT_GT(gpm->nvlink_tx_mb.value(), 0);
  EXPECT_EQ(gpm->integer.error().code, ErrorCode::kUnsupported);
}

TEST_F(NvmlActivity, CountersGrow) {
  Machine machine("healthy-8xh100");
  machine.MoveTo(100);
  const auto first = machine.ReadActivity();
  machine.MoveTo(160);
  const auto second = machine.ReadActivity();
  const GpuActivity& before = first->gpus[3];
  const GpuActivity& after = second->gpus[3];
  // 600 W or so for a minute.
  EXPECT_NEAR(static_cast<double>(*after.energy_mj - *before.energy_mj), 36e6, 10e6);
  EXPECT_GT(*after.pcie_rx_bytes, *before.pcie_rx_bytes);
  EXPECT_GT(*after.nvlink_tx_bytes, *before.nvlink_tx_bytes);
  EXPECT_GE(*after.throttle.power_cap_ns, *before.throttle.power_cap_ns);
}

TEST_F(NvmlActivity, OnABoardWithoutNvlinkAndProfilingTheyAreNotSupported) {
  Machine machine("healthy-1xt4");
  const auto activity = machine.ReadActivity();
  ASSERT_TRUE(activity);
  ASSERT_EQ(activity->gpus.size(), 1u);
  const GpuActivity& gpu = activity->gpus[0];
  EXPECT_TRUE(gpu.gpu_percent);
  EXPECT_EQ(gpu.gpm.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(gpu.nvlink_rx_bytes.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(gpu.margin_celsius.error().code, ErrorCode::kUnsupported);
}

TEST_F(NvmlActivity, OfAnOldDriverNamesTheDriverWhereItLacksAFunction) {
  Machine machine("healthy-8xh100", GPUD_SIM_LIBRARY_470, "470");
  const auto activity = machine.ReadActivity();
  ASSERT_TRUE(activity) << activity.error().what;
  const GpuActivity& gpu = activity->gpus[0];
  EXPECT_EQ(activity->session.driver_version, "470.199.02");
  EXPECT_TRUE(gpu.memory_used_bytes);  // by the older call
  EXPECT_TRUE(gpu.clock_reasons);      // under its older name
  ASSERT_FALSE(gpu.memory_reserved_bytes);
  EXPECT_EQ(gpu.memory_reserved_bytes.error().what, "not supported by driver 470.199.02");
  EXPECT_EQ(gpu.memory_reserved_bytes.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(gpu.gpm.error().what, "not supported by driver 470.199.02");
}

TEST_F(NvmlActivity, FieldIdsThatMovedWithDriver580AreFollowed) {
  for (const char* release : {"575", "580"}) {
    Machine machine("thermal-one-gpu", GPUD_SIM_LIBRARY, release);
    machine.MoveTo(3000);
    const auto activity = machine.ReadActivity();
    ASSERT_TRUE(activity) << activity.error().what;
    std::uint64_t held_ns = 0;
    for (const GpuActivity& gpu : activity->gpus) {
      ASSERT_TRUE(gpu.throttle.hw_thermal_ns) << release;
      held_ns += *gpu.throttle.sw_thermal_ns + *gpu.throttle.hw_thermal_ns;
    }
    EXPECT_GT(held_ns, 0u) << release;
  }
}

TEST_F(NvmlActivity, ASingleFunctionThatFailsLeavesTheOthers) {
  Machine machine("healthy-8xh100");
  machine.driver.SetFaults(
      "call nvmlDeviceGetTemperature not-supported\n"
      "call nvmlDeviceGetPowerUsage gpu 2 unknown\n"
      "call nvmlDeviceGetFieldValues gpu 4 no-permission\n");
  const auto activity = machine.ReadActivity();
  ASSERT_TRUE(activity);
  EXPECT_EQ(activity->gpus[0].celsius.error(),
            (Error{ErrorCode::kUnsupported, "not supported", 3}));
  EXPECT_TRUE(activity->gpus[0].power_mw);
  EXPECT_EQ(activity->gpus[2].power_mw.error(),
            (Error{ErrorCode::kIo, "nvmlDeviceGetPowerUsage: unknown error", 999}));
  EXPECT_TRUE(activity->gpus[2].gpu_percent);
  EXPECT_EQ(activity->gpus[4].energy_mj.error().code, ErrorCode::kPermission);
  EXPECT_TRUE(activity->gpus[5].energy_mj);

  machine.driver.SetFaults("");
  EXPECT_TRUE(machine.ReadActivity()->gpus[2].power_mw);
}

TEST_F(NvmlActivity, SixteenGpusAreRead) {
  Machine machine("healthy-16xa100");
  const auto activity = machine.ReadActivity();
  ASSERT_TRUE(activity);
  ASSERT_EQ(activity->gpus.size(), 16u);
  for (const GpuActivity& gpu : activity->gpus) EXPECT_TRUE(gpu.power_mw);
}

TEST_F(NvmlActivity, TellsTheSlowestCall) {
  Machine machine("healthy-1xh100");
  ASSERT_TRUE(machine.ReadActivity());
  machine.driver.SetFaults("call nvmlDeviceGetClockInfo delay 0.02");
  Inputs in;
  const SystemClock clock;  // the fake one stands still
  Kept kept;
  kActivity.read({machine.fake.root, clock, &kept}, in);
  const auto& activity = in.Latest<Activity>();
  ASSERT_TRUE(activity);
  EXPECT_EQ(activity->gpus[0].slowest_call, "nvmlDeviceGetClockInfo");
  EXPECT_GE(activity->gpus[0].slowest_call_ms, 19);
}

}  // namespace
}  // namespace gpud::nvml
