// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sources/nvml/reading_rig.h"

namespace gpud::nvml {
namespace {

using NvmlErrors = OnSimulatedDriver;
using NvmlProcesses = OnSimulatedDriver;

const EccCount* At(const std::vector<EccCount>& counts, std::string_view location) {
  const auto found = std::find_if(counts.begin(), counts.end(), [&](const EccCount& count) {
    return count.location == location;
  });
  return found == counts.end() ? nullptr : &*found;
}

TEST_F(NvmlErrors, CountMemoryErrorsPerLocation) {
  Machine machine("ecc");
  machine.MoveTo(600);
  const auto errors = machine.ReadErrors();
  ASSERT_TRUE(errors) << errors.error().what;
  const GpuErrors& gpu = errors->gpus[1];
  ASSERT_TRUE(gpu.ecc_volatile) << gpu.ecc_volatile.error().what;
  EXPECT_EQ(gpu.ecc_volatile->front().location, "total");
  EXPECT_EQ(gpu.ecc_volatile->front().uncorrected.value(), 1u);
  ASSERT_TRUE(At(*gpu.ecc_aggregate, "dram"));
  EXPECT_EQ(At(*gpu.ecc_aggregate, "dram")->uncorrected.value(), 1u);
  ASSERT_TRUE(At(*gpu.ecc_volatile, "sram"));
  EXPECT_FALSE(At(*gpu.ecc_volatile, "register_file"));  // Hopper does not count it
  EXPECT_FALSE(gpu.sram_threshold_exceeded.value());
  EXPECT_EQ(errors->gpus[0].ecc_volatile->front().uncorrected.value(), 0u);
}

TEST_F(NvmlErrors, OfABoardWithoutEccAreNotSupported) {
  Machine machine("healthy-2xrtx4090");
  const auto errors = machine.ReadErrors();
  ASSERT_TRUE(errors);
  EXPECT_EQ(errors->gpus[0].ecc_volatile.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(errors->gpus[0].links.error().code, ErrorCode::kUnsupported);
}

TEST_F(NvmlErrors, DescribeEveryLink) {
  Machine machine("healthy-8xh100");
  machine.MoveTo(60);
  const auto errors = machine.ReadErrors();
  ASSERT_TRUE(errors);
  ASSERT_TRUE(errors->gpus[0].links) << errors->gpus[0].links.error().what;
  ASSERT_EQ(errors->gpus[0].links->size(), 18u);
  const Link& link = errors->gpus[0].links->at(17);
  EXPECT_EQ(link.index, 17u);
  EXPECT_TRUE(link.active.value());
  EXPECT_EQ(link.version.value(), 6u);
  EXPECT_EQ(link.remote_type.value(), "switch");
  EXPECT_EQ(link.remote_bus_id.value().size(), std::string_view("0000:07:00.0").size());
  EXPECT_EQ(link.crc_flit.value(), 0u);
  EXPECT_GT(link.tx_kib.value(), 0u);
  EXPECT_GT(link.speed_mbps.value(), 20'000u);
  EXPECT_EQ(link.bit_error_rate.error().code, ErrorCode::kUnsupported);
}

TEST_F(NvmlErrors, OfTheFifthGenerationHaveARatio) {
  Machine machine("healthy-8xb200");
  const auto errors = machine.ReadErrors();
  ASSERT_TRUE(errors);
  const Link& link = errors->gpus[0].links->front();
  ASSERT_TRUE(link.bit_error_rate) << link.bit_error_rate.error().what;
  EXPECT_LT(*link.bit_error_rate, 1e-6);
}

TEST_F(NvmlErrors, SeeALinkGoDownAndAskForThePeersAnew) {
  Machine machine("nvlink-down");
  ASSERT_TRUE(machine.ReadDevices());
  const auto count_down = [](const Errors& errors) {
    std::size_t down = 0;
    for (const GpuErrors& gpu : errors.gpus) {
      for (const Link& link : *gpu.links) down += !link.active.value();
    }
    return down;
  };
  EXPECT_EQ(count_down(*machine.ReadErrors()), 0u);
  machine.MoveTo(3000);
  EXPECT_GT(count_down(*machine.ReadErrors()), 0u);
  EXPECT_TRUE(machine.ReadDevices()->devices[0].nvlink_peers);
}

TEST_F(NvmlErrors, TellXidsOnceEach) {
  Machine machine("ecc");
  machine.MoveTo(100);
  EXPECT_TRUE(machine.ReadErrors()->xids.empty());
  machine.MoveTo(130);
  const auto errors = machine.ReadErrors();
  ASSERT_FALSE(errors->xids.empty());
  EXPECT_EQ(errors->xids.front().xid, 48u);
  EXPECT_EQ(errors->xids.front().bus_id, errors->gpus[1].bus_id);
  EXPECT_EQ(errors->xids.front().time, machine.fake.clock.Wall());
  EXPECT_TRUE(machine.ReadErrors()->xids.empty());
}

TEST_F(NvmlErrors, OfALostGpuAreItsLoss) {
  Machine machine("healthy-8xh100");
  ASSERT_TRUE(machine.ReadErrors());
  machine.driver.SetFaults("gpu 2 lost");
  const auto errors = machine.ReadErrors();
  EXPECT_TRUE(IsLost(errors->gpus[2].ecc_volatile.error()));
  EXPECT_TRUE(IsLost(errors->gpus[2].links.error()));
  EXPECT_TRUE(errors->gpus[1].links);
}

TEST_F(NvmlErrors, OfAnOldDriverComeFromItsFunctions) {
  Machine machine("healthy-8xa100", GPUD_SIM_LIBRARY_470, "470");
  const auto errors = machine.ReadErrors();
  ASSERT_TRUE(errors);
  EXPECT_EQ(errors->gpus[0].sram_threshold_exceeded.error().what,
            "not supported by driver 470.199.02");
  EXPECT_TRUE(At(*errors->gpus[0].ecc_volatile, "sram"));
  EXPECT_EQ(errors->gpus[0].links->size(), 12u);
}

TEST_F(NvmlProcesses, AreThoseOfTheScenarioWithTheirShares) {
  Machine machine("healthy-8xh100");
  machine.MoveTo(60);
  const auto processes = machine.ReadProcesses();
  ASSERT_TRUE(processes) << processes.error().what;
  ASSERT_TRUE(processes->gpus[0].processes);
  ASSERT_FALSE(processes->gpus[0].processes->empty());
  const GpuProcess& process = processes->gpus[0].processes->front();
  EXPECT_GT(process.pid, 0u);
  EXPECT_EQ(process.kind, "compute");
  EXPECT_GT(process.memory_bytes.value(), 1u << 30);
  EXPECT_FALSE(process.gpu_instance);
  ASSERT_TRUE(process.sm_percent) << process.sm_percent.error().what;
  EXPECT_GT(*process.sm_percent, 0);

  // The same sample is not told twice.
  const auto again = machine.ReadProcesses();
  EXPECT_EQ(again->gpus[0].processes->front().sm_percent.error().code, ErrorCode::kNotFound);
}

TEST_F(NvmlProcesses, InMigModeNameTheirInstance) {
  Machine machine("mig-8xa100");
  machine.MoveTo(60);
  const auto processes = machine.ReadProcesses();
  ASSERT_TRUE(processes);
  bool seen = false;
  for (const GpuProcesses& gpu : processes->gpus) {
    for (const GpuProcess& process : *gpu.processes) {
      if (!process.gpu_instance) continue;
      seen = true;
      EXPECT_EQ(process.compute_instance, 0u);
      EXPECT_EQ(process.sm_percent.error().code, ErrorCode::kUnsupported);
    }
  }
  EXPECT_TRUE(seen);
}

}  // namespace
}  // namespace gpud::nvml
