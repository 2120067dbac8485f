// SPDX-License-Identifier: Apache-2.0
#include "sources/sysfs/gpu_presence.h"

#include <gtest/gtest.h>

#include "testing/fake_host.h"

namespace gpud::sysfs {
namespace {

void AddDevice(FakeHost& host, const std::string& vendor, const std::string& device_class) {
  host.Write("/sys/bus/pci/devices/0000:19:00.0/vendor", vendor + "\n");
  host.Write("/sys/bus/pci/devices/0000:19:00.0/class", device_class + "\n");
}

TEST(GpuPresence, IsTheGpuOfAKnownMakerOnTheBus) {
  FakeHost host;
  EXPECT_FALSE(HasGpu(host.root));
  AddDevice(host, "0x1a03", "0x030000");  // the display of a BMC
  EXPECT_FALSE(HasGpu(host.root));
  AddDevice(host, "0x10de", "0x068000");  // an NVSwitch
  EXPECT_FALSE(HasGpu(host.root));
  AddDevice(host, "0x10de", "0x030200");
  EXPECT_TRUE(HasGpu(host.root));
}

TEST(GpuPresence, IsADriversDeviceFile) {
  FakeHost host;
  host.Write("/dev/nvidiactl", "");
  EXPECT_TRUE(HasGpu(host.root));
}

}  // namespace
}  // namespace gpud::sysfs
