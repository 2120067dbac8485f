// SPDX-License-Identifier: Apache-2.0
#include "sources/nvml/holders.h"

#include <gtest/gtest.h>

#include "sources/nvml/kernel_module.h"
#include "testing/fake_host.h"

namespace gpud::nvml {
namespace {

TEST(Holders, AreProcessesWithTheDeviceOfAGpuOpen) {
  FakeHost fake;
  Holders holders;
  EXPECT_FALSE(holders.Look(fake.root).process);
  fake.Link("/proc/100/fd/3", "/dev/nvidiactl");
  fake.Link("/proc/100/fd/4", "/dev/nvidia-uvm");
  EXPECT_FALSE(holders.Look(fake.root).process);
  fake.Link("/proc/100/fd/5", "/dev/nvidia12");
  EXPECT_TRUE(holders.Look(fake.root).process);
}

TEST(Holders, PersistenceDaemonIsNoUser) {
  FakeHost fake;
  fake.Write("/proc/100/comm", "nvidia-persiste\n");
  fake.Link("/proc/100/fd/5", "/dev/nvidia0");
  const auto found = Holders().Look(fake.root);
  EXPECT_FALSE(found.process);
  EXPECT_TRUE(found.daemon);
}

TEST(Holders, AreLookedForOnlyWhenTheModulesUseCountHasChanged) {
  FakeHost fake;
  Holders holders;
  fake.Write("/proc/modules", "nvidia_uvm 4096 0 - Live 0x0\nnvidia 8192 1 nvidia_uvm, Live 0x0\n");
  EXPECT_FALSE(holders.Look(fake.root).process);
  fake.Link("/proc/100/fd/5", "/dev/nvidia0");
  EXPECT_FALSE(holders.Look(fake.root).process);
  fake.Write("/proc/modules", "nvidia_uvm 4096 0 - Live 0x0\nnvidia 8192 2 nvidia_uvm, Live 0x0\n");
  EXPECT_TRUE(holders.Look(fake.root).process);
}

TEST(KernelModule, TellsOfAGpuWithoutWakingIt) {
  const KernelModuleGpu gpu = ParseGpuInformation(
      "Model: \t\t NVIDIA A100-SXM4-40GB\nIRQ:   \t\t 18\n"
      "GPU UUID: \t GPU-1b2c3d4e-0000-1111-2222-333344445555\n"
      "Video BIOS: \t 92.00.45.00.03\nBus Type: \t PCIe\n"
      "Bus Location: \t 0000:07:00.0\nDevice Minor: \t 3\nGPU Excluded:\t No\n");
  EXPECT_EQ(gpu.name, "NVIDIA A100-SXM4-40GB");
  EXPECT_EQ(gpu.uuid, "GPU-1b2c3d4e-0000-1111-2222-333344445555");
  EXPECT_EQ(gpu.bus_id, "0000:07:00.0");
  EXPECT_EQ(gpu.minor_number, 3u);
  EXPECT_TRUE(gpu.initialised);
  EXPECT_FALSE(ParseGpuInformation("Video BIOS: \t ?\?.?\?\n").initialised);
}

}  // namespace
}  // namespace gpud::nvml
