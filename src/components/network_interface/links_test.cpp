// SPDX-License-Identifier: Apache-2.0
#include "components/network_interface/links.h"

#include <gtest/gtest.h>

#include "sources/sysfs/net.h"
#include "testing/component_kit.h"
#include "testing/fake_host.h"

namespace gpud::network_interface {
extern const ComponentType kType;
namespace {

using sysfs::NetPort;
using sysfs::NetPorts;

/// A daemon that reads one port every 15 s and keeps what the component tells.
class Watch {
 public:
  Report See(NetPort port, std::chrono::seconds later = std::chrono::seconds(15)) {
    port.name = "eno1";
    clock_.Advance(later);
    in_.SetNow(clock_.Boot(), clock_.Wall());
    in_.SetHistory(events_, {}, cleared_);
    in_.Put<NetPorts>(NetPorts{.ports = {std::move(port)}});
    Report report = kType.check(in_);
    events_.insert(events_.begin(), report.events.begin(), report.events.end());
    return report;
  }
  void SetHealthy() {
    events_.clear();
    cleared_ = clock_.Wall();
  }
  void Add(Event event) { events_.insert(events_.begin(), std::move(event)); }
  const std::vector<Event>& events() const { return events_; }

 private:
  FakeClock clock_;
  Inputs in_;
  std::vector<Event> events_;
  WallTime cleared_{};
};

NetPort Up(std::uint64_t downs = 1) {
  return {.up = true, .link = true, .link_ups = downs, .link_downs = downs};
}
NetPort Down(std::uint64_t downs = 2) {
  return {.up = true, .link = false, .link_ups = downs - 1, .link_downs = downs};
}
Health HealthOf(const Report& report) { return *report.states.at(0).health; }

TEST(Links, AreDegradedOnceALinkIsGoneForMinutesAndWellWhenItIsBack) {
  Watch watch;
  watch.See(Up());
  EXPECT_EQ(HealthOf(watch.See(Down())), Health::kHealthy);
  EXPECT_EQ(watch.events().at(0).name, "carrier_lost");
  EXPECT_EQ(HealthOf(watch.See(Down(), std::chrono::seconds(239))), Health::kHealthy);
  const Report report = watch.See(Down(), std::chrono::seconds(1));
  EXPECT_EQ(HealthOf(report), Health::kDegraded);
  EXPECT_EQ(report.states[0].reason, "eno1 has no link");
  EXPECT_EQ(HealthOf(watch.See(Up(2))), Health::kHealthy);
  ASSERT_EQ(watch.events().size(), 2u);
  EXPECT_EQ(watch.events()[0].name, "carrier_back");
}

TEST(Links, ArePlainlyTheirOwnersBusinessWhereNoFaultCanBe) {
  NetPort never = Down();
  never.link_ups = 0;
  NetPort off = Down();
  off.up = false;
  NetPort bmc = Down();
  bmc.usb = true;
  NetPort wireless = Down();
  wireless.kind = sysfs::PortKind::kWireless;
  for (const NetPort& port : {never, off, bmc, wireless}) {
    Watch watch;
    watch.See(port);
    EXPECT_EQ(HealthOf(watch.See(port, std::chrono::hours(1))), Health::kHealthy);
    EXPECT_TRUE(watch.events().empty());
    EXPECT_FALSE(WhyNotJudged(port).empty());
  }
}

TEST(Links, ThatComeAndGoAreDegradedThreeTimesAnHour) {
  Watch watch;
  watch.See(Up(5));
  EXPECT_EQ(HealthOf(watch.See(Up(7))), Health::kHealthy);
  EXPECT_EQ(watch.events().at(0).name, "carrier_flapped");
  const Report report = watch.See(Up(8), std::chrono::minutes(50));
  EXPECT_EQ(HealthOf(report), Health::kDegraded);
  EXPECT_EQ(report.states[0].reason, "eno1 lost its link 3 times or more within an hour");
  EXPECT_EQ(HealthOf(watch.See(Up(8), std::chrono::minutes(11))), Health::kHealthy);
}

TEST(Links, CountersThatBeganAnewAreNoFlaps) {
  Watch watch;
  watch.See(Up(50));
  watch.See(Up(1));
  watch.See(Up(1));
  EXPECT_TRUE(watch.events().empty());
}

TEST(Links, StaySilentOnAPortThatAPersonCalledHealthyWithoutALink) {
  Watch watch;
  watch.See(Down());
  EXPECT_EQ(HealthOf(watch.See(Down(), std::chrono::minutes(5))), Health::kDegraded);
  watch.SetHealthy();
  EXPECT_EQ(HealthOf(watch.See(Down(), std::chrono::minutes(5))), Health::kHealthy);
  EXPECT_EQ(HealthOf(watch.See(Down(), std::chrono::minutes(5))), Health::kHealthy);
}

TEST(Links, ALineAboutALinkThatIsUpByNowOrSwitchedOffIsHistory) {
  for (const bool switched_off : {false, true}) {
    Watch watch;
    NetPort now = switched_off ? Down() : Up(2);
    now.up = !switched_off;
    watch.See(Down());
    for (const Event& event : Match(kType, {"ixgbe 0000:04:00.0 eno1: NIC Link is Down"})) {
      watch.Add(event);
    }
    const Report down = watch.See(Down());
    EXPECT_EQ(HealthOf(down), Health::kDegraded);
    EXPECT_EQ(down.states[0].reason, "a network link is down on eno1");
    EXPECT_EQ(HealthOf(watch.See(now)), Health::kHealthy);
  }
}

TEST(NetworkInterface, ExportsWhatThePortsCarryAndTellsOfOnesThatCannotBeRead) {
  FakeHost fake;
  fake.Write("/sys/class/net/eno1/device/vendor", "0x8086\n");
  fake.Write("/sys/class/net/eno1/flags", "0x1003\n");
  fake.Write("/sys/class/net/eno1/type", "1\n");
  fake.Write("/sys/class/net/eno1/carrier", "1\n");
  fake.Write("/sys/class/net/eno1/speed", "25000\n");
  fake.Write("/sys/class/net/eno1/carrier_changes", "3\n");  // before Linux 4.16
  fake.Write("/sys/class/net/veth1/type", "1\n");
  Inputs in;
  sysfs::kNet.read(fake.host, in);
  EXPECT_EQ(kType.check(in).states.at(1).health, Health::kUnknown);  // no /proc/net/dev
  fake.Write("/proc/net/dev",
             "Inter-|   Receive\n face |bytes\n"
             "  eno1:100 2 3 4 0 0 0 0 200 6 7 8 0 0 0 0\n");
  sysfs::kNet.read(fake.host, in);
  const Report report = kType.check(in);
  const Labels eno1{{"device", "eno1"}};
  EXPECT_EQ(report.states.size(), 1u);
  EXPECT_EQ(SampleOf(report, "network_interface_received_bytes_total", eno1), 100);
  EXPECT_EQ(SampleOf(report, "network_interface_send_drops_total", eno1), 8);
  EXPECT_EQ(SampleOf(report, "network_interface_speed_bits_per_second", eno1), 25e9);
  EXPECT_EQ(SampleOf(report, "network_interface_link_losses_total", eno1), 2);
  EXPECT_EQ(in.Latest<NetPorts>()->ports.size(), 1u);
}

TEST(NetworkInterface, TellsHowManyPortsOfABondHaveALink) {
  FakeHost fake;
  const auto port = [&](const std::string& name, const char* carrier) {
    fake.Write("/sys/class/net/" + name + "/flags", "0x1003\n");
    fake.Write("/sys/class/net/" + name + "/carrier", carrier);
  };
  port("bond0", "1\n");
  fake.Write("/sys/class/net/bond0/bonding/slaves", "eno1 eno2\n");
  fake.Write("/sys/class/net/bond0/bonding/mode", "802.3ad 4\n");
  for (const char* slave : {"eno1", "eno2"}) {
    port(slave, slave == std::string("eno1") ? "1\n" : "0\n");
    fake.Write("/sys/class/net/" + std::string(slave) + "/device/vendor", "0x15b3\n");
    fake.Link("/sys/class/net/" + std::string(slave) + "/master", "../bond0");
  }
  fake.Write("/proc/net/dev", "");
  Inputs in;
  sysfs::kNet.read(fake.host, in);
  const Report report = kType.check(in);
  const Labels bond0{{"device", "bond0"}};
  EXPECT_EQ(SampleOf(report, "network_interface_bond_slaves", bond0), 2);
  EXPECT_EQ(SampleOf(report, "network_interface_bond_slaves_with_link", bond0), 1);
  EXPECT_EQ(in.Latest<NetPorts>()->Find("eno2")->bond, "bond0");
  EXPECT_EQ(in.Latest<NetPorts>()->Find("bond0")->bond_mode, "802.3ad");
}

}  // namespace
}  // namespace gpud::network_interface
