// SPDX-License-Identifier: Apache-2.0
// What slow, idle and too many clients get, and where the server listens.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "server/http_testing.h"
#include "server/listener.h"

namespace gpud::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view kGetAndClose = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

TEST(HttpLimits, RequestThatDoesNotComeToItsEndIsToldSo) {
  HttpOptions options;
  options.header_timeout = milliseconds(100);
  const RunningServer running(options);
  for (const auto* begun :
       {"GET / HT", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nb"}) {
    const std::string answer = Exchange(running.Unix(), begun);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 408 ")) << answer;
  }
}

TEST(HttpLimits, ClientThatSaysNothingIsClosed) {
  HttpOptions options;
  options.header_timeout = milliseconds(100);
  const RunningServer running(options);
  EXPECT_EQ(Exchange(running.Tls(), ""), "");
  EXPECT_EQ(Exchange(running.Unix(), ""), "");
}

TEST(HttpLimits, IdleClientIsClosedAfterItsAnswer) {
  HttpOptions options;
  options.idle_timeout = milliseconds(100);
  const RunningServer running(options);
  const std::string answer = Exchange(running.Tls(), kGet);
  EXPECT_TRUE(answer.ends_with("GET /")) << answer;
}

TEST(HttpLimits, ClientThatDoesNotReadItsAnswerIsClosed) {
  HttpOptions options;
  options.write_timeout = milliseconds(100);
  const std::size_t size = 30 << 20;  // more than the socket's buffers take
  const RunningServer running(options, [&](const Request&, const Reply& reply) {
    reply({.body = std::string(size, 'x')});
  });
  auto stream = running.Unix();
  Send(stream, kGet);
  pollfd waits{.fd = stream.fd(), .events = POLLRDHUP};
  EXPECT_EQ(::poll(&waits, 1, 20'000), 1);
  EXPECT_LT(Receive(stream).size(), size);
}

TEST(HttpLimits, AnswersThatTogetherTakeTooMuchMemoryAreRefused) {
  const RunningServer running(
      {}, [&](const Request&, const Reply& reply) { reply({.body = std::string(30 << 20, 'x')}); });
  auto first = running.Unix(), second = running.Unix();
  Send(first, kGet);
  Receive(first, "\r\n\r\n");
  Send(second, kGet);
  Receive(second, "\r\n\r\n");
  EXPECT_TRUE(Exchange(running.Unix(), kGet).starts_with("HTTP/1.1 503 "));
}

TEST(HttpLimits, ConnectionBeyondTheLimitIsClosedAndTheUnixSocketStillAnswers) {
  HttpOptions options;
  options.most_connections = 3;
  const RunningServer running(options);
  std::vector<client::Stream> held;
  for (int i = 0; i < 3; ++i) held.push_back(running.Tls());
  const auto name = client::ParseServer(running.url());
  EXPECT_FALSE(client::DialTls(*name, {}, steady_clock::now() + RunningServer::kPatience));
  EXPECT_TRUE(Exchange(running.Unix(), kGetAndClose).ends_with("GET /"));
  held.pop_back();
  // Its place is free as soon as the server has seen the end of it.
  while (!client::DialTls(*name, {}, steady_clock::now() + RunningServer::kPatience)) {
  }
}

TEST(HttpLimits, OneUserCannotTakeAllPlaces) {
  HttpOptions options;
  options.most_connections_per_peer_uid = 2;
  const RunningServer running(options);
  const auto first = running.Tls(), second = running.Tls();
  const auto name = client::ParseServer(running.url());
  EXPECT_FALSE(client::DialTls(*name, {}, steady_clock::now() + RunningServer::kPatience));
}

TEST(HttpLimits, ThousandIdleConnectionsDoNotDelayANewOne) {
  const RunningServer running;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < 2300) GTEST_SKIP() << "too few descriptors: ulimit -n";
  std::vector<client::Stream> idle;
  for (int i = 0; i < 1000; ++i) {
    idle.push_back(running.Tls());
    Send(idle.back(), kGet);
    Receive(idle.back(), "GET /");
  }
  auto best = steady_clock::duration::max();  // of three: the machine may be busy with others
  for (int i = 0; i < 3; ++i) {
    const auto before = steady_clock::now();
    Exchange(running.Tls(), kGetAndClose);
    best = std::min(best, steady_clock::now() - before);
  }
  EXPECT_LT(best, milliseconds(100));
}

TEST(HttpLimits, RestsAndGoesOnWhenDescriptorsRunOut) {
  const RunningServer running;
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  auto waiting = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int next = ::dup(0);
  ::close(next);
  rlimit none = before;
  none.rlim_cur = rlim_t(next);  // no new descriptor from here on
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  sockaddr_un address{.sun_family = AF_UNIX};
  running.unix_path().copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int connected =
      ::connect(waiting.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address));
  client::Stream stream(std::move(waiting), nullptr, client::Stream::Role::kClient);
  Send(stream, kGetAndClose);
  ::setrlimit(RLIMIT_NOFILE, &before);
  ASSERT_EQ(connected, 0);
  EXPECT_TRUE(Receive(stream).ends_with("GET /"));
}

TEST(HttpListen, SaysWhatToDoAboutABadAddress) {
  for (const auto* bad : {"", "15132", "host", "host:port", "1.2.3.4:99999", "::1:1", "[::1:1"}) {
    const auto listeners = ListenTcp(bad);
    ASSERT_FALSE(listeners) << bad;
    EXPECT_EQ(listeners.error().code, ErrorCode::kParse) << bad;
  }
  const auto elsewhere = ListenTcp("192.0.2.1:0");
  ASSERT_FALSE(elsewhere);
  EXPECT_NE(elsewhere.error().what.find("ip address"), std::string::npos);
}

TEST(HttpListen, ListensOnNamesAndOnBothFamilies) {
  for (const auto* good : {"localhost:0", "127.0.0.1:0", "[::1]:0", ":0"}) {
    const auto listeners = ListenTcp(good);
    ASSERT_TRUE(listeners) << good << ": " << listeners.error().what;
    EXPECT_NE(listeners->front().port, 0);
    EXPECT_TRUE(
        listeners->front().address.ends_with(":" + std::to_string(listeners->front().port)));
  }
}

TEST(HttpListen, AsksWhetherAnotherOneRunsWhenTheAddressIsTaken) {
  const auto first = ListenTcp("127.0.0.1:0");
  ASSERT_TRUE(first);
  const auto second = ListenTcp(first->front().address);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().sys, EADDRINUSE);
  EXPECT_NE(second.error().what.find("is another gpud running?"), std::string::npos);
}

TEST(HttpListen, TakesThePlaceOfAStaleSocketButNotOfALivingOneOrOfAFile) {
  const TemporaryFolder folder;
  const std::string path = folder.path + "/deep/gpud.sock";
  ASSERT_TRUE(ListenUnix(path));  // closed at once: the file stays
  ASSERT_TRUE(std::filesystem::exists(path));
  const auto living = ListenUnix(path);
  ASSERT_TRUE(living) << living.error().what;
  struct stat found {};
  ASSERT_EQ(::stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0666u);

  const auto second = ListenUnix(path);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().what.find("is another gpud running?"), std::string::npos);
  EXPECT_EQ(ListenUnix(folder.path).error().code, ErrorCode::kIo);
  EXPECT_EQ(ListenUnix("/" + std::string(200, 'x')).error().code, ErrorCode::kParse);
}

TEST(HttpListen, RemovesItsSocketAndNamesItsAddresses) {
  const TemporaryFolder folder;
  const std::string path = folder.path + "/gpud.sock";
  Loop loop;
  {
    HttpServer server(loop, {.listen_address = "127.0.0.1:0", .unix_socket = path}, Echo);
    ASSERT_TRUE(server.Start());
    EXPECT_TRUE(std::filesystem::exists(path));
    EXPECT_EQ(server.Addresses(),
              (std::vector<std::string>{"https://127.0.0.1:" + std::to_string(server.port()),
                                        "unix:" + path}));
    EXPECT_EQ(server.Fingerprint().size(), 95u);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace gpud::server
