// SPDX-License-Identifier: Apache-2.0
#include "server/access.h"

#include <gtest/gtest.h>

#include "server/fake_backend.h"

namespace gpud::server {
namespace {

constexpr std::string_view kHostname = "node-17";

struct Who {
  std::string name;
  Peer peer;
  std::vector<std::pair<std::string, std::string>> headers;
};

const Peer kRootSocket = {.unix_socket = true, .uid = 0U, .address = "unix"};
const Peer kUserSocket = {.unix_socket = true, .uid = 1000U, .address = "unix"};
const Peer kRootLoopback = {.loopback = true, .uid = 0U, .address = "127.0.0.1:4000"};
const Peer kUserLoopback = {.loopback = true, .uid = 1000U, .address = "127.0.0.1:4001"};
const Peer kNobodyLoopback = {.loopback = true, .uid = std::nullopt, .address = "127.0.0.1:4002"};
const Peer kRemote = {.uid = std::nullopt, .address = "10.0.0.9:4003"};
const Peer kCertificate = {.client_certificate = true, .uid = {}, .address = "10.0.0.9:4004"};

const std::pair<std::string, std::string> kToken = {"authorization", "Bearer s3cret"};
const std::pair<std::string, std::string> kHost = {"host", "localhost:15132"};
const std::pair<std::string, std::string> kOwnOrigin = {"origin", "https://localhost:15132"};
const std::pair<std::string, std::string> kSameOrigin = {"sec-fetch-site", "same-origin"};

Request From(const Who& who) {
  Request request = FakeClient::Make("POST", "/x");
  request.peer = who.peer;
  request.headers = who.headers;
  return request;
}

/// 200 when it may.
unsigned StatusOf(const Request& request, Access access, const AccessOptions& options) {
  const auto refusal = Refuse(request, access, options, kHostname);
  return refusal ? refusal->status : 200;
}

TEST(Access, GivesEachCallerWhatItMayHave) {
  struct Row {
    Who who;
    unsigned read, privileged;
  };
  const Row kRows[] = {
      {{"root on the socket", kRootSocket, {}}, 200, 200},
      {{"a user on the socket", kUserSocket, {}}, 200, 403},
      {{"root over loopback", kRootLoopback, {}}, 200, 200},
      {{"a user over loopback", kUserLoopback, {}}, 200, 403},
      {{"somebody unknown over loopback", kNobodyLoopback, {}}, 200, 403},
      {{"another machine", kRemote, {}}, 401, 401},
      {{"another machine that claims uid 0", {.uid = 0U, .address = "10.0.0.9:1"}, {}}, 401, 401},
      {{"another machine with the token", kRemote, {kToken}}, 200, 200},
      {{"another machine with a certificate", kCertificate, {}}, 200, 200},
      {{"a user with the token", kUserLoopback, {kToken}}, 200, 200},
      {{"scheme in lower case", kRemote, {{"authorization", "bearer  s3cret "}}}, 200, 200},
      {{"a wrong token", kUserLoopback, {{"authorization", "Bearer s3creT"}}}, 200, 401},
      {{"a shorter token", kRemote, {{"authorization", "Bearer s3cre"}}}, 401, 401},
      {{"no scheme", kRemote, {{"authorization", "s3cret"}}}, 401, 401},
      {{"root behind a proxy", kRootLoopback, {{"x-forwarded-for", "10.0.0.9"}}}, 401, 401},
      {{"root behind a proxy", kRootSocket, {{"forwarded", "for=10.0.0.9"}}}, 401, 401},
      // Web pages, opened by root on this machine:
      {{"own page", kRootLoopback, {kHost, kSameOrigin}}, 200, 403},
      {{"own page that sends Origin", kRootLoopback, {kHost, kOwnOrigin, kSameOrigin}}, 200, 403},
      {{"typed address", kRootLoopback, {kHost, {"sec-fetch-site", "none"}}}, 200, 403},
      {{"cross-site", kRootLoopback, {kHost, {"sec-fetch-site", "cross-site"}}}, 403, 403},
      {{"another port", kRootLoopback, {kHost, {"sec-fetch-site", "same-site"}}}, 403, 403},
      {{"foreign origin", kRootLoopback, {kHost, {"origin", "https://evil.example"}}}, 403, 403},
      {{"plain-HTTP origin", kRootLoopback, {kHost, {"origin", "http://localhost:15132"}}},
       403,
       403},
      {{"origin null", kRootLoopback, {kHost, {"origin", "null"}}}, 403, 403},
      {{"cross-site with the token",
        kRootLoopback,
        {kHost, kToken, {"sec-fetch-site", "cross-site"}}},
       200,
       200},
      {{"cross-site with a certificate", kCertificate, {kHost, {"sec-fetch-site", "cross-site"}}},
       403,
       403},
      {{"own page with a certificate", kCertificate, {kHost, kSameOrigin}}, 200, 403},
      // A name server that points a foreign name at this machine:
      {{"rebound name", kRootLoopback, {{"host", "evil.example:15132"}, kSameOrigin}}, 403, 403},
      {{"no host", kRootLoopback, {kSameOrigin}}, 403, 403},
      {{"by address", kRootLoopback, {{"host", "127.0.0.1:15132"}, kSameOrigin}}, 200, 403},
      {{"by IPv6 address", kRootLoopback, {{"host", "[::1]:15132"}, kSameOrigin}}, 200, 403},
      {{"by host name", kRootLoopback, {{"host", "Node-17:15132"}, kSameOrigin}}, 200, 403},
  };
  const AccessOptions options = {.api_token = "s3cret", .api_token_file = "/d/api-token"};
  for (const Row& row : kRows) {
    const Request request = From(row.who);
    EXPECT_EQ(StatusOf(request, Access::kRead, options), row.read) << row.who.name;
    EXPECT_EQ(StatusOf(request, Access::kPrivileged, options), row.privileged) << row.who.name;
    EXPECT_EQ(StatusOf(request, Access::kOpen, options), 200U) << row.who.name;
  }
}

TEST(Access, InsecureOpenLetsOthersReadAndNothingMore) {
  const AccessOptions options = {.api_token = "s3cret", .insecure_open = true};
  const Request remote = From({"", kRemote, {}});
  EXPECT_EQ(StatusOf(remote, Access::kRead, options), 200U);
  EXPECT_EQ(StatusOf(remote, Access::kPrivileged, options), 401U);
  const Request page = From({"", kRemote, {{"host", "10.0.0.1"}, {"origin", "https://evil"}}});
  EXPECT_EQ(StatusOf(page, Access::kRead, options), 403U);
}

TEST(Access, NobodyCanShowATokenWhereThereIsNone) {
  for (const char* header : {"Bearer ", "Bearer", "bearer x", ""}) {
    const Request request = From({"", kUserLoopback, {{"authorization", header}}});
    EXPECT_NE(StatusOf(request, Access::kPrivileged, {}), 200U) << header;
  }
}

TEST(Access, RootWhoseConnectionChangedHandsIsRootNoMore) {
  Request request = From({"", kRootLoopback, {}});
  request.owner_unchanged = [] { return false; };
  EXPECT_EQ(StatusOf(request, Access::kPrivileged, {.api_token = "s3cret"}), 403U);
  EXPECT_EQ(StatusOf(request, Access::kRead, {}), 200U);
}

TEST(Access, SaysWhatToDo) {
  const AccessOptions options = {.api_token = "s3cret", .api_token_file = "/d/api-token"};
  const auto local = Refuse(From({"", kUserSocket, {}}), Access::kPrivileged, options, kHostname);
  EXPECT_EQ(local->body,
            R"({"code":403,"message":"POST /x needs more rights: run as root, use the Unix socket )"
            R"(as root, or send \"Authorization: Bearer TOKEN\" with the token in /d/api-token"})");
  const auto remote = Refuse(From({"", kRemote, {}}), Access::kRead, options, kHostname);
  EXPECT_EQ(remote->headers.at(0).first, "WWW-Authenticate");
  EXPECT_NE(remote->body.find("--client-ca-file"), std::string::npos);
  const auto none = Refuse(From({"", kUserSocket, {}}), Access::kPrivileged, {}, kHostname);
  EXPECT_NE(none->body.find("there is none yet"), std::string::npos);
}

TEST(Access, NamesTheCaller) {
  EXPECT_EQ(Caller(kRootSocket), "root");
  EXPECT_EQ(Caller({.unix_socket = true, .uid = 4'000'000'001U}), "uid 4000000001");
  EXPECT_EQ(Caller(kRemote), "token");
  EXPECT_EQ(Caller(kCertificate), "client certificate");
  EXPECT_EQ(Caller({.uid = 65534U}), "nobody");
}

}  // namespace
}  // namespace gpud::server
