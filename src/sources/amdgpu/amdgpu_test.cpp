// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sources/amdgpu/gpus.h"
#include "testing/fake_gpus.h"

namespace gpud::amdgpu {
namespace {

Result<Gpus> Read(const FakeHost& fake) {
  Inputs in;
  kGpus.read(fake.host, in);
  return in.Latest<Gpus>();
}

TEST(AmdGpus, TellAllOfEightMi300x) {
  FakeHost fake;
  for (unsigned n = 0; n < 8; ++n) AddMi300x(fake, n, 8);
  fake.Write("/sys/module/amdgpu/version", "6.10.5\n");
  fake.Write("/sys/class/kfd/kfd/proc/4711/vram_1003", "68719476736\n");
  fake.Write("/sys/class/kfd/kfd/proc/4711/sdma_1003", "12\n");
  fake.Write("/sys/class/kfd/kfd/proc/4711/vram_1004", "0\n");
  const auto gpus = Read(fake);
  ASSERT_TRUE(gpus) << gpus.error().what;
  EXPECT_EQ(gpus->driver_version, "6.10.5");
  EXPECT_TRUE(gpus->undriven.empty());
  ASSERT_EQ(gpus->gpus.size(), 8u);
  const Gpu& gpu = gpus->gpus[3];
  EXPECT_EQ(gpu.base.bus_id, Mi300xAddress(3));
  EXPECT_EQ(gpu.base.uuid, "a1b2c3d4e5f60003");
  EXPECT_EQ(gpu.base.name, "AMD Instinct MI300X OAM");
  EXPECT_EQ(gpu.base.gpu_percent, 97.0);
  EXPECT_EQ(gpu.base.graphics_clock_mhz, 1984.0);
  EXPECT_EQ(gpu.base.graphics_clock_max_mhz, 2100.0);
  EXPECT_EQ(gpu.base.power_mw, 612'000.0);
  EXPECT_EQ(gpu.base.hotspot_celsius, 61.0);
  EXPECT_EQ(gpu.base.memory_celsius_crit, 105.0);
  EXPECT_EQ(gpu.base.celsius.error().code, ErrorCode::kUnsupported);  // has no edge sensor
  EXPECT_EQ(gpu.base.pcie_gts, 32.0);
  EXPECT_EQ(gpu.compute_partition, "SPX");
  ASSERT_TRUE(gpu.ras);
  ASSERT_EQ(gpu.ras->size(), 2u);
  EXPECT_EQ((*gpu.ras)[1].block, "umc");
  EXPECT_EQ((*gpu.ras)[1].corrected, 2u);
  ASSERT_TRUE(gpu.bad_pages);
  EXPECT_EQ(gpu.bad_pages->retired, 1u);
  EXPECT_EQ(gpu.bad_pages->limit, 1965u);  // a page for each 100 MiB
  EXPECT_EQ(gpu.xgmi_peers.size(), 7u);
  EXPECT_EQ(gpu.hive, "7001");
  ASSERT_TRUE(gpu.processes);
  ASSERT_EQ(gpu.processes->size(), 1u);
  EXPECT_EQ((*gpu.processes)[0].memory_bytes, 64ull << 30);
  EXPECT_TRUE(gpus->gpus[4].processes->empty());  // KFD lists it there too, but it has nothing
}

TEST(AmdGpus, PutThePartitionsOfOneGpuTogether) {
  FakeHost fake;
  AddMi300x(fake, 0, 1).Set("current_compute_partition", "CPX\n");
  // The cards of the partitions are no PCI devices, their KFD nodes are at the same place.
  fake.Write("/sys/devices/platform/amdgpu_xcp_1/drm/card9/dev", "226:9\n");
  fake.Link("/sys/class/drm/card9", "/sys/devices/platform/amdgpu_xcp_1/drm/card9");
  fake.Write("/sys/class/kfd/kfd/topology/nodes/9/gpu_id", "2000\n");
  fake.Write("/sys/class/kfd/kfd/topology/nodes/9/properties",
             "domain 0\nlocation_id " + std::to_string((1u << 28) | (0x15u << 8)) + "\n");
  fake.Write("/sys/class/kfd/kfd/proc/1/vram_1000", "100\n");
  fake.Write("/sys/class/kfd/kfd/proc/1/vram_2000", "10\n");
  const auto gpus = Read(fake);
  ASSERT_TRUE(gpus);
  ASSERT_EQ(gpus->gpus.size(), 1u);
  EXPECT_EQ(gpus->gpus[0].compute_partition, "CPX");
  ASSERT_TRUE(gpus->gpus[0].processes);
  EXPECT_EQ(gpus->gpus[0].processes->at(0).memory_bytes, 110u);
}

TEST(AmdGpus, TakeTheLinkOfACardFromItsOwnSwitch) {
  FakeHost fake;
  const FakeDevice gpu = AddRadeon(fake);
  fake.Write("/sys/devices/pci0000:00/0000:00:01.1/0000:01:00.0/current_link_width", "8\n");
  fake.Write("/sys/devices/pci0000:00/0000:00:01.1/max_link_speed", "8.0 GT/s PCIe\n");
  const auto gpus = Read(fake);
  ASSERT_TRUE(gpus);
  const drm::Gpu& base = gpus->gpus.at(0).base;
  EXPECT_EQ(base.pcie_width, 8.0);
  EXPECT_EQ(base.pcie_width_max, 16.0);
  EXPECT_EQ(base.pcie_gts_max, 8.0);  // of the slot
  EXPECT_EQ(base.pcie_replays, 3.0);
  EXPECT_EQ(base.uuid, "0000:03:00.0");
  EXPECT_EQ(base.name, "1002:744c");
  EXPECT_EQ(gpus->gpus[0].ras.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(gpus->gpus[0].bad_pages.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(gpus->gpus[0].compute_partition.error().code, ErrorCode::kUnsupported);
}

TEST(AmdGpus, DoNotTouchASleepingGpu) {
  FakeHost fake;
  const FakeDevice gpu = AddRadeon(fake);
  gpu.Set("power/runtime_status", "suspended\n");
  gpu.Set("unique_id", "77\n");
  gpu.Break("gpu_busy_percent");  // would be an error if it was read
  gpu.Break("ras");
  const auto gpus = Read(fake);
  ASSERT_TRUE(gpus);
  const Gpu& asleep = gpus->gpus.at(0);
  EXPECT_TRUE(asleep.base.asleep);
  EXPECT_EQ(asleep.base.uuid, "77");
  EXPECT_EQ(asleep.base.gpu_percent.error().what, "card0: asleep, not read");
  EXPECT_EQ(asleep.base.pcie_width.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(asleep.ras.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(asleep.metrics.error().code, ErrorCode::kUnsupported);
}

TEST(AmdGpus, KeepAFailedReadingApartFromItsNeighbours) {
  FakeHost fake;
  const FakeDevice gpu = AddMi300x(fake, 0, 1);
  gpu.Break("mem_info_vram_used");
  gpu.Set("mem_busy_percent", "much\n");
  gpu.Set("ras/umc_err_count", "ue: 0\n");
  gpu.Set("ras/gpu_vram_bad_pages", "0x1 : 0x1000 : X\n");
  gpu.Set("current_link_width", "63\n");
  gpu.Set("current_link_speed", "Unknown\n");
  gpu.Set("gpu_metrics", "abc");
  const auto gpus = Read(fake);
  ASSERT_TRUE(gpus);
  const Gpu& bad = gpus->gpus.at(0);
  EXPECT_EQ(bad.base.memory_total_bytes, 206'141'652'992.0);
  EXPECT_EQ(bad.base.memory_used_bytes.error().code, ErrorCode::kIo);
  EXPECT_EQ(bad.base.memory_percent.error().code, ErrorCode::kParse);
  EXPECT_EQ(bad.base.pcie_width.error().code, ErrorCode::kDeviceLost);
  EXPECT_EQ(bad.base.pcie_gts.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(bad.ras.error().code, ErrorCode::kParse);
  EXPECT_EQ(bad.bad_pages.error().code, ErrorCode::kParse);
  EXPECT_EQ(bad.metrics.error().code, ErrorCode::kParse);
}

TEST(AmdGpus, FillFromTheMetricsTableWhatSysfsLacks) {
  FakeHost fake;
  const FakeDevice gpu = AddRadeon(fake);
  gpu.Remove("hwmon");
  std::string table(96, '\0');
  table.replace(0, 4, std::string("\x60\0\x01\x01", 4));
  table[6] = 71;   // hotspot
  table[22] = 55;  // W
  gpu.Set("gpu_metrics", table);
  const auto gpus = Read(fake);
  ASSERT_TRUE(gpus);
  EXPECT_EQ(gpus->gpus[0].base.hotspot_celsius, 71.0);
  EXPECT_EQ(gpus->gpus[0].base.power_mw, 55'000.0);
  EXPECT_EQ(gpus->gpus[0].base.gpu_percent, 12.0);  // sysfs goes first
}

TEST(AmdGpus, AProcessorsGpuIsToldAsIntegratedAndHasNoLink) {
  FakeHost fake;
  const FakeDevice gpu = AddCard(fake, "card0", {"0000:00:08.1", "0000:c4:00.0"},
                                 {"0x1002", "0x15bf", "0x030000", "amdgpu"});
  gpu.Set("gpu_metrics", std::string("\x04\0\x03\0", 4));
  gpu.Set("current_link_width", "16\n");
  const auto gpus = Read(fake);
  ASSERT_TRUE(gpus);
  EXPECT_TRUE(gpus->gpus[0].base.integrated);
  EXPECT_EQ(gpus->gpus[0].base.pcie_width.error().code, ErrorCode::kUnsupported);
}

TEST(AmdGpus, NameAGpuThatNoDriverDrives) {
  FakeHost fake;
  AddMi300x(fake, 0, 1);
  AddPciDevice(fake, {"0000:00:03.0"}, {"0x1002", "0x74a1", "0x120000"});
  AddPciDevice(fake, {"0000:00:04.0"}, {"0x1002", "0x74a1", "0x120000", "vfio-pci"});
  AddPciDevice(fake, {"0000:00:05.0"}, {"0x1002", "0xab30", "0x040300"});  // sound
  const FakeDevice share = AddPciDevice(fake, {"0000:00:06.0"}, {"0x1002", "0x74b5", "0x120000"});
  fake.Link(share.folder() + "/physfn", "/sys/bus/pci/devices/" + Mi300xAddress(0));
  const auto gpus = Read(fake);
  ASSERT_TRUE(gpus);
  ASSERT_EQ(gpus->undriven.size(), 2u);
  EXPECT_EQ(gpus->undriven[0].bus_id, "0000:00:03.0");
  EXPECT_EQ(gpus->undriven[0].driver, "");
  EXPECT_EQ(gpus->undriven[1].driver, "vfio-pci");
}

TEST(AmdGpus, AreNotSupportedOnAMachineWithoutOne) {
  FakeHost fake;
  EXPECT_EQ(Read(fake).error().code, ErrorCode::kUnsupported);
  AddArc(fake);
  EXPECT_EQ(Read(fake).error().what, "no AMD GPU on the PCI bus");
}

TEST(AmdGpus, ComeThroughAPipe) {
  FakeHost fake;
  AddMi300x(fake, 0, 1);
  Inputs in;
  kGpus.read(fake.host, in);
  const Snapshot* snapshot = in.Find(kGpus.snapshot);
  ASSERT_TRUE(snapshot);
  const std::string bytes = snapshot->type->encode(snapshot->result.get());
  const auto back = snapshot->type->decode(bytes);
  ASSERT_TRUE(back);
  EXPECT_EQ(snapshot->type->encode(back.get()), bytes);
}

}  // namespace
}  // namespace gpud::amdgpu
