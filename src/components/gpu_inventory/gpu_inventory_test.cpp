// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "components/component.h"
#include "components/gpu_inventory/present.h"
#include "sources/nvml/activity.h"
#include "sources/nvml/devices.h"
#include "sources/nvml/errors.h"
#include "sources/sysfs/pci.h"
#include "testing/component_kit.h"

namespace gpud::gpu_inventory {

extern const ComponentType kType;

namespace {

const std::vector<std::string> kSlots = {"0000:19:00.0", "0000:3b:00.0"};
constexpr std::uint64_t kMib = 1 << 20;

/// A machine with a GPU in each slot, all well.
struct Machine {
  Machine() {
    for (const std::string& slot : kSlots) {
      nvml::Device device;
      device.bus_id = slot;
      device.answers = true;
      device.name = "NVIDIA H100 80GB HBM3";
      device.memory_total_bytes = 81'559 * kMib;
      device.fabric = nvml::Fabric{.state = 3};
      devices.devices.push_back(device);
      nvml::GpuActivity now;
      now.bus_id = slot;
      now.gpu_percent = 97;
      now.pcie_width = 16u;
      activity.gpus.push_back(now);
      nvml::GpuErrors counts;
      counts.bus_id = slot;
      nvml::Link link;
      link.active = true;
      counts.links = std::vector<nvml::Link>(18, link);
      errors.gpus.push_back(counts);
      pci.devices.push_back({slot, sysfs::kNvidiaVendor, 0x030200});
    }
  }

  Inputs Read() const {
    Inputs in;
    in.Put<nvml::Devices>(nvml::Devices(devices));
    in.Put<nvml::Activity>(nvml::Activity(activity));
    in.Put<nvml::Errors>(nvml::Errors(errors));
    in.Put<sysfs::PciDevices>(sysfs::PciDevices(pci));
    in.Put<Expectation>(Expectation(expectation));
    return in;
  }
  /// What is there now is expected from now on.
  void Expect() { Learn(*Present(Read()), expectation.inventory); }
  HealthState Judge() const { return kType.check(Read()).states.at(0); }

  nvml::Devices devices;
  nvml::Activity activity;
  nvml::Errors errors;
  sysfs::PciDevices pci;
  Expectation expectation;
};

TEST(GpuInventory, IsWholeWhenAllIsThatWasEverSeen) {
  Machine machine;
  machine.Expect();
  const HealthState state = machine.Judge();
  EXPECT_EQ(state.health, Health::kHealthy);
  EXPECT_EQ(state.reason, "all 2 GPUs that were ever seen here are there");
}

TEST(GpuInventory, NamesAGpuThatIsGoneAndWhereItStillIs) {
  Machine machine;
  machine.Expect();
  machine.devices.devices[1].answers =
      Fail(ErrorCode::kDeviceLost, "GPU is lost", nvml::kGpuIsLost);
  EXPECT_EQ(machine.Judge().reason,
            "GPU 0000:3b:00.0 (NVIDIA H100 80GB HBM3) does not answer (GPU is lost)");
  machine.devices.devices.pop_back();
  EXPECT_NE(machine.Judge().reason.find("on the PCI bus, but the driver does not list it"),
            std::string::npos);
  machine.pci.devices.pop_back();
  const HealthState state = machine.Judge();
  EXPECT_EQ(state.health, Health::kUnhealthy);
  EXPECT_NE(state.reason.find("gone from the PCI bus"), std::string::npos);
}

TEST(GpuInventory, NamesWhatAGpuHasLostOfItself) {
  Machine machine;
  machine.Expect();
  machine.devices.devices[0].memory_total_bytes = 40'000 * kMib;
  machine.devices.devices[0].fabric = nvml::Fabric{.state = 2};
  machine.activity.gpus[0].pcie_width = 8u;
  machine.errors.gpus[1].links->at(3).active = false;
  const HealthState state = machine.Judge();
  EXPECT_EQ(state.health, Health::kDegraded);
  for (const char* part : {"40000 MiB of memory of 81559", "8 PCIe lanes of 16",
                           "GPU 0000:3b:00.0 has 17 NVLinks up of 18", "no longer part of its"}) {
    EXPECT_NE(state.reason.find(part), std::string::npos) << part << " in " << state.reason;
  }
}

TEST(GpuInventory, DoesNotMissWhatOnlyCouldNotBeRead) {
  Machine machine;
  machine.Expect();
  machine.activity.gpus[0].pcie_width = Fail(ErrorCode::kIo, "unknown error");
  machine.errors.gpus[0].links->at(3).active = Fail(ErrorCode::kIo, "unknown error");
  machine.errors.gpus[1].links = Fail(ErrorCode::kIo, "unknown error");
  machine.devices.devices[0].fabric = Fail(ErrorCode::kIo, "unknown error");
  EXPECT_EQ(machine.Judge().health, Health::kHealthy) << machine.Judge().reason;
}

TEST(GpuInventory, DoesNotJudgeTheWidthOfAnIdleLink) {
  Machine machine;
  machine.Expect();
  machine.activity.gpus[0].pcie_width = 8u;
  machine.activity.gpus[0].gpu_percent = 0;
  EXPECT_EQ(machine.Judge().health, Health::kHealthy);
}

TEST(GpuInventory, LooksAtTheBusWhileTheDriverIsLeftAlone) {
  Machine machine;
  machine.Expect();
  machine.devices.devices.clear();
  machine.devices.session.asleep = "all GPUs idle";
  EXPECT_EQ(machine.Judge().health, Health::kHealthy) << machine.Judge().reason;
  machine.pci.devices.pop_back();
  EXPECT_EQ(machine.Judge().health, Health::kUnhealthy);
}

TEST(GpuInventory, IsUnknownWhenTheDriverHangsAndUnhealthyWhenItIsNotLoaded) {
  Machine machine;
  machine.Expect();
  Inputs in = machine.Read();
  in.Put<nvml::Devices>(Fail(ErrorCode::kTimeout, "the driver does not answer"));
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kUnknown);
  in.Put<nvml::Devices>(Fail(ErrorCode::kUnsupported, "the NVIDIA driver is not loaded"));
  const HealthState state = kType.check(in).states.at(0);
  EXPECT_EQ(state.health, Health::kUnhealthy);
  EXPECT_NE(state.reason.find("the NVIDIA driver is not loaded"), std::string::npos);
}

TEST(GpuInventory, IsNotSupportedWhereNoGpuEverWas) {
  Inputs in;
  in.Put<nvml::Devices>(Fail(ErrorCode::kUnsupported, "no NVIDIA driver"));
  EXPECT_FALSE(kType.supported(in).supported);
  in.Put<Expectation>(Expectation{.inventory = {.gpus = {{.bus_id = kSlots[0]}}}});
  EXPECT_TRUE(kType.supported(in).supported);
}

TEST(GpuInventory, LearnsTheBestThatIsSeenAndABoardThatReplacesAnother) {
  Machine machine;
  machine.errors.gpus[0].links->at(0).active = false;
  machine.Expect();
  EXPECT_EQ(machine.expectation.inventory.gpus[0].nvlinks, 17u);
  machine.errors.gpus[0].links->at(0).active = true;
  machine.Expect();
  EXPECT_EQ(machine.expectation.inventory.gpus[0].nvlinks, 18u);
  machine.devices.devices[0].memory_total_bytes = 40'000 * kMib;
  machine.Expect();
  EXPECT_EQ(machine.expectation.inventory.gpus[0].memory_bytes, 81'559 * kMib);
  machine.devices.devices[0].name = "NVIDIA A100-SXM4-40GB";
  machine.Expect();
  EXPECT_EQ(machine.expectation.inventory.gpus[0].memory_bytes, 40'000 * kMib);
  EXPECT_FALSE(Learn(*Present(machine.Read()), machine.expectation.inventory));
}

}  // namespace
}  // namespace gpud::gpu_inventory
