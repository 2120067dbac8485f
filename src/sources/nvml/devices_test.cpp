// SPDX-License-Identifier: Apache-2.0
#include "sources/nvml/reading_rig.h"

namespace gpud::nvml {
namespace {

using NvmlDevices = OnSimulatedDriver;

TEST_F(NvmlDevices, AreIdentifiedAndDescribed) {
  Machine machine("healthy-8xh100");
  machine.fake.Write("/sys/bus/pci/devices/0000:19:00.0/numa_node", "0\n");
  const auto devices = machine.ReadDevices();
  ASSERT_TRUE(devices) << devices.error().what;
  EXPECT_EQ(devices->session.simulated, "healthy-8xh100");
  EXPECT_TRUE(devices->session.library.ends_with("/libnvidia-ml.so.1"));
  EXPECT_FALSE(devices->session.driver_version.empty());
  EXPECT_TRUE(devices->session.nvml_version.ends_with(devices->session.driver_version));
  EXPECT_EQ(devices->session.cuda_version, "12.9");
  ASSERT_EQ(devices->devices.size(), 8u);
  const Device& gpu = devices->devices[0];
  EXPECT_TRUE(gpu.answers.value());
  EXPECT_EQ(gpu.name.value(), "NVIDIA H100 80GB HBM3");
  EXPECT_TRUE(gpu.uuid.starts_with("GPU-"));
  EXPECT_EQ(gpu.bus_id, "0000:19:00.0");
  EXPECT_EQ(gpu.numa_node.value(), 0);
  EXPECT_EQ(gpu.architecture.value(), "hopper");
  EXPECT_EQ(gpu.compute_capability.value(), "9.0");
  EXPECT_EQ(gpu.brand.value(), "NVIDIA");
  EXPECT_EQ(gpu.gsp_version.value(), devices->session.driver_version);
  EXPECT_TRUE(gpu.gsp_enabled.value());
  EXPECT_EQ(gpu.minor_number.value(), 0u);
  EXPECT_TRUE(gpu.persistence.value());
  EXPECT_TRUE(gpu.ecc.value());
  EXPECT_FALSE(gpu.mig.value());
  EXPECT_EQ(gpu.mig_instances.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(gpu.compute_mode.value(), "default");
  EXPECT_EQ(gpu.power_limit_max_mw.value(), 700'000u);
  EXPECT_EQ(gpu.pcie_gen_max.value(), 5u);
  EXPECT_GT(gpu.slowdown_celsius.value(), 80);
  EXPECT_EQ(gpu.recovery_action.value(), 0u);
  EXPECT_EQ(gpu.retired_pages.error().code, ErrorCode::kUnsupported);
  ASSERT_TRUE(gpu.remapped_rows);
  EXPECT_GT(gpu.remapped_rows->banks_max.value(), 0u);
  ASSERT_TRUE(gpu.fabric);
  EXPECT_EQ(gpu.fabric->state, 3u);
  EXPECT_EQ(gpu.fabric->cluster_uuid, "");
  EXPECT_TRUE(gpu.fabric->health_summary);
  ASSERT_TRUE(gpu.nvlink_peers);
  EXPECT_EQ(gpu.nvlink_peers->size(), 7u);
  EXPECT_EQ(gpu.nvlink_peers->at(devices->devices[7].bus_id), "OK");
  EXPECT_FALSE(devices->confidential_compute.value());
}

TEST_F(NvmlDevices, InARackHaveACluster) {
  Machine machine("healthy-4xgb200");
  const auto devices = machine.ReadDevices();
  ASSERT_TRUE(devices);
  EXPECT_EQ(devices->devices[0].fabric->cluster_uuid.size(), 36u);
  EXPECT_FALSE(devices->devices[0].chassis_serial.value().empty());
  EXPECT_EQ(devices->devices[0].architecture.value(), "blackwell");
}

TEST_F(NvmlDevices, InMigModeHaveInstances) {
  Machine machine("mig-8xa100");
  const auto devices = machine.ReadDevices();
  ASSERT_TRUE(devices);
  std::size_t instances = 0;
  for (const Device& gpu : devices->devices) {
    if (!gpu.mig.value_or(false)) continue;
    ASSERT_TRUE(gpu.mig_instances) << gpu.mig_instances.error().what;
    for (const MigInstance& instance : *gpu.mig_instances) {
      EXPECT_TRUE(instance.uuid.starts_with("MIG-"));
      EXPECT_NE(instance.profile.find("g."), std::string::npos) << instance.profile;
      EXPECT_GT(instance.multiprocessors, 0u);
      EXPECT_GT(instance.memory_total_bytes, 1u << 30);
      EXPECT_TRUE(instance.memory_used_bytes);
      ++instances;
    }
  }
  EXPECT_GT(instances, 0u);
}

TEST_F(NvmlDevices, WithoutNvlinkHaveNoPeersOverIt) {
  Machine machine("healthy-4xl40s");
  const auto devices = machine.ReadDevices();
  ASSERT_TRUE(devices);
  EXPECT_EQ(devices->devices[0].nvlink_peers.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(devices->devices[0].fabric.error().code, ErrorCode::kUnsupported);
}

TEST_F(NvmlDevices, OfAnOldDriverLackWhatCameLater) {
  Machine machine("healthy-8xa100", GPUD_SIM_LIBRARY_470, "470");
  const auto devices = machine.ReadDevices();
  ASSERT_TRUE(devices) << devices.error().what;
  const Device& gpu = devices->devices[0];
  EXPECT_TRUE(gpu.memory_total_bytes);
  EXPECT_TRUE(gpu.remapped_rows);
  EXPECT_EQ(gpu.gsp_version.error().what, "not supported by driver 470.199.02");
  EXPECT_EQ(gpu.fabric.error().what, "not supported by driver 470.199.02");
}

TEST_F(NvmlDevices, ThatAreLostStayWithTheirErrorAndTheirName) {
  Machine machine("healthy-8xh100");
  const auto before = machine.ReadDevices();
  machine.driver.SetFaults("gpu 3 lost\ngpu 5 requires-reset\n");
  const auto devices = machine.ReadDevices();
  ASSERT_TRUE(devices);
  ASSERT_EQ(devices->devices.size(), 8u);
  const Device& lost = devices->devices[3];
  EXPECT_TRUE(IsLost(lost.answers.error()));
  EXPECT_EQ(lost.answers.error().code, ErrorCode::kDeviceLost);
  EXPECT_EQ(lost.uuid, before->devices[3].uuid);
  EXPECT_EQ(lost.bus_id, before->devices[3].bus_id);
  EXPECT_EQ(lost.serial.value(), before->devices[3].serial.value());
  EXPECT_TRUE(IsLost(lost.persistence.error()));
  EXPECT_TRUE(NeedsReset(devices->devices[5].answers.error()));
  EXPECT_TRUE(devices->devices[4].answers.value());

  machine.driver.SetFaults("");
  EXPECT_TRUE(machine.ReadDevices()->devices[3].answers.value());
}

TEST_F(NvmlDevices, ThatAreLostStayWhenTheDriverIsOpenedAnew) {
  Machine machine("healthy-8xh100");
  const auto before = machine.ReadDevices();
  ASSERT_TRUE(before);
  for (const char* fault : {"gpu 3 lost", "gpu 3 missing"}) {
    machine.driver.SetFaults(fault);
    std::optional<Devices> after;
    for (int minute = 0; minute < 20; ++minute) {
      machine.fake.clock.Advance(std::chrono::minutes(1));
      after = machine.ReadDevices().value();
      EXPECT_EQ(after->devices.size(), 8u);
    }
    std::size_t lost = 0;
    for (const Device& device : after->devices) {
      if (device.answers) continue;
      ++lost;
      EXPECT_EQ(device.uuid, before->devices[3].uuid) << fault;
      EXPECT_EQ(device.bus_id, before->devices[3].bus_id) << fault;
      EXPECT_TRUE(IsLost(device.answers.error())) << fault;
    }
    EXPECT_EQ(lost, 1u) << fault;
  }
  machine.driver.SetFaults("");
  for (int minute = 0; minute < 10; ++minute) {
    machine.fake.clock.Advance(std::chrono::minutes(1));
    ASSERT_TRUE(machine.ReadDevices());
  }
  const auto healed = machine.ReadDevices();
  for (const Device& device : healed->devices) EXPECT_TRUE(device.answers);
  EXPECT_LT(machine.driver.Openings(), 25);  // seldom: a line in the kernel's log each
}

TEST_F(NvmlDevices, WithNoHandleToBeHadAreListed) {
  Machine machine("healthy-8xh100");
  machine.driver.SetFaults("gpu 0 lost");
  const auto devices = machine.ReadDevices();
  ASSERT_TRUE(devices);
  ASSERT_EQ(devices->devices.size(), 8u);
  EXPECT_TRUE(IsLost(devices->devices[0].answers.error()));
  EXPECT_TRUE(devices->devices[1].answers.value());
}

}  // namespace
}  // namespace gpud::nvml
