// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "server/fake_backend.h"

namespace gpud::server {
namespace {

struct History : testing::Test {
  History() {
    ComponentStatus gpu = FakeComponent("gpu");
    gpu.supported = false;
    backend.components = {FakeComponent("cpu"), gpu, FakeComponent("os")};
    backend.now = At("2026-03-01T08:00:00.5Z");
    backend.events = {{.component = "os",
                       .time = At("2026-02-28T03:10:44.9Z"),
                       .name = "reboot",
                       .type = EventType::kWarning,
                       .message = "system reboot detected 2026-02-28 03:10:44 +0000 UTC",
                       .extra_info = {{"boot", "b1"}},
                       .origin = Origin::kInjected,
                       .identity = "x"}};
    backend.metrics = {
        {"cpu",
         {{1772352000123, "cpu_load_average", {{"load_duration", "1m0s"}}, 0.52},
          {1772352000123, "cpu_used_percent", {}, 7.25}}},
        {"disk", {{1772352000123, "disk_free_bytes", {{"mount_point", "/"}}, 1517196853248}}}};
  }
  FakeBackend backend;
  FakeClient client{backend};
};

TEST_F(History, EventsAreAsTheSpecificationShowsThem) {
  // 1772236800 is 2026-02-28T00:00:00Z.
  EXPECT_EQ(client.Get("/v1/events?components=os&startTime=1772236800").body,
            R"([{"component":"os","startTime":"2026-02-28T00:00:00Z",)"
            R"("endTime":"2026-03-01T08:00:00.5Z","events":[{"component":"os",)"
            R"("time":"2026-02-28T03:10:44Z","name":"reboot","type":"Warning",)"
            R"("message":"system reboot detected 2026-02-28 03:10:44 +0000 UTC"}]}])");
  EXPECT_FALSE(backend.event_query.until);
}

TEST_F(History, DetailsAddWhatTheFormatHasNoRoomFor) {
  const std::string body = client.Get("/v1/events?startTime=0&components=os&details=true").body;
  EXPECT_NE(body.find(R"("extra_info":{"boot":"b1"},"origin":"injected")"), std::string::npos)
      << body;
  EXPECT_NE(body.find(R"("startTime":"1970-01-01T00:00:00Z")"), std::string::npos) << body;
}

TEST_F(History, APlainRequestShowsNoEvents) {
  EXPECT_EQ(client.Get("/v1/events").body,
            R"([{"component":"cpu","startTime":"2026-03-01T08:00:00.5Z",)"
            R"("endTime":"2026-03-01T08:00:00.5Z","events":null},)"
            R"({"component":"os","startTime":"2026-03-01T08:00:00.5Z",)"
            R"("endTime":"2026-03-01T08:00:00.5Z","events":null}])");
  EXPECT_EQ(client.Get("/v1/events?components=gpu").body, "null");
}

TEST_F(History, EventsOfAPartThatIsGoneAreShownAllTheSame) {
  backend.events.push_back({.component = "gpu", .time = At("2026-03-01T07:00:00Z"), .name = "x"});
  const std::string body = client.Get("/v1/events?components=gpu,cpu&startTime=0").body;
  EXPECT_NE(body.find(R"({"component":"gpu","startTime")"), std::string::npos) << body;
  EXPECT_NE(body.find(R"("name":"x")"), std::string::npos) << body;
}

TEST_F(History, TimesAreComparedInWholeSeconds) {
  const auto shown = [&](std::string_view query) {
    client.Get("/v1/events?components=os&" + std::string(query));
    return client.last().body.find("reboot") != std::string::npos;
  };
  EXPECT_TRUE(shown("startTime=2026-02-28T03:10:43.99Z"));
  EXPECT_FALSE(shown("startTime=2026-02-28T03:10:44Z")) << "strictly after, in seconds";
  EXPECT_TRUE(shown("startTime=0&endTime=2026-02-28T03:10:44Z"));
  EXPECT_FALSE(shown("startTime=0&endTime=2026-02-28T03:10:43Z"));
  EXPECT_TRUE(shown("startTime=0&endTime=")) << "an empty value equals an absent one";
}

TEST_F(History, BadTimesAreRefused) {
  for (const char* time : {"yesterday", "12.5", "99999999999999", "2026-02-30T00:00:00Z", "0x10"}) {
    client.Get("/v1/events?startTime=" + std::string(time));
    EXPECT_EQ(client.last().status, 400U) << time;
    EXPECT_TRUE(client.last().body.starts_with(
        R"({"code":400,"message":"failed to parse time: startTime=)"))
        << client.last().body;
    EXPECT_EQ(client.Get("/v1/info?endTime=" + std::string(time)).status, 400U);
  }
  EXPECT_EQ(client.Get("/v1/events?components=zz&startTime=x").status, 400U);
  EXPECT_EQ(client.Get("/v1/events?components=zz").status, 404U);
}

TEST_F(History, MetricsAreAsTheSpecificationShowsThem) {
  EXPECT_EQ(client.Get("/v1/metrics").body,
            R"([{"component":"cpu","metrics":[{"unix_seconds":1772352000123,)"
            R"("name":"cpu_load_average","labels":{"load_duration":"1m0s"},"value":0.52},)"
            R"({"unix_seconds":1772352000123,"name":"cpu_used_percent","value":7.25}]},)"
            R"({"component":"disk","metrics":[{"unix_seconds":1772352000123,)"
            R"("name":"disk_free_bytes","labels":{"mount_point":"/"},"value":1517196853248}]}])");
  EXPECT_EQ(backend.metric_query.since, At("2026-03-01T07:30:00.5Z"));
  EXPECT_EQ(backend.metric_query.resolution, std::chrono::seconds(60));
  EXPECT_TRUE(backend.metric_query.components.empty());
  backend.metrics.clear();
  EXPECT_EQ(client.Get("/v1/metrics").body, "[]");
}

TEST_F(History, MetricsTakeAnySpanAndResolution) {
  client.Get("/v1/metrics?since=1h&resolution=0&components=gpu");
  EXPECT_EQ(backend.metric_query.since, At("2026-03-01T07:00:00.5Z"));
  EXPECT_EQ(backend.metric_query.resolution.count(), 0);
  EXPECT_EQ(backend.metric_query.components, std::vector<std::string>{"gpu"}) << "not filtered";
  client.Get("/v1/metrics?resolution=full");
  EXPECT_EQ(backend.metric_query.resolution.count(), 0);
  client.Get("/v1/metrics?resolution=5m");
  EXPECT_EQ(backend.metric_query.resolution, std::chrono::minutes(5));
  EXPECT_EQ(client.Get("/v1/metrics?resolution=-5m").status, 400U);
  EXPECT_EQ(client.Get("/v1/metrics?since=9999999h").status, 200U) << "clamped";
  client.Get("/v1/metrics?since=soon");
  EXPECT_TRUE(
      client.last().body.starts_with(R"({"code":400,"message":"failed to parse duration: since)"))
      << client.last().body;
  EXPECT_EQ(client.Get("/v1/metrics?components=zz").status, 404U);
}

TEST_F(History, InfoIsAllOfItTogether) {
  EXPECT_EQ(client.Get("/v1/info?components=cpu").body,
            R"([{"component":"cpu","startTime":"2026-03-01T08:00:00.5Z",)"
            R"("endTime":"2026-03-01T08:00:00.5Z","info":{"states":[)"
            R"({"time":"2026-03-01T08:00:00Z","component":"cpu","name":"cpu",)"
            R"("health":"Healthy","reason":"ok"}],"events":null,"metrics":[)"
            R"({"unix_seconds":1772352000123,"name":"cpu_load_average",)"
            R"("labels":{"load_duration":"1m0s"},"value":0.52},)"
            R"({"unix_seconds":1772352000123,"name":"cpu_used_percent","value":7.25}]}}])");
  client.Get("/v1/info?startTime=1772236800&since=1h&components=os");
  EXPECT_EQ(backend.metric_query.since, At("2026-02-27T23:00:00Z")) << "counted from startTime";
  EXPECT_NE(client.last().body.find("reboot"), std::string::npos);
  EXPECT_EQ(client.Get("/v1/info?components=gpu").body, "null");
  EXPECT_EQ(client.Get("/v1/info?since=x").status, 400U);
}

TEST_F(History, AStoreThatFailsIsSaid) {
  backend.outcome = Fail(ErrorCode::kIo, "disk I/O error");
  EXPECT_EQ(client.Get("/v1/metrics").body,
            R"({"code":500,"message":"failed to read metrics: disk I/O error"})");
  EXPECT_EQ(client.Get("/v1/events").status, 500U);
  EXPECT_EQ(client.Get("/v1/transitions").status, 500U);
  client.Get("/v1/info?components=os");
  EXPECT_EQ(client.last().status, 200U) << "the states are still worth having";
  EXPECT_NE(client.last().body.find(R"("events":null,"metrics":null)"), std::string::npos);
}

TEST_F(History, TransitionsGoBackAsFarAsTheyAreKept) {
  backend.transitions = {{.time = At("2026-03-01T07:00:00Z"),
                          .component = "cpu",
                          .from = "Healthy",
                          .to = "Degraded",
                          .reason = "busy"}};
  EXPECT_EQ(client.Get("/v1/transitions").body,
            R"([{"time":"2026-03-01T07:00:00Z","component":"cpu","from":"Healthy",)"
            R"("to":"Degraded","reason":"busy"}])");
  EXPECT_EQ(backend.event_query.after, WallTime{});
  client.Get("/v1/transitions?components=os,cpu&startTime=1772236800");
  EXPECT_EQ(backend.event_query.components, (std::vector<std::string>{"os", "cpu"}));
  EXPECT_GT(backend.event_query.after, At("2026-02-28T00:00:00Z"));
}

}  // namespace
}  // namespace gpud::server
