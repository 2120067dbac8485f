// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "server/fake_backend.h"

namespace gpud::server {
namespace {

struct Components : testing::Test {
  Components() {
    ComponentStatus disk = FakeComponent("disk");
    disk.clearable = true;
    ComponentStatus gpu = FakeComponent("gpu");
    gpu.supported = false;
    gpu.unsupported_reason = "no NVIDIA device on the PCI bus";
    gpu.states.clear();
    ComponentStatus plugin = FakeComponent("my-disk-check");
    plugin.deregisterable = true;
    plugin.tags = {"storage"};
    disk.tags = {"disk", "storage"};
    gpu.tags = {"gpu", "storage"};
    backend.components = {disk, gpu, plugin};
  }
  FakeBackend backend;
  FakeClient client{backend};
};

TEST_F(Components, AreNamesUnlessDetailsAreAsked) {
  EXPECT_EQ(client.Get("/v1/components").body, R"(["disk","gpu","my-disk-check"])");
  EXPECT_EQ(client.Get("/v1/components?details=false").body, R"(["disk","gpu","my-disk-check"])");
  EXPECT_EQ(client.Get("/v1/components?details=true").body,
            R"([{"name":"disk","supported":true,"tags":["disk","storage"],"health":"Healthy",)"
            R"("since":"2026-03-01T07:00:00Z","clearable":true,"deregisterable":false},)"
            R"({"name":"gpu","supported":false,"reason":"no NVIDIA device on the PCI bus",)"
            R"("tags":["gpu","storage"],"clearable":false,"deregisterable":false},)"
            R"({"name":"my-disk-check","supported":true,"tags":["storage"],"health":"Healthy",)"
            R"("since":"2026-03-01T07:00:00Z","clearable":false,"deregisterable":true}])");
  EXPECT_EQ(client.Get("/v1/components?details=2").status, 400U);
  backend.components.clear();
  EXPECT_EQ(client.Get("/v1/components").body, "[]");
}

TEST_F(Components, DeregisterAnswersAsSpecified) {
  const auto remove = [&](std::string_view query) -> const Response& {
    return client.Send(FakeClient::Make("DELETE", "/v1/components" + std::string(query)));
  };
  EXPECT_EQ(remove("?componentName=my-disk-check").body,
            R"({"code":200,"component":"my-disk-check","message":"component deregistered"})");
  EXPECT_EQ(remove("").body, R"({"code":400,"message":"component name is required"})");
  EXPECT_EQ(remove("?componentName=zz").body, R"({"code":404,"message":"component not found"})");
  EXPECT_EQ(remove("?componentName=disk").body,
            R"({"code":400,"message":"component is not deregisterable"})");
  backend.outcome = Fail(ErrorCode::kIo, "no way");
  EXPECT_EQ(remove("?componentName=my-disk-check").body,
            R"({"code":500,"message":"failed to deregister component: no way"})");
}

TEST_F(Components, TriggerCheckAnswersWithTheStatesOfThisRun) {
  backend.deferred = true;
  backend.on_check = [](FakeBackend& fake) {
    fake.components[2].states[0] = {.time = At("2026-03-01T08:00:00Z"),
                                    .component = "my-disk-check",
                                    .component_type = "custom-plugin",
                                    .name = "check",
                                    .run_mode = "manual",
                                    .health = Health::kUnhealthy,
                                    .reason = "error executing state plugin (exit code: 1)",
                                    .error = "exit status 1",
                                    .raw_output = "no space\n"};
  };
  client.Get("/v1/components/trigger-check?componentName=my-disk-check&tagName=disk");
  EXPECT_EQ(client.last().status, 0U);
  backend.Deliver();
  EXPECT_EQ(client.last().body,
            R"([{"component":"my-disk-check","states":[{"time":"2026-03-01T08:00:00Z",)"
            R"("component":"my-disk-check","component_type":"custom-plugin","name":"check",)"
            R"("run_mode":"manual","health":"Unhealthy",)"
            R"j("reason":"error executing state plugin (exit code: 1)","error":"exit status 1",)j"
            R"("raw_output":"no space\n"}]}])");
  EXPECT_EQ(backend.calls, (std::vector<std::string>{"check my-disk-check"}));
}

TEST_F(Components, TriggerCheckByTagAndItsErrors) {
  client.Get("/v1/components/trigger-check?tagName=storage");
  EXPECT_EQ(backend.calls, (std::vector<std::string>{"check disk gpu my-disk-check"}));
  EXPECT_EQ(client.Get("/v1/components/trigger-check?tagName=none").body, "[]");
  EXPECT_EQ(client.Get("/v1/components/trigger-check").body,
            R"({"code":400,"message":"component or tag name is required"})");
  EXPECT_EQ(client.Get("/v1/components/trigger-check?componentName=zz").body,
            R"({"code":404,"message":"component not found"})");
  backend.components[0].states[0].health = Health::kUnknown;
  EXPECT_EQ(client.Get("/v1/components/trigger-check?componentName=disk&compat=1").body, "[]");
  backend.outcome = Fail(ErrorCode::kTimeout, "no answer in 30 s");
  EXPECT_EQ(client.Get("/v1/components/trigger-check?componentName=disk").status, 500U);
}

TEST_F(Components, TriggerTagSaysWhetherAllAreWell) {
  EXPECT_EQ(client.Get("/v1/components/trigger-tag?tagName=storage").body,
            R"({"components":["disk","gpu","my-disk-check"],"exit":0,"success":true})");
  for (const Health bad :
       {Health::kUnhealthy, Health::kDegraded, Health::kUnknown, Health::kInitializing}) {
    backend.components[0].states[0].health = bad;
    EXPECT_EQ(client.Get("/v1/components/trigger-tag?tagName=storage").body,
              R"({"components":["disk","gpu","my-disk-check"],"exit":1,"success":false})");
    EXPECT_EQ(client.last().status, 200U);
  }
  EXPECT_EQ(client.Get("/v1/components/trigger-tag?tagName=zz").body,
            R"({"components":[],"exit":0,"success":true})");
  EXPECT_EQ(client.Get("/v1/components/trigger-tag").body,
            R"({"code":400,"message":"tagName parameter is required",)"
            R"("error":"tagName parameter is required"})");
  EXPECT_EQ(client.last().status, 400U);
  backend.outcome = Fail(ErrorCode::kTimeout, "no answer");
  EXPECT_EQ(client.Get("/v1/components/trigger-tag?tagName=disk").body,
            R"({"components":["disk"],"exit":1,"success":false,"error":"no answer"})");
}

TEST_F(Components, PluginsAreNullOrTheirSpecs) {
  EXPECT_EQ(client.Get("/v1/plugins").body, "null");
  backend.plugin_specs = ParseJson(R"([{"plugin_name":"x"}])").value();
  EXPECT_EQ(client.Get("/v1/plugins").body, R"([{"plugin_name":"x"}])");
}

TEST_F(Components, GivesTheHistoryOfAPlugin) {
  backend.plugin_history = ParseJson(R"([{"exit_code":1}])").value();
  EXPECT_EQ(client.Get("/v1/plugins/history?componentName=probe").body, R"([{"exit_code":1}])");
  EXPECT_EQ(client.Get("/v1/plugins/history?componentName=disk").body,
            R"({"code":404,"message":"no plugin has this component"})");
  EXPECT_EQ(client.Get("/v1/plugins/history").body,
            R"({"code":400,"message":"component name is required"})");
}

TEST_F(Components, TellsTheDaemonWhoAsks) {
  client.Get("/v1/components/trigger-check?componentName=disk");
  client.Get("/v1/components/trigger-tag?tagName=disk");
  client.Send(FakeClient::Make("DELETE", "/v1/components?componentName=my-disk-check"));
  EXPECT_EQ(backend.callers, (std::vector<std::string>{"root", "root", "root"}));
}

}  // namespace
}  // namespace gpud::server
