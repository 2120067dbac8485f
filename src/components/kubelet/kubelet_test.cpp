// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sources/kubelet/health.h"
#include "testing/component_kit.h"
#include "testing/fake_host.h"

namespace gpud::kubelet {
extern const ComponentType kType;
namespace {

Kubelet Ill() {
  return {.daemon = {.running = true,
                     .age_seconds = 1000,
                     .answer = Fail(ErrorCode::kIo, "GET /healthz: status 500")}};
}

TEST(Kubelet, IsUnhealthyWhenItSaysSoTwice) {
  Inputs in;
  in.Put<Kubelet>(Ill());
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kUnknown);
  in.Put<Kubelet>(Ill());
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kUnhealthy);
  Kubelet off = Ill();
  off.health_off = true;
  in.Put<Kubelet>(off);
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kHealthy);
}

TEST(Kubelet, PortsAreThoseOfItsFile) {
  EXPECT_EQ(ParsePorts("kind: KubeletConfiguration\nhealthzPort: 0\nreadOnlyPort: 10255\n"),
            (Ports{.health = 0, .read_only = 10255}));
  for (const char* text : {"", "- a\n", "healthzPort: many\n", "{{", "healthzPort: 70000\n"}) {
    EXPECT_EQ(ParsePorts(text), Ports{}) << text;
  }
}

TEST(Kubelet, CountsItsPods) {
  constexpr std::string_view kPods =
      R"({"items":[{"status":{"phase":"Running","containerStatuses":[)"
      R"({"restartCount":7,"state":{"waiting":{"reason":"CrashLoopBackOff"}}},)"
      R"({"restartCount":"x","state":{}}]}},{"status":{"phase":"Odd"}},1]})";
  const auto counts = ParsePods(kPods);
  ASSERT_TRUE(counts);
  Kubelet kubelet{.daemon = {.running = true, .age_seconds = 1000, .answer = "ok"}};
  kubelet.pods = *counts;
  Inputs in;
  in.Put<Kubelet>(kubelet);
  const Report report = kType.check(in);
  EXPECT_EQ(SampleOf(report, "kubelet_pods", {{"phase", "Running"}}), 1);
  EXPECT_EQ(SampleOf(report, "kubelet_pods", {{"phase", "Unknown"}}), 2);
  EXPECT_EQ(SampleOf(report, "kubelet_containers_crash_looping"), 1);
  EXPECT_EQ(SampleOf(report, "kubelet_container_restarts"), 7);
  EXPECT_FALSE(ParsePods("[]"));
  EXPECT_EQ(ParsePods(R"({"items":null})"), PodCounts{});
}

TEST(Kubelet, IsNotSupportedWhereItIsNotThereAndNotAskedWhileItDoesNotRun) {
  FakeHost fake;
  Inputs in;
  kKubelet.read(fake.host, in);
  EXPECT_EQ(kType.supported(in).reason, "/var/lib/kubelet/config.yaml: there is no kubelet");
  fake.Write("/var/lib/kubelet/config.yaml", "readOnlyPort: 1\n");
  kKubelet.read(fake.host, in);
  EXPECT_EQ(kType.check(in).states.at(0).reason, "the kubelet does not run");
}

TEST(Kubelet, IsUnknownWhereItMayNotBeAsked) {
  Kubelet refused = Ill();
  refused.daemon.answer = Fail(ErrorCode::kPermission, "GET /healthz: status 403");
  Inputs in;
  in.Put<Kubelet>(refused);
  in.Put<Kubelet>(refused);
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kUnknown);
}

}  // namespace
}  // namespace gpud::kubelet
