// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sources/sysfs/block.h"
#include "sources/sysfs/edac.h"
#include "sources/sysfs/pci.h"
#include "testing/fake_host.h"

namespace gpud::sysfs {
namespace {

TEST(Edac, KeepsABadCounterApartFromItsNeighbours) {
  FakeHost fake;
  Inputs in;
  fake.Write("/sys/devices/system/edac/mc/mc0/ce_count", "5\n");
  fake.Write("/sys/devices/system/edac/mc/mc0/ue_count", "rubbish\n");
  fake.Write("/sys/devices/system/edac/mc/mc0/dimm3/dimm_label", "CPU0 C3\n");
  fake.Write("/sys/devices/system/edac/mc/mc0/dimm3/dimm_ce_count", "4\n");
  fake.Write("/sys/devices/system/edac/mc/power/control", "auto\n");
  kEdac.read(fake.host, in);
  const auto& edac = in.Latest<Edac>();
  ASSERT_TRUE(edac);
  ASSERT_EQ(edac->controllers.size(), 1u);
  EXPECT_EQ(edac->controllers[0].corrected, 5u);
  EXPECT_EQ(edac->controllers[0].uncorrected.error().code, ErrorCode::kParse);
  EXPECT_EQ(edac->controllers[0].dimms.at(0).name, "mc0/dimm3");
  EXPECT_EQ(edac->controllers[0].dimms[0].label, "CPU0 C3");
  EXPECT_EQ(edac->controllers[0].dimms[0].uncorrected.error().code, ErrorCode::kNotFound);
}

TEST(Pci, HasVendorAndClass) {
  FakeHost fake;
  Inputs in;
  fake.Write("/sys/bus/pci/devices/0000:19:00.0/vendor", "0x10de\n");
  fake.Write("/sys/bus/pci/devices/0000:19:00.0/class", "0x030200\n");
  kPci.read(fake.host, in);
  EXPECT_EQ(in.Latest<PciDevices>()->devices,
            (std::vector<PciDevice>{{"0000:19:00.0", kNvidiaVendor, 0x030200}}));
}

TEST(Pci, TellsWhereAGpuSitsAndWhoDrivesIt) {
  FakeHost fake;
  Inputs in;
  const std::string at = "/sys/devices/pci0000:15/0000:15:01.0/0000:19:00.0";
  fake.Write(at + "/vendor", "0x10de\n");
  fake.Write(at + "/class", "0x030200\n");
  fake.Write(at + "/numa_node", "1\n");
  fake.Write("/sys/bus/pci/drivers/nvidia/bind", "");
  fake.Link(at + "/driver", "../../../bus/pci/drivers/nvidia");
  fake.Link("/sys/bus/pci/devices/0000:19:00.0",
            "../../../devices/pci0000:15/0000:15:01.0/0000:19:00.0");
  kPci.read(fake.host, in);
  EXPECT_EQ(in.Latest<PciDevices>()->devices,
            (std::vector<PciDevice>{{"0000:19:00.0", kNvidiaVendor, 0x030200, "nvidia", 1,
                                     "pci0000:15/0000:15:01.0/0000:19:00.0"}}));
}

TEST(Block, BuildsTheTreeOfDisksPartitionsAndArrays) {
  FakeHost fake;
  const auto add = [&](const std::string& name, const std::string& file, const std::string& text) {
    fake.Write("/sys/class/block/" + name + "/" + file, text + "\n");
  };
  for (const char* name : {"sda", "sda1", "md0"}) add(name, "size", "2048");
  add("sda", "dev", "8:0");
  add("sda", "device/model", "Disk  ");
  add("sda", "queue/rotational", "1");
  add("sda1", "partition", "1");
  add("md0", "md/level", "raid1");
  add("md0", "slaves/sda1/dev", "8:1");
  add("loop0", "size", "0");
  const auto all = ReadBlockDevices(fake.root);
  ASSERT_TRUE(all);
  EXPECT_EQ(all->devices.size(), 3u);
  EXPECT_EQ(all->Find("sda")->size_bytes, 1u << 20);
  EXPECT_EQ(all->Find("sda")->model, "Disk");
  EXPECT_TRUE(all->Find("sda")->rotational);
  EXPECT_EQ(all->Find("sda")->children, std::vector<std::string>{"sda1"});
  EXPECT_EQ(all->Find("sda1")->type, "part");
  EXPECT_EQ(all->Find("sda1")->parents, std::vector<std::string>{"sda"});
  EXPECT_EQ(all->Find("md0")->type, "raid1");
  EXPECT_EQ(all->Find("md0")->parents, std::vector<std::string>{"sda1"});
}

}  // namespace
}  // namespace gpud::sysfs
