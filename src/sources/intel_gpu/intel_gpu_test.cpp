// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sources/amdgpu/gpus.h"
#include "sources/intel_gpu/gpus.h"
#include "testing/fake_gpus.h"

namespace gpud::intel_gpu {
namespace {

Result<Gpus> Read(const FakeHost& fake) {
  Inputs in;
  kGpus.read(fake.host, in);
  return in.Latest<Gpus>();
}

TEST(IntelGpus, TellOfI915AndOfXeAlike) {
  FakeHost fake;
  AddArc(fake);
  const FakeDevice xe = AddBattlemage(fake);
  xe.Set("tile0/gt1/freq0/throttle/status", "1\n");
  xe.Set("tile0/gt1/freq0/throttle/reason_vr_thermalert", "1\n");
  const auto gpus = Read(fake);
  ASSERT_TRUE(gpus) << gpus.error().what;
  ASSERT_EQ(gpus->gpus.size(), 2u);
  const drm::Gpu& arc = gpus->gpus[0].base;
  EXPECT_EQ(arc.driver, "i915");
  EXPECT_EQ(arc.name, "8086:56a0");
  EXPECT_EQ(arc.graphics_clock_mhz, 2050.0);
  EXPECT_EQ(arc.graphics_clock_max_mhz, 2400.0);
  EXPECT_EQ(arc.energy_mj, 2'000'000.0);  // not that of hwmon's part for gt0
  EXPECT_EQ(arc.power_limit_mw, 190'000.0);
  EXPECT_EQ(arc.celsius, 51.0);
  EXPECT_EQ(arc.pcie_gts, 16.0);  // of the card's switch, not the 2.5 behind it
  EXPECT_EQ(arc.pcie_width, 16.0);
  EXPECT_EQ(arc.thermal_throttled, 0.0);
  EXPECT_EQ(arc.memory_total_bytes.error().code, ErrorCode::kUnsupported);
  const Gpu& battlemage = gpus->gpus[1];
  EXPECT_EQ(battlemage.base.celsius, 55.0);
  EXPECT_EQ(battlemage.base.celsius_crit, 100.0);
  EXPECT_EQ(battlemage.base.memory_celsius, 60.0);
  EXPECT_EQ(battlemage.base.memory_total_bytes, double{0x2f9000000});
  EXPECT_EQ(battlemage.base.thermal_throttled, 1.0);
  EXPECT_EQ(battlemage.base.power_throttled, 0.0);
  ASSERT_EQ(battlemage.units.size(), 2u);
  EXPECT_EQ(battlemage.units[1].name, "tile0/gt1");
  EXPECT_EQ(battlemage.units[1].throttled_by, std::vector<std::string>{"vr_thermalert"});
}

TEST(IntelGpus, DoNotTouchASleepingGpu) {
  FakeHost fake;
  const FakeDevice gpu = AddBattlemage(fake);
  gpu.Set("power/runtime_status", "suspended\n");
  gpu.Break("tile0/gt0/freq0/act_freq");
  const auto gpus = Read(fake);
  ASSERT_TRUE(gpus);
  EXPECT_TRUE(gpus->gpus[0].base.asleep);
  EXPECT_TRUE(gpus->gpus[0].units.empty());
  EXPECT_EQ(gpus->gpus[0].base.graphics_clock_mhz.error().code, ErrorCode::kUnsupported);
}

TEST(IntelGpus, AProcessorsGpuIsToldAsIntegrated) {
  FakeHost fake;
  AddCard(fake, "card0", {"0000:00:02.0"}, {"0x8086", "0x4680", "0x030000", "i915"});
  const auto gpus = Read(fake);
  ASSERT_TRUE(gpus);
  EXPECT_TRUE(gpus->gpus.at(0).base.integrated);
}

TEST(IntelGpus, OneInAVirtualMachineHasNoSlotToCompareWith) {
  FakeHost fake;
  const FakeDevice gpu =
      AddCard(fake, "card0", {"0000:00:05.0"}, {"0x8086", "0x0bda", "0x038000", "xe"});
  gpu.Set({{"current_link_width", "16\n"}, {"max_link_width", "16\n"}});
  const auto gpus = Read(fake);
  ASSERT_TRUE(gpus);
  EXPECT_FALSE(gpus->gpus[0].base.integrated);
  EXPECT_EQ(gpus->gpus[0].base.pcie_width_max, 16.0);
}

TEST(IntelGpus, AMachineMayHaveGpusOfTwoMakers) {
  FakeHost fake;
  AddRadeon(fake);
  AddArc(fake);
  EXPECT_EQ(Read(fake)->gpus.size(), 1u);
  Inputs in;
  amdgpu::kGpus.read(fake.host, in);
  EXPECT_EQ(in.Latest<amdgpu::Gpus>()->gpus.size(), 1u);
}

TEST(IntelGpus, AreNotSupportedOnAMachineWithoutOne) {
  FakeHost fake;
  AddPciDevice(fake, {"0000:00:1f.0"}, {"0x8086", "0x7a04", "0x060100"});
  EXPECT_EQ(Read(fake).error().what, "no Intel GPU on the PCI bus");
}

}  // namespace
}  // namespace gpud::intel_gpu
