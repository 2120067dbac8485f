// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "components/settings.h"
#include "sources/sysfs/infiniband.h"
#include "testing/component_kit.h"

namespace gpud::infiniband {
extern const ComponentType kType;
namespace {

class Fabric {
 public:
  Fabric() {
    for (int i = 0; i < 8; ++i) {
      sysfs::RdmaPort port;
      port.link_layer = std::string("InfiniBand");
      port.state = std::string("ACTIVE");
      port.physical_state = std::string("LinkUp");
      port.rate_gbps = 400;
      port.counters = {{"link_downed", 3}, {"port_rcv_data", 5}};
      all.devices.push_back({.name = "mlx5_" + std::to_string(i), .ports = {port}});
    }
  }
  void Set(const char* json) {
    in.Put<Settings>(Settings{{{"accelerator-nvidia-infiniband", json}}});
  }
  void SetLink(std::size_t i, bool up) {
    all.devices[i].ports[0].physical_state = std::string(up ? "LinkUp" : "Polling");
    all.devices[i].ports[0].state = std::string(up ? "ACTIVE" : "DOWN");
  }
  Report Check(int seconds = 30) {
    now_ += std::chrono::seconds(seconds);
    in.SetNow(BootTime(now_), WallTime(std::chrono::seconds(1'772'352'000) + now_));
    in.Put<sysfs::RdmaDevices>(all);
    Report report = kType.check(in);
    events_.insert(events_.begin(), report.events.begin(), report.events.end());
    in.SetHistory(events_, {}, {});
    return report;
  }

  sysfs::RdmaDevices all;
  Inputs in;

 private:
  std::chrono::seconds now_{100'000};
  std::vector<Event> events_;
};

TEST(InfinibandPorts, AreExportedWithoutAnyThreshold) {
  Fabric fabric;
  const Report report = fabric.Check();
  EXPECT_EQ(report.states[0].health, Health::kHealthy);
  EXPECT_EQ(SampleOf(report, "accelerator_nvidia_infiniband_link_downed",
                     {{"device", "mlx5_0"}, {"port", "1"}, {"device_port", "mlx5_0_mlx5_0"}}),
            3);
  EXPECT_EQ(SampleOf(report, "accelerator_nvidia_infiniband_received_bytes_total",
                     {{"device", "mlx5_0"}, {"port", "1"}}),
            20);
}

TEST(InfinibandPorts, AreTooFewBelowTheThreshold) {
  Fabric fabric;
  fabric.Set(R"({"at_least_ports":8,"at_least_rate":400})");
  EXPECT_EQ(fabric.Check().states[0].health, Health::kHealthy);
  fabric.SetLink(2, false);
  const HealthState state = fabric.Check().states[0];
  EXPECT_EQ(state.health, Health::kUnhealthy);
  EXPECT_EQ(state.reason,
            "only 7 ports are up at 400 Gb/s or more, wanted 8; without a peer: mlx5_2/1");
  EXPECT_FALSE(state.suggested_actions);
}

TEST(InfinibandPorts, DropAfterFourMinutesAndHealWhenTheyAreBack) {
  Fabric fabric;
  fabric.Check();
  fabric.SetLink(2, false);
  Report report = fabric.Check();
  EXPECT_EQ(report.events.at(0).name, "ib_port_down");
  EXPECT_EQ(report.states[0].health, Health::kHealthy);
  report = fabric.Check(240);
  EXPECT_TRUE(report.events.empty());
  EXPECT_EQ(report.states[0].reason, "mlx5_2/1: down for too long");
  fabric.SetLink(2, true);
  report = fabric.Check();
  EXPECT_EQ(report.events.at(0).name, "ib_port_up");
  EXPECT_EQ(report.states[0].health, Health::kHealthy);
}

TEST(InfinibandPorts, FlapWhenTheyComeBackThreeTimes) {
  Fabric fabric;
  fabric.Check();
  HealthState state;
  for (int i = 0; i < 3; ++i) {
    EXPECT_NE(state.health, Health::kUnhealthy);
    fabric.SetLink(2, false);
    fabric.Check();
    fabric.SetLink(2, true);
    fabric.Check();
    state = fabric.Check().states[0];
  }
  EXPECT_EQ(state.health, Health::kUnhealthy);
  EXPECT_EQ(state.reason, "mlx5_2/1: down and up again several times");
}

TEST(InfinibandPorts, ThatWereNeverUpAreAtRest) {
  Fabric fabric;
  fabric.SetLink(2, false);
  fabric.Check();
  const Report report = fabric.Check(3600);
  EXPECT_TRUE(report.events.empty());
  EXPECT_EQ(report.states[0].health, Health::kHealthy);
}

TEST(InfinibandPorts, ThatCouldNotBeReadAreAStateOfTheirOwn) {
  Fabric fabric;
  fabric.Check();
  fabric.in.Put<sysfs::RdmaDevices>(Fail(ErrorCode::kTimeout, "no answer"));
  const Report report = kType.check(fabric.in);
  EXPECT_EQ(report.states.at(1).health, Health::kUnknown);
}

}  // namespace
}  // namespace gpud::infiniband
