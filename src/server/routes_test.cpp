// SPDX-License-Identifier: Apache-2.0
#include "server/routes.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "server/fake_backend.h"
#include "server/routes_table.h"

namespace gpud::server {
namespace {

struct Routes : testing::Test {
  FakeBackend backend;
  FakeClient client{backend};
};

TEST_F(Routes, UnknownPathsAndWrongMethodsAreNotFound) {
  const std::pair<const char*, const char*> kRequests[] = {{"GET", "/"},
                                                           {"GET", "/v1"},
                                                           {"GET", "//healthz"},
                                                           {"POST", "/healthz"},
                                                           {"HEAD", "/healthz"},
                                                           {"POST", "/v1/states"},
                                                           {"PUT", "/v1/states/"},
                                                           {"OPTIONS", "/v1/states"},
                                                           {"GET", "/v1/health/a/b"},
                                                           {"GET", "/inject-fault"},
                                                           {"GET", "/admin/pprof/heap"}};
  for (const auto& [method, path] : kRequests) {
    const Response& response = client.Send(FakeClient::Make(method, path));
    EXPECT_EQ(response.status, 404U) << method << path;
    EXPECT_EQ(response.content_type, "text/plain");
    EXPECT_EQ(response.body, "404 page not found");
  }
}

TEST_F(Routes, EveryAnswerOfASimulatedMachineSaysSo) {
  using Header = std::pair<std::string, std::string>;
  const auto labels = [&](const char* path) {
    const auto& headers = client.Get(path).headers;
    return std::count(headers.begin(), headers.end(), Header("gpud-simulated", "thermal"));
  };
  EXPECT_EQ(labels("/healthz"), 0);
  backend.machine.simulated = "thermal";
  for (const char* path : {"/healthz", "/v1/states", "/metrics", "/nowhere", "/v1/states/"}) {
    EXPECT_EQ(labels(path), 1) << path;
  }
  EXPECT_NE(client.Get("/v1/health").body.find(R"("simulated":"thermal")"), std::string::npos);
}

TEST_F(Routes, ATrailingSlashIsRedirectedWithItsQuery) {
  const auto location = [&] { return client.last().headers.at(0); };
  client.Get("/v1/states/?components=cpu");
  EXPECT_EQ(client.last().status, 301U);
  EXPECT_EQ(location().first, "Location");
  EXPECT_EQ(location().second, "/v1/states?components=cpu");
  client.Post("/inject-fault/");
  EXPECT_EQ(client.last().status, 307U);
  EXPECT_EQ(location().second, "/inject-fault");
}

TEST_F(Routes, WhatChangesStateNeedsRights) {
  std::vector<std::string> privileged;
  for (const Route& route : AllRoutes()) {
    Request request = FakeClient::Make(std::string(route.method), route.path);
    request.peer.uid = 1000U;
    const bool refused = client.Send(request).status == 403U;
    EXPECT_EQ(refused, route.access == Access::kPrivileged) << route.method << route.path;
    if (refused) privileged.push_back(std::string(route.method) + ' ' + std::string(route.path));
    request.peer.uid = 0U;
    EXPECT_NE(client.Send(request).status, 403U);
  }
  EXPECT_EQ(privileged, (std::vector<std::string>{
                            "DELETE /v1/components", "GET /v1/components/trigger-check",
                            "GET /v1/components/trigger-tag", "POST /v1/health-states/set-healthy",
                            "POST /inject-fault", "GET /admin/metadata", "PUT /admin/metadata",
                            "POST /admin/metadata", "POST /admin/compact"}));
}

TEST_F(Routes, OnlyHealthzIsOpenToOtherMachines) {
  for (const Route& route : AllRoutes()) {
    Request request = FakeClient::Make(std::string(route.method), route.path);
    request.peer = {.uid = std::nullopt, .address = "10.0.0.9:1"};
    EXPECT_EQ(client.Send(request).status != 401U, route.path == "/healthz") << route.path;
  }
}

TEST_F(Routes, AnswersComeOnceAndMayComeLaterThanTheHandlersEnd) {
  backend.components = {FakeComponent("cpu")};
  backend.deferred = true;
  {
    FakeClient brief(backend);
    Response answer;
    answer.status = 0;
    auto handler = MakeApi(backend, {});
    handler(FakeClient::Make("GET", "/v1/info"),
            [&](const Response& response) { answer = response; });
    handler = nullptr;
    backend.Deliver();
    EXPECT_EQ(answer.status, 0U);
    backend.Deliver();
    EXPECT_EQ(answer.status, 200U);
  }
  client.Post("/v1/health-states/set-healthy?components=cpu");
  EXPECT_EQ(client.answers(), 1);
}

TEST_F(Routes, OnlyTheCompressibleSay) {
  EXPECT_TRUE(client.Get("/v1/components").may_compress);
  EXPECT_TRUE(client.Get("/v1/zz").may_compress);
  EXPECT_FALSE(client.Get("/healthz").may_compress);
  EXPECT_FALSE(client.Get("/admin/config").may_compress);
}

}  // namespace
}  // namespace gpud::server
