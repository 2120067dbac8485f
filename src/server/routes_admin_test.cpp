// SPDX-License-Identifier: Apache-2.0
// The routes that change something: set-healthy, inject-fault, /admin.
#include <gtest/gtest.h>

#include "server/fake_backend.h"

namespace gpud::server {
namespace {

struct Writes : testing::Test {
  Writes() {
    ComponentStatus disk = FakeComponent("disk");
    ComponentStatus os = FakeComponent("os");
    disk.clearable = os.clearable = true;
    backend.components = {FakeComponent("cpu"), disk, os};
  }
  const Response& SetHealthy(std::string_view query) {
    return client.Post("/v1/health-states/set-healthy" + std::string(query));
  }
  const Response& Inject(std::string body) { return client.Post("/inject-fault", std::move(body)); }
  FakeBackend backend;
  FakeClient client{backend};
};

TEST_F(Writes, SetHealthyAnswersAsSpecified) {
  EXPECT_EQ(SetHealthy("?components=disk,cpu").body,
            R"({"code":200,"message":"set healthy states completed","successful":["disk"],)"
            R"("failed":{"cpu":"component does not support setting healthy state"}})");
  EXPECT_EQ(SetHealthy("?components=cpu").body,
            R"({"code":400,"message":"failed to set any component to healthy",)"
            R"("failed":{"cpu":"component does not support setting healthy state"}})");
  EXPECT_EQ(client.last().status, 400U);
  EXPECT_EQ(SetHealthy("?components=disk,zz").body,
            R"j({"code":404,"message":"component zz not found (not found)"})j");
  EXPECT_EQ(SetHealthy("").body,
            R"({"code":200,"message":"set healthy states completed","successful":["disk","os"]})");
  backend.components = {FakeComponent("cpu")};
  EXPECT_EQ(SetHealthy("").body, R"({"code":200,"message":"set healthy states completed"})");
}

TEST_F(Writes, SetHealthyReportsAnActionThatFailed) {
  backend.outcome = Fail(ErrorCode::kIo, "disk full");
  EXPECT_EQ(SetHealthy("?components=disk").body,
            R"({"code":400,"message":"failed to set any component to healthy",)"
            R"("failed":{"disk":"failed to set healthy: disk full"}})");
}

TEST_F(Writes, SetHealthyAnswersOnceWhenAllAreDone) {
  backend.deferred = true;
  SetHealthy("");
  EXPECT_EQ(client.answers(), 0);
  backend.Deliver();
  EXPECT_EQ(client.answers(), 1);
}

TEST_F(Writes, SetHealthyKeepsWhoAndWhy) {
  SetHealthy("?components=disk&reason=cable replaced");
  EXPECT_EQ(backend.calls.back(), "set-healthy disk reason=cable replaced author=root");
  SetHealthy("?components=disk&author=ann");
  EXPECT_EQ(backend.calls.back(), "set-healthy disk reason= author=ann");
  FakeClient with_token(backend, {.api_token = "s3cret"});
  Request request = FakeClient::Make("POST", "/v1/health-states/set-healthy?author=root");
  request.peer = {.unix_socket = false, .address = "192.0.2.7:4000"};
  request.headers = {{"authorization", "Bearer s3cret"}};
  with_token.Send(request);
  EXPECT_EQ(backend.calls.back(), "set-healthy os reason= author=token for root");
  EXPECT_EQ(SetHealthy("?reason=two\nlines").status, 400U);
  EXPECT_EQ(SetHealthy("?author=" + std::string(200, 'a')).status, 400U);
}

TEST_F(Writes, InjectFaultWritesTheMessageAtItsPriority) {
  EXPECT_EQ(Inject(R"({"kernel_message":{"priority":"KERN_ERR","message":"probe: line"}})").body,
            R"({"message":"fault injected"})");
  EXPECT_EQ(backend.calls.back(), "inject <3> probe: line");
  const std::pair<const char*, const char*> kPriorities[] = {
      {"KERN_EMERG", "<0>"},   {"kern.alert", "<1>"},
      {"KERN_CRIT", "<2>"},    {"kern.warn", "<4>"},
      {"kern.warning", "<4>"}, {"KERN_NOTICE", "<5>"},
      {"KERN_DEBUG", "<7>"},   {"KERN_DEFAULT", "<6>"},
      {"loud", "<6>"},         {"", "<6>"}};
  for (const auto& [word, level] : kPriorities) {
    Inject(R"({"kernel_message":{"priority":")" + std::string(word) + R"(","message":"m"}})");
    EXPECT_EQ(backend.calls.back(), "inject " + std::string(level) + " m") << word;
  }
}

TEST_F(Writes, InjectFaultMakesXidLines) {
  Inject(R"({"xid":{"id":79},"kernel_message":{"message":"loses"}} {"ignored":1})");
  EXPECT_TRUE(backend.calls.back().starts_with("inject <3> NVRM: Xid (PCI:0000:04:00): 79, "));
  for (const int xid : {63, 64, 69, 74}) {
    Inject(R"({"xid":{"id":)" + std::to_string(xid) + "}}");
    EXPECT_TRUE(backend.calls.back().starts_with(
        "inject <4> NVRM: Xid (PCI:0000:04:00): " + std::to_string(xid) + ", "));
    EXPECT_EQ(backend.calls.back().find("unknown>, "), backend.calls.back().rfind("unknown>, "));
  }
  for (const char* id : {"-1", "79.5", "4294967296", "1e300"}) {
    EXPECT_EQ(Inject(R"({"xid":{"id":)" + std::string(id) + "}}").status, 400U) << id;
  }
  Inject(R"({"xid":{"id":999.0},"more":"fields"})");
  EXPECT_EQ(backend.calls.back(), "inject <4> NVRM: Xid (PCI:0000:04:00): 999, unknown");
}

TEST_F(Writes, InjectFaultRefusesWhatItCannotWrite) {
  const auto message = [&] { return client.last().body; };
  constexpr std::string_view kNone =
      R"({"code":400,"message":"invalid request: no fault injection entry found"})";
  for (const char* body : {"{", "", "[]", "\"x\"", R"({"xid":{"id":"79"}})", R"({"xid":79})"}) {
    EXPECT_EQ(Inject(body).status, 400U) << body;
    EXPECT_TRUE(message().starts_with(R"({"code":400,"message":"failed to decode request body: )"))
        << body << message();
  }
  EXPECT_EQ(Inject("{}").body, kNone);
  EXPECT_EQ(Inject(R"({"xid":{"id":0}})").body, kNone);
  EXPECT_EQ(Inject(R"({"xid":null})").body, kNone);
  EXPECT_EQ(Inject(R"({"kernel_message":{"priority":"KERN_ERR"}})").status, 400U);
  const std::string longest(976, 'x');
  EXPECT_EQ(Inject(R"({"kernel_message":{"message":")" + longest + R"("}})").status, 200U);
  EXPECT_EQ(
      Inject(R"({"kernel_message":{"message":")" + longest + R"(x"}})").body,
      R"({"code":400,"message":"invalid request: message length exceeds the maximum length of 976"})");
  backend.outcome = Fail(ErrorCode::kPermission, "/dev/kmsg: permission denied");
  EXPECT_EQ(Inject(R"({"xid":{"id":79}})").body,
            R"({"code":500,"message":"failed to inject kernel message: )"
            R"(/dev/kmsg: permission denied"})");
  FakeClient without(backend, {.allow_fault_injection = false});
  EXPECT_EQ(without.Post("/inject-fault", "{}").body,
            R"({"code":404,"message":"fault injector not set up"})");
}

TEST_F(Writes, ConfigKeepsItsOrderAndPackagesAreNone) {
  backend.config = *ParseJson(R"({"api_version":"v1","address":"x","components":null})");
  EXPECT_EQ(client.Get("/admin/config").body,
            R"({"api_version":"v1","address":"x","components":null})");
  EXPECT_EQ(client.Get("/admin/packages").body, "null");
}

TEST_F(Writes, MetadataIsShownWithoutItsSecrets) {
  backend.metadata = {
      {"machine_id", "m-77"}, {"machine_proof", "proof"}, {"token", "nvapi-abcdefghijklmnop"}};
  EXPECT_EQ(client.Get("/admin/metadata").body,
            R"({"machine_id":"m-77","machine_proof":"<redacted>","token":"nvapi-abcd...mnop"})");
  backend.metadata = {{"token", "nvapi-stg-abcdefghij"}};
  EXPECT_EQ(client.Get("/admin/metadata").body, R"({"token":"nvapi-stg-abcd...ghij"})");
  backend.metadata = {{"token", "nvapi-short"}};
  EXPECT_EQ(client.Get("/admin/metadata").body, R"({"token":"..."})");
}

TEST_F(Writes, MetadataIsSet) {
  client.Send(FakeClient::Make("PUT", "/admin/metadata?key=foo&value=bar"));
  EXPECT_EQ(client.last().body, R"({"code":200,"message":"metadata updated"})");
  EXPECT_EQ(backend.calls.back(), "put foo=bar");
  EXPECT_EQ(client.Post("/admin/metadata?key=foo&value=").status, 400U);
  EXPECT_EQ(client.Post("/admin/metadata?value=bar").status, 400U);
  EXPECT_EQ(client.Post("/admin/metadata?value=b&key=" + std::string(300, 'k')).status, 400U);
}

TEST_F(Writes, CompactSaysHowItEnded) {
  EXPECT_EQ(client.Post("/admin/compact").body, R"({"code":200,"message":"store compacted"})");
  backend.outcome = Fail(ErrorCode::kIo, "disk full");
  EXPECT_EQ(client.Post("/admin/compact").status, 500U);
}

}  // namespace
}  // namespace gpud::server
