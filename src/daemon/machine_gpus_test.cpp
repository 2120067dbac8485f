// SPDX-License-Identifier: Apache-2.0
#include "daemon/machine_gpus.h"

#include <gtest/gtest.h>

#include "sources/nvml/devices.h"
#include "sources/sysfs/pci.h"

namespace gpud::daemon {
namespace {

constexpr std::uint32_t k3dController = 0x030200, kBridge = 0x068000;

nvml::Device Gpu(std::uint32_t index, const std::string& bus_id) {
  nvml::Device device;
  device.index = index;
  device.uuid = "GPU-" + std::to_string(index);
  device.bus_id = bus_id;
  device.answers = true;
  device.name = "NVIDIA H100 80GB HBM3";
  device.architecture = "hopper";
  device.serial = "16500" + std::to_string(index);
  device.minor_number = index;
  device.memory_total_bytes = 80'000'000'000;
  return device;
}

Inputs Machine(std::vector<nvml::Device> devices, std::vector<sysfs::PciDevice> bus) {
  Inputs in;
  nvml::Devices found;
  found.session.driver_version = "575.57.08";
  found.session.cuda_version = "12.9";
  found.devices = std::move(devices);
  in.Put<nvml::Devices>(std::move(found));
  in.Put<sysfs::PciDevices>(sysfs::PciDevices{std::move(bus)});
  return in;
}

TEST(MachineGpus, AreWhatTheDriverLists) {
  const Inputs in = Machine({Gpu(0, "0000:19:00.0"), Gpu(1, "0000:3b:00.0")},
                            {{"0000:19:00.0", sysfs::kNvidiaVendor, k3dController},
                             {"0000:3b:00.0", sysfs::kNvidiaVendor, k3dController},
                             {"0000:07:00.0", sysfs::kNvidiaVendor, kBridge}});
  MachineInfo machine;
  DescribeGpus(in, machine);
  EXPECT_EQ(machine.gpu_driver_version, "575.57.08");
  EXPECT_EQ(machine.cuda_version, "12.9");
  ASSERT_TRUE(machine.gpu_info);
  EXPECT_EQ(machine.gpu_info->product, "NVIDIA-H100-80GB-HBM3");
  EXPECT_EQ(machine.gpu_info->architecture, "hopper");
  EXPECT_EQ(machine.gpu_info->memory, "80G");
  ASSERT_EQ(machine.gpu_info->gpus.size(), 2u);
  EXPECT_EQ(machine.gpu_info->gpus[1].uuid, "GPU-1");
  EXPECT_EQ(machine.gpu_info->gpus[1].serial, "165001");
  EXPECT_EQ(machine.gpu_info->gpus[1].minor_id, "1");
  EXPECT_EQ(machine.gpu_info->gpus[1].problem, "");
}

TEST(MachineGpus, NameOneThatTheDriverDoesNotList) {
  const Inputs in =
      Machine({Gpu(0, "0000:19:00.0")}, {{"0000:19:00.0", sysfs::kNvidiaVendor, k3dController},
                                         {"0000:3b:00.0", sysfs::kNvidiaVendor, k3dController}});
  MachineInfo machine;
  DescribeGpus(in, machine);
  ASSERT_EQ(machine.gpu_info->gpus.size(), 2u);
  EXPECT_EQ(machine.gpu_info->gpus[1].bus_id, "0000:3b:00.0");
  EXPECT_EQ(machine.gpu_info->gpus[1].minor_id, "-1");
  EXPECT_NE(machine.gpu_info->gpus[1].problem.find("does not list"), std::string::npos);
}

TEST(MachineGpus, AreNotCalledUnlistedBeforeTheDriverWasAsked) {
  Inputs in;
  in.Put<sysfs::PciDevices>(
      sysfs::PciDevices{{{"0000:3b:00.0", sysfs::kNvidiaVendor, k3dController}}});
  MachineInfo machine;
  DescribeGpus(in, machine);
  EXPECT_FALSE(machine.gpu_info);
  in.Put<nvml::Devices>(Fail(ErrorCode::kUnsupported, "no driver"));
  DescribeGpus(in, machine);
  EXPECT_EQ(machine.gpu_info->gpus.size(), 1u);
}

TEST(MachineGpus, NameOneThatNoLongerAnswersAndLetAnotherTellTheProduct) {
  nvml::Device lost;
  lost.bus_id = "0000:19:00.0";
  lost.answers = Fail(ErrorCode::kDeviceLost, "GPU is lost", nvml::kGpuIsLost);
  const Inputs in = Machine({lost, Gpu(1, "0000:3b:00.0")}, {});
  MachineInfo machine;
  DescribeGpus(in, machine);
  EXPECT_EQ(machine.gpu_info->product, "NVIDIA-H100-80GB-HBM3");
  EXPECT_EQ(machine.gpu_info->gpus[0].problem, "GPU is lost");
}

TEST(MachineGpus, AreLeftAsTheyWereWhenNothingCouldBeRead) {
  Inputs in;
  in.Put<nvml::Devices>(Fail(ErrorCode::kTimeout, "no answer"));
  MachineInfo machine;
  machine.gpu_info.emplace().product = "NVIDIA-H100-80GB-HBM3";
  DescribeGpus(in, machine);
  EXPECT_EQ(machine.gpu_info->product, "NVIDIA-H100-80GB-HBM3");
}

}  // namespace
}  // namespace gpud::daemon
