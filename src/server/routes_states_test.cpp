// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "server/fake_backend.h"

namespace gpud::server {
namespace {

constexpr std::string_view kMemoryState =
    R"([{"component":"memory","states":[{"time":"2026-03-01T08:00:00Z","component":"memory",)"
    R"("name":"memory","health":"Healthy","reason":"ok",)"
    R"("extra_info":{"data":"{\"used_percent\":\"12.5\"}"}}]}])";

struct States : testing::Test {
  States() {
    ComponentStatus gpu = FakeComponent("accelerator");
    gpu.supported = false;
    gpu.unsupported_reason = "no device";
    ComponentStatus memory = FakeComponent("memory");
    memory.states[0].extra_info = {{"data", R"({"used_percent":"12.5"})"}};
    backend.components = {gpu, FakeComponent("cpu"), memory};
    backend.now = At("2026-03-01T08:00:30Z");
    backend.machine.hostname = "node-17";
  }
  Request Typed(std::string_view target, std::string type) {
    Request request = FakeClient::Make("GET", target);
    request.headers.emplace_back("content-type", std::move(type));
    return request;
  }
  FakeBackend backend;
  FakeClient client{backend};
};

TEST_F(States, AreAsTheSpecificationShowsThem) {
  EXPECT_EQ(client.Get("/v1/states?components=memory").body, kMemoryState);
  EXPECT_EQ(client.last().content_type, "application/json; charset=utf-8");
  EXPECT_TRUE(client.last().may_compress);
}

TEST_F(States, ComeInTheAskedOrderAsOftenAsAskedAndLeaveOutTheUnsupported) {
  const auto json =
      ParseJson(client.Get("/v1/states?components=memory,accelerator,cpu,memory").body);
  ASSERT_EQ(json->AsArray()->size(), 3U);
  EXPECT_EQ(*(*json->AsArray())[0].Find("component")->AsString(), "memory");
  EXPECT_EQ(*(*json->AsArray())[1].Find("component")->AsString(), "cpu");
  EXPECT_EQ(client.Get("/v1/states?components=accelerator").body, "null");
}

TEST_F(States, AnUnknownNameFailsTheWholeRequest) {
  for (const char* query : {"zz", "cpu,zz", "zz,cpu"}) {
    client.Get(std::string("/v1/states?components=") + query);
    EXPECT_EQ(client.last().status, 404U);
    EXPECT_EQ(
        client.last().body,
        R"j({"code":404,"message":"component not found: component zz not found (not found)"})j");
  }
  EXPECT_EQ(client.Get("/v1/states?components=cpu,").status, 404U);
  EXPECT_EQ(client.Get("/v1/states?components= cpu").status, 404U) << "names are not trimmed";
}

TEST_F(States, ABoundlessListOfNamesIsRefused) {
  std::string names = "cpu";
  for (int i = 0; i < 50; ++i) names += ",cpu";
  EXPECT_EQ(client.Get("/v1/states?components=" + names).status, 400U);
  EXPECT_EQ(client.Get("/v1/states?components=" + names + ",zz").status, 404U);
}

TEST_F(States, AreRenderedAgainOnlyWhenSomethingChanged) {
  const std::string first = client.Get("/v1/states").body;
  backend.components[1].states[0].reason = "changed, but not announced";
  EXPECT_EQ(client.Get("/v1/states").body, first);
  ++backend.generation;
  EXPECT_NE(client.Get("/v1/states").body, first);
  EXPECT_EQ(client.Get("/v1/states?components=").body, client.Get("/v1/states").body);
}

TEST_F(States, CompatHidesWhatOldClientsDoNotKnow) {
  backend.components[1].states[0].health = Health::kUnknown;
  backend.components[2].states.push_back({.name = "more", .health = Health::kInitializing});
  EXPECT_EQ(client.Get("/v1/states?compat=1").body, kMemoryState);
  EXPECT_NE(client.Get("/v1/states").body.find("Unknown"), std::string::npos);
  EXPECT_EQ(client.Get("/v1/states?compat=maybe").status, 400U);
}

TEST_F(States, FormatFollowsTheRequestsOwnType) {
  const std::string json = client.Get("/v1/states").body;
  EXPECT_EQ(client.Send(Typed("/v1/states", "application/json; charset=utf-8")).body, json);
  EXPECT_EQ(client.Send(Typed("/v1/states", "text/html")).body,
            R"({"code":400,"message":"invalid content type"})");
  EXPECT_EQ(client.last().status, 400U);
  // Errors of parameters win, and are JSON whatever is asked.
  EXPECT_EQ(client.Send(Typed("/v1/states?components=zz", "text/html")).status, 404U);
  EXPECT_EQ(client.Send(Typed("/v1/states?components=zz", "application/yaml")).body.front(), '{');
  // Routes that know JSON alone do not mind.
  EXPECT_EQ(client.Send(Typed("/machine-info", "text/html")).status, 200U);
  EXPECT_EQ(client.Send(Typed("/healthz", "text/html")).body, R"({"status":"ok","version":"v1"})");
}

TEST_F(States, YamlReadsBackAsTheSameDocument) {
  backend.components[2].states[0].reason = "true";
  backend.components[2].states[0].extra_info = {
      {"number", "1.50"}, {"lines", "first\n second\n"}, {"time", "2026-03-01"}, {"odd", "a: #b"}};
  ++backend.generation;
  const Response yaml = client.Send(Typed("/v1/states", "application/yaml"));
  EXPECT_EQ(yaml.content_type, "text/plain; charset=utf-8");
  const YAML::Node document = YAML::Load(yaml.body);
  const YAML::Node state = document[1]["states"][0];
  EXPECT_EQ(document.size(), 2U);
  EXPECT_EQ(state["reason"].as<std::string>(), "true");
  EXPECT_EQ(state["reason"].Tag(), "!") << "a quoted word, not a boolean";
  for (const auto& [key, value] : backend.components[2].states[0].extra_info) {
    EXPECT_EQ(state["extra_info"][key].as<std::string>(), value);
  }
  EXPECT_EQ(client.Send(Typed("/v1/states?components=accelerator", "application/yaml")).body,
            "null\n");
}

TEST_F(States, IndentHeaderGivesFourBlanks) {
  Request request = FakeClient::Make("GET", "/healthz");
  request.headers.emplace_back("json-indent", "true");
  EXPECT_EQ(client.Send(request).body, "{\n    \"status\": \"ok\",\n    \"version\": \"v1\"\n}");
  request.headers[0].second = "TRUE";
  EXPECT_EQ(client.Send(request).body, R"({"status":"ok","version":"v1"})");
}

TEST_F(States, HealthzIsByteExactAndWaitsForTheInitPlugins) {
  EXPECT_EQ(client.Get("/healthz").body, R"({"status":"ok","version":"v1"})");
  EXPECT_EQ(client.Send(Typed("/healthz", "application/yaml")).body, "status: ok\nversion: v1\n");
  backend.ready = false;
  EXPECT_EQ(client.Get("/healthz").status, 503U);
}

TEST_F(States, HealthAnswersOfTheMachineAndOfOneComponent) {
  EXPECT_EQ(client.Get("/v1/health").status, 200U);
  EXPECT_NE(client.last().body.find(R"("name":"node-17")"), std::string::npos);
  backend.components[2].states[0].health = Health::kUnhealthy;
  EXPECT_EQ(client.Get("/v1/health").status, 503U);
  EXPECT_EQ(client.Get("/v1/health?name=cpu").status, 200U);
  EXPECT_EQ(client.Get("/v1/health/cpu").status, 200U);
  EXPECT_EQ(client.Get("/v1/health/memory").status, 503U);
  EXPECT_EQ(client.Get("/v1/health/zz").status, 404U);
  EXPECT_EQ(client.Get("/v1/health/accelerator").body,
            R"({"code":404,"message":"component accelerator is not supported on this machine: )"
            R"(no device"})");
  client.Get("/v1/health/gpu0");
  EXPECT_EQ(client.last().status, 404U);
  EXPECT_NE(client.last().body.find("GPUs are not judged one by one yet"), std::string::npos);
}

TEST_F(States, MetricsPageIsMadeAnewOnlyForNewNumbers) {
  static constexpr MetricType kSize = {.name = "gpud_size_bytes", .help = "size"};
  backend.own = {{kSize, 1.0}};
  const std::string first = client.Get("/metrics").body;
  EXPECT_EQ(client.last().content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_TRUE(client.last().may_compress);
  const int reads = backend.component_reads;
  EXPECT_EQ(client.Get("/metrics").body, first);
  EXPECT_EQ(backend.component_reads, reads);
  backend.own = {{kSize, 2.0}};
  EXPECT_NE(client.Get("/metrics").body.find("gpud_size_bytes 2\n"), std::string::npos);
  EXPECT_EQ(client.Send(Typed("/metrics", "application/yaml")).body, client.Get("/metrics").body);
}

TEST_F(States, FindingsAreListed) {
  EXPECT_EQ(client.Get("/v1/findings").body, "[]");
  backend.findings = {{.what = "the disk is full", .since = backend.now, .serious = true}};
  EXPECT_EQ(client.Get("/v1/findings").body,
            R"([{"what":"the disk is full","since":"2026-03-01T08:00:30Z","serious":true}])");
}

}  // namespace
}  // namespace gpud::server
