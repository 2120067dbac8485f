// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sources/reach/reach.h"
#include "testing/component_kit.h"
#include "testing/fake_host.h"

namespace gpud::network_latency {
extern const ComponentType kType;
namespace {

using reach::Reach;

Report After(const std::vector<Result<double>>& answers) {
  Inputs in;
  for (const Result<double>& answer : answers) {
    in.Put<Reach>(Reach{.asked = {{.name = "storage", .milliseconds = answer}}});
  }
  return kType.check(in);
}
Health HealthAfter(const std::vector<Result<double>>& answers) {
  return *After(answers).states.at(0).health;
}

TEST(NetworkLatency, IsDegradedAtMostAndOnlyAtTheSecondTime) {
  const Result<double> lost = Fail(ErrorCode::kTimeout, "10.0.0.5:2049: no answer in time");
  EXPECT_EQ(HealthAfter({lost}), Health::kHealthy);
  EXPECT_EQ(HealthAfter({5.0, lost}), Health::kHealthy);
  EXPECT_EQ(HealthAfter({lost, lost}), Health::kDegraded);
  EXPECT_EQ(HealthAfter({5.0, 1001.0}), Health::kHealthy);
  EXPECT_EQ(HealthAfter({1001.0, 1001.0}), Health::kDegraded);
}

TEST(NetworkLatency, ExportsTheTimeOfWhatAnswers) {
  const Labels storage{{"region", "storage"}};
  EXPECT_EQ(SampleOf(After({5.0}), "network_latency_edge_in_milliseconds", storage), 5);
  const Report lost = After({Fail(ErrorCode::kTimeout, "late")});
  EXPECT_FALSE(SampleOf(lost, "network_latency_edge_in_milliseconds", storage));
  EXPECT_EQ(SampleOf(lost, "network_latency_reachable", storage), 0);
}

TEST(NetworkLatency, IsNotSupportedUntilItIsToldWhomToAskAndUnknownWhereThatCannotBeRead) {
  FakeHost fake;
  Inputs in;
  reach::kReach.read(fake.host, in);
  EXPECT_EQ(kType.supported(in).reason, "/etc/gpud/network.yaml: no targets are set");
  fake.Write("/etc/gpud/network.yaml", "targets: [");
  reach::kReach.read(fake.host, in);
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kUnknown);
  in.Put<Reach>(Fail(ErrorCode::kPermission, "/etc/gpud/network.yaml: Permission denied"));
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kUnknown);
}

}  // namespace
}  // namespace gpud::network_latency
