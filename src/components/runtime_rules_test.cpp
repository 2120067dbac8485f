// SPDX-License-Identifier: Apache-2.0
#include "components/runtime_rules.h"

#include <gtest/gtest.h>

#include "sources/systemd/units.h"
#include "testing/component_kit.h"
#include "testing/fake_host.h"

namespace gpud {
namespace docker {
extern const ComponentType kType;
}
namespace containerd {
extern const ComponentType kType;
}
namespace {

using containers::Containerd;
using containers::Docker;

const WallTime kNow{std::chrono::hours(500'000)};

Docker Answers() {
  Docker docker;
  docker.daemon = {.running = true, .age_seconds = 1000, .answer = "20.10.24"};
  return docker;
}
Docker Fails(ErrorCode code, std::int64_t age = 1000) {
  Docker docker;
  docker.daemon = {.running = true,
                   .age_seconds = age,
                   .answer = Fail(code, "/run/docker.sock: no answer in time")};
  return docker;
}
HealthState StateAfter(const std::vector<Docker>& readings) {
  Inputs in;
  in.SetNow(BootTime(std::chrono::hours(9)), kNow);
  for (const Docker& docker : readings) in.Put<Docker>(docker);
  return docker::kType.check(in).states.at(0);
}

TEST(Docker, IsUnhealthyOnceItRunsAndDoesNotAnswerTwice) {
  const Docker late = Fails(ErrorCode::kTimeout);
  EXPECT_EQ(StateAfter({Answers()}).health, Health::kHealthy);
  EXPECT_EQ(StateAfter({Answers(), late}).health, Health::kUnknown);
  const HealthState state = StateAfter({late, late});
  EXPECT_EQ(state.health, Health::kUnhealthy);
  EXPECT_EQ(state.reason, "dockerd runs and does not answer: /run/docker.sock: no answer in time");
  EXPECT_EQ(StateAfter({late, Answers()}).health, Health::kHealthy);
}

TEST(Docker, HasFiveMinutesToStartAlsoAfterARestart) {
  EXPECT_EQ(StateAfter({Fails(ErrorCode::kTimeout, 230), Fails(ErrorCode::kTimeout, 290)}).health,
            Health::kHealthy);
  EXPECT_EQ(StateAfter({Fails(ErrorCode::kTimeout), Fails(ErrorCode::kTimeout, 10)}).health,
            Health::kHealthy);
}

TEST(Docker, IsUnknownAndNotIllWhereItMayNotBeAsked) {
  const Docker refused = Fails(ErrorCode::kPermission);
  EXPECT_EQ(StateAfter({refused, refused}).health, Health::kUnknown);
}

TEST(Docker, ThatDoesNotRunIsIllOnlyWhenItsUnitIsEnabledAndHasFailed) {
  Inputs in;
  in.SetNow(BootTime(std::chrono::hours(9)), kNow);
  in.Put<Docker>(Docker{});
  const auto health = [&] { return docker::kType.check(in).states.at(0).health; };
  EXPECT_EQ(health(), Health::kHealthy);
  systemd::Unit unit{.name = "docker.service",
                     .active = "failed",
                     .file = "disabled",
                     .changed = kNow - std::chrono::minutes(2)};
  in.Put<systemd::Units>(systemd::Units{.watched = {unit}});
  EXPECT_EQ(health(), Health::kHealthy);
  unit.file = "enabled";
  in.Put<systemd::Units>(systemd::Units{.watched = {unit}});
  EXPECT_EQ(health(), Health::kUnhealthy);
}

TEST(Docker, IsNotSupportedWithoutItsSocket) {
  FakeHost fake;
  Inputs in;
  containers::kDocker.read(fake.host, in);
  EXPECT_EQ(docker::kType.supported(in).reason, "/run/docker.sock: there is no Docker");
  EXPECT_EQ(docker::kType.check(in).states.at(0).health, Health::kHealthy);
}

TEST(Docker, IsNotAskedWhileItDoesNotRunAsThatWouldStartIt) {
  FakeHost fake;
  fake.Write("/run/docker.sock", "");
  Inputs in;
  containers::kDocker.read(fake.host, in);
  ASSERT_TRUE(in.Latest<Docker>());
  EXPECT_EQ(docker::kType.check(in).states.at(0).reason,
            "dockerd does not run; it is not asked, as its socket may start it");
}

TEST(Docker, CountsContainersByStateAndThoseThatAreIll) {
  Docker docker = Answers();
  constexpr std::string_view kList =
      R"x([{"Id":"1","Names":["/a"],"State":"running","Status":"Up 1 hour (unhealthy)",)x"
      R"x("Created":1772352000,"Labels":{"io.kubernetes.pod.name":"p"}},)x"
      R"x({"Id":"2","Names":null,"State":"Restarting","Created":"2020"},3])x";
  ASSERT_TRUE(containers::ParseEngineList(kList, docker));
  ASSERT_EQ(docker.containers.size(), 3u);
  EXPECT_EQ(docker.containers[0].name, "a");
  EXPECT_EQ(docker.containers[0].pod_name, "p");
  Inputs in;
  in.Put<Docker>(docker);
  const Report report = docker::kType.check(in);
  EXPECT_EQ(SampleOf(report, "docker_containers", {{"state", "running"}}), 1);
  EXPECT_EQ(SampleOf(report, "docker_containers", {{"state", "restarting"}}), 1);
  EXPECT_EQ(SampleOf(report, "docker_containers_unhealthy"), 1);
  EXPECT_FALSE(containers::ParseEngineList("{}", docker));
}

TEST(Containerd, WithoutTheInterfaceForKubernetesIsWell) {
  Containerd containerd;
  containerd.daemon = {.running = true,
                       .age_seconds = 1000,
                       .answer = Fail(ErrorCode::kUnsupported, "gRPC status 12")};
  Inputs in;
  in.Put<Containerd>(containerd);
  in.Put<Containerd>(containerd);
  EXPECT_EQ(containerd::kType.check(in).states.at(0).health, Health::kHealthy);
}

TEST(Containerd, TellsPodsWithTheirContainers) {
  using namespace std::string_literals;
  Containerd containerd;
  containerd.daemon = {.running = true, .age_seconds = 1000, .answer = "1.7"};
  // items { id: "p" metadata { name: "train" uid: "u" namespace: "ml" } created_at: 5000 }
  ASSERT_TRUE(containers::ParseCriPods(
      "\x0a\x16\x0a\x01p\x12\x0e\x0a\x05train\x12\x01u\x1a\x02ml\x20\x88\x27"s, containerd));
  ASSERT_EQ(containerd.pods.size(), 1u);
  EXPECT_EQ(containerd.pods[0].name, "train");
  EXPECT_EQ(containerd.pods[0].name_space, "ml");
  EXPECT_TRUE(containerd.pods[0].ready);
  EXPECT_EQ(containerd.pods[0].created, WallTime(std::chrono::microseconds(5)));
  // containers { id: "c" pod_sandbox_id: "p" metadata { name: "main" attempt: 3 } state: 1 }
  ASSERT_TRUE(containers::ParseCriContainers(
      "\x0a\x12\x0a\x01\x63\x12\x01p\x1a\x08\x0a\x04main\x10\x03\x30\x01"s, containerd));
  ASSERT_EQ(containerd.containers.size(), 1u);
  EXPECT_EQ(containerd.containers[0].restarts, 3u);
  Inputs in;
  in.Put<Containerd>(containerd);
  const Report report = containerd::kType.check(in);
  EXPECT_EQ(SampleOf(report, "containerd_containers", {{"state", "running"}}), 1);
  EXPECT_EQ(SampleOf(report, "containerd_pods", {{"state", "ready"}}), 1);
  EXPECT_NE(report.states[0].extra_info.at("data").find(R"("name":"main")"), std::string::npos);
  EXPECT_FALSE(containers::ParseCriPods("\x0a\x7f", containerd));
}

TEST(Runtime, WhoseListCannotBeReadSaysSoBesideItsHealth) {
  Docker docker = Answers();
  docker.list_error = Error{ErrorCode::kTimeout, "no answer in time"};
  Inputs in;
  in.Put<Docker>(docker);
  const Report report = docker::kType.check(in);
  EXPECT_EQ(report.states.at(0).health, Health::kHealthy);
  EXPECT_EQ(StateOf(report, "docker/containers")->health, Health::kUnknown);
  EXPECT_TRUE(report.samples.empty());
}

}  // namespace
}  // namespace gpud
