// SPDX-License-Identifier: Apache-2.0
#include "components/pci/links.h"

#include <gtest/gtest.h>

#include "components/component.h"
#include "sources/host/identity.h"
#include "sources/sysfs/pci_acs.h"
#include "testing/component_kit.h"

namespace gpud::pci {
extern const ComponentType kType;
namespace {

using sysfs::PcieKind;
using sysfs::PcieLink;

sysfs::PcieDevice Device(const std::string& address, PcieKind kind, PcieLink now) {
  return {.address = address,
          .kind = kind,
          .model = "10de:2330",
          .link = now,
          .best = {32, 16},
          .port = "0000:00:01.0",
          .slot = PcieLink{32, 16},
          .errors = sysfs::AerCounts{.correctable = 7},
          .port_errors = Fail(ErrorCode::kNotFound, "no counters")};
}

/// Plays the frame: keeps events.
class Machine {
 public:
  explicit Machine(std::string virtual_machine = "none") {
    host::Identity identity;
    identity.virtual_machine = std::move(virtual_machine);
    in_.Put<host::Identity>(std::move(identity));
  }
  Report Check(std::vector<sysfs::PcieDevice> devices, std::chrono::hours after = {}) {
    now_ += after + std::chrono::minutes(1);
    in_.SetNow(BootTime(std::chrono::hours(9)), now_);
    in_.Put<sysfs::PcieDevices>(sysfs::PcieDevices{std::move(devices)});
    in_.SetHistory(events_, {}, {});
    Report report = kType.check(in_);
    events_.insert(events_.begin(), report.events.begin(), report.events.end());
    return report;
  }
  void Clear() { events_.clear(); }  // set-healthy: older events are not shown
  void Acs(Result<sysfs::AcsPorts> acs) { in_.Put<sysfs::AcsPorts>(std::move(acs)); }

 private:
  Inputs in_;
  std::vector<Event> events_;  // newest first
  WallTime now_{std::chrono::seconds(1'772'352'000)};
};

TEST(PciLinks, ALinkAsWideAndFastAsBothEndsIsHealthy) {
  auto behind_slow_slot = Device("0000:02:00.0", PcieKind::kNvme, {8, 4});
  behind_slow_slot.slot = PcieLink{8, 4};
  const Report report =
      Machine().Check({Device("0000:01:00.0", PcieKind::kGpu, {32, 16}), behind_slow_slot});
  EXPECT_EQ(report.states.at(0).health, Health::kHealthy);
  EXPECT_EQ(SampleOf(report, "pci_link_width_max", {{"device", "0000:02:00.0"}, {"kind", "nvme"}}),
            4);
  EXPECT_EQ(SampleOf(report, "pci_aer_errors_total",
                     {{"device", "0000:01:00.0"}, {"severity", "correctable"}}),
            7);
}

TEST(PciLinks, LanesThatAreMissingAreDegraded) {
  const Report report = Machine().Check({Device("0000:01:00.0", PcieKind::kGpu, {32, 8})});
  EXPECT_EQ(report.states.at(0).health, Health::kDegraded);
  EXPECT_EQ(report.states[0].reason, "gpu 0000:01:00.0 has 8 of 16 lanes");
  EXPECT_EQ(report.states[0].suggested_actions->repair_actions.at(0),
            RepairAction::kInspectHardware);
}

TEST(PciLinks, AnIdleGpuIsSlowAndAnAdapterThatFellBackIsDegraded) {
  EXPECT_EQ(
      Machine().Check({Device("0000:01:00.0", PcieKind::kGpu, {2.5, 16})}).states.at(0).health,
      Health::kHealthy);
  EXPECT_EQ(
      Machine().Check({Device("0000:01:00.0", PcieKind::kNvme, {16, 16})}).states.at(0).health,
      Health::kHealthy);  // one generation: firmware limits the slot
  EXPECT_EQ(
      Machine().Check({Device("0000:01:00.0", PcieKind::kNetwork, {8, 16})}).states.at(0).reason,
      "network 0000:01:00.0 runs at 8 of 32 GT/s");
}

TEST(PciLinks, OfAVirtualMachineOrWithoutAPortAreMeasuredAndNotJudged) {
  const Report report = Machine("kvm").Check({Device("0000:01:00.0", PcieKind::kGpu, {2.5, 1})});
  EXPECT_EQ(report.states.at(0).health, Health::kHealthy);
  EXPECT_TRUE(report.events.empty());
  EXPECT_EQ(SampleOf(report, "pci_link_width", {{"device", "0000:01:00.0"}, {"kind", "gpu"}}), 1);
  auto bare = Device("0000:01:00.0", PcieKind::kNetwork, {2.5, 1});
  bare.slot.reset();
  EXPECT_EQ(Machine().Check({bare}).states.at(0).health, Health::kHealthy);
}

TEST(PciLinks, ALinkThatMayNotBeReadIsAStateOfItsOwnAndOneThatIsNotToldIsNone) {
  auto device = Device("0000:01:00.0", PcieKind::kGpu, {});
  device.link = Fail(ErrorCode::kPermission, "no");
  EXPECT_TRUE(StateOf(Machine().Check({device}), "pci/0000:01:00.0"));
  device.link = Fail(ErrorCode::kUnsupported, "not known");
  EXPECT_EQ(Machine().Check({device}).states.size(), 1u);
}

TEST(PciInventory, ADeviceThatIsGoneIsToldOnceAndDegradedUntilItIsBack) {
  const auto nic = [](const char* address) {
    return Device(address, PcieKind::kNetwork, {32, 16});
  };
  Machine machine;
  const Report first = machine.Check({nic("0000:01:00.0"), nic("0000:02:00.0")});
  ASSERT_EQ(first.events.size(), 1u);
  EXPECT_EQ(first.events[0].name, "pci_inventory");
  EXPECT_TRUE(machine.Check({nic("0000:01:00.0"), nic("0000:02:00.0")}).events.empty());

  const Report gone = machine.Check({nic("0000:01:00.0")});
  EXPECT_EQ(gone.states.at(0).health, Health::kDegraded);
  EXPECT_EQ(gone.states[0].reason,
            "PCI devices are gone: 1 network 10de:2330 (was at 0000:02:00.0)");
  ASSERT_EQ(gone.events.size(), 1u);
  EXPECT_EQ(gone.events[0].name, "pci_device_missing");
  EXPECT_TRUE(machine.Check({nic("0000:01:00.0")}).events.empty());

  // After the repair the bus may be numbered anew.
  const Report back = machine.Check({nic("0000:11:00.0"), nic("0000:12:00.0")});
  EXPECT_EQ(back.states.at(0).health, Health::kHealthy);
  EXPECT_TRUE(back.events.empty());
}

TEST(PciInventory, GrowsIsRenewedAndBeginsAnewAfterSetHealthy) {
  const auto disk = [](const char* address) { return Device(address, PcieKind::kNvme, {32, 16}); };
  Machine machine;
  machine.Check({disk("0000:01:00.0")});
  EXPECT_EQ(machine.Check({disk("0000:01:00.0"), disk("0000:02:00.0")}).events.size(), 1u);
  EXPECT_EQ(machine.Check({disk("0000:01:00.0"), disk("0000:02:00.0")}, std::chrono::hours(8 * 24))
                .events.size(),
            1u);
  EXPECT_EQ(machine.Check({disk("0000:01:00.0")}).states.at(0).health, Health::kDegraded);
  machine.Clear();
  EXPECT_EQ(machine.Check({disk("0000:01:00.0")}).states.at(0).health, Health::kHealthy);
}

TEST(PciAcs, IsToldOnceWhereThereAreGpusToTalkToEachOther) {
  const auto one = Device("0000:01:00.0", PcieKind::kGpu, {32, 16});
  const auto two = Device("0000:02:00.0", PcieKind::kGpu, {32, 16});
  Machine machine;
  machine.Acs(sysfs::AcsPorts{{{"0000:00:01.0", 0xff, 0x1d}, {"0000:00:02.0", 0xff, 0}}});
  machine.Check({one});
  const Report report = machine.Check({one, two});
  ASSERT_EQ(report.events.size(), 1u);
  EXPECT_EQ(report.events[0].name, "acs_enabled");
  EXPECT_EQ(report.events[0].extra_info.at("ports"), "0000:00:01.0");
  EXPECT_EQ(report.states.at(0).health, Health::kHealthy);
  EXPECT_TRUE(machine.Check({one, two}).events.empty());
  machine.Acs(Fail(ErrorCode::kPermission, "only root"));
  const HealthState state = machine.Check({one, two}).states.at(0);
  EXPECT_EQ(state.health, Health::kHealthy);
  EXPECT_NE(state.extra_info.at("data").find(R"("acs":"only root")"), std::string::npos);
}

}  // namespace
}  // namespace gpud::pci
