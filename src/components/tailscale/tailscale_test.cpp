// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sources/tailscale/status.h"
#include "testing/component_kit.h"
#include "testing/fake_host.h"

namespace gpud::tailscale {
extern const ComponentType kType;
namespace {

Health HealthAfter(const std::vector<const char*>& states) {
  Inputs in;
  for (const char* state : states) {
    Status status{.daemon = {.running = true, .age_seconds = 1000}};
    const std::string json = R"({"Version":"1.80","BackendState":")" + std::string(state) +
                             R"(","Health":["a",2],"TUN":true})";
    EXPECT_TRUE(ParseStatus(json, status));
    EXPECT_EQ(status.problems, std::vector<std::string>{"a"});
    in.Put<Status>(status);
  }
  return *kType.check(in).states.at(0).health;
}

TEST(Tailscale, IsUnhealthyWhenItNeedsAPersonAndWellWhenAPersonStoppedIt) {
  EXPECT_EQ(HealthAfter({"Running"}), Health::kHealthy);
  EXPECT_EQ(HealthAfter({"Stopped", "Stopped"}), Health::kHealthy);
  EXPECT_EQ(HealthAfter({"NeedsLogin"}), Health::kUnhealthy);
}

TEST(Tailscale, HasUntilTheNextCheckToStart) {
  EXPECT_EQ(HealthAfter({"Starting"}), Health::kHealthy);
  EXPECT_EQ(HealthAfter({"Starting", "Starting"}), Health::kUnhealthy);
  EXPECT_EQ(HealthAfter({"NoState", "Starting"}), Health::kHealthy);
}

TEST(Tailscale, IsUnknownWhereItMayNotBeAskedOrSpeaksAnotherLanguage) {
  for (const ErrorCode code : {ErrorCode::kPermission, ErrorCode::kParse}) {
    Inputs in;
    in.Put<Status>(Status{
        .daemon = {.running = true, .age_seconds = 1000, .answer = Fail(code, "status 403")}});
    EXPECT_EQ(kType.check(in).states.at(0).health, Health::kUnknown);
  }
  Status status;
  EXPECT_FALSE(ParseStatus("[]", status));
  EXPECT_FALSE(ParseStatus(R"({"BackendState":3})", status));
}

TEST(Tailscale, IsNotSupportedWithoutItsSocketAndNotAskedWhileItDoesNotRun) {
  FakeHost fake;
  Inputs in;
  kStatus.read(fake.host, in);
  EXPECT_EQ(kType.supported(in).reason, "/run/tailscale/tailscaled.sock: there is no Tailscale");
  fake.Write("/run/tailscale/tailscaled.sock", "");
  kStatus.read(fake.host, in);
  EXPECT_EQ(kType.check(in).states.at(0).reason, "tailscaled does not run");
}

}  // namespace
}  // namespace gpud::tailscale
