// SPDX-License-Identifier: Apache-2.0
#include "sources/local/http.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <thread>

#include "sources/local/daemon.h"
#include "testing/fake_host.h"

namespace gpud::local {
namespace {

/// A socket of the fake machine on which the test listens.
UniqueFd Listen(const FakeHost& fake, const std::string& path) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  fake.Path(path).copy(address.sun_path, sizeof address.sun_path - 1);
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::listen(fd.get(), 4), 0);
  return fd;
}

TEST(HttpAnswer, IsTheBodyThatItsLengthSays) {
  const auto answer =
      ParseHttpAnswer("HTTP/1.0 404 Not Found\r\nContent-Length: 3\r\nX: y\r\n\r\nabcdef");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 404);
  EXPECT_EQ(answer->body, "abc");
}

TEST(HttpAnswer, IsRefusedWhenItIsNoneOrNotWhole) {
  for (const char* bytes :
       {"", "SSH-2.0-x\r\n\r\n", "HTTP/1.1 200 OK\r\n", "HTTP/1.1\r\n\r\n",
        "HTTP/1.1 two OK\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
        "HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\nabc",
        "HTTP/1.0 200 OK\r\nContent-Length: -1\r\n\r\nabc"}) {
    EXPECT_FALSE(ParseHttpAnswer(bytes)) << bytes;
  }
}

TEST(HttpGet, AsksOnASocketOfTheMachine) {
  FakeHost fake;
  fake.Write("/run/keep", "");
  const UniqueFd listener = Listen(fake, "/run/x.sock");
  std::string asked(4096, '\0');
  std::thread server([&] {
    const UniqueFd peer(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const ssize_t n = ::recv(peer.get(), asked.data(), asked.size(), 0);
    asked.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    constexpr std::string_view kAnswer = "HTTP/1.0 200 OK\r\n\r\n{}";
    EXPECT_EQ(::send(peer.get(), kAnswer.data(), kAnswer.size(), 0), ssize_t{kAnswer.size()});
  });
  const auto body = HttpBody(fake.root, {.socket = "/run/x.sock", .target = "/version"});
  server.join();
  ASSERT_TRUE(body) << body.error().what;
  EXPECT_EQ(*body, "{}");
  EXPECT_TRUE(asked.starts_with("GET /version HTTP/1.0\r\nHost: localhost\r\n")) << asked;
}

TEST(HttpGet, SaysWhetherNobodyListensOrNothingComes) {
  FakeHost fake;
  fake.Write("/run/keep", "");
  const HttpRequest request{
      .socket = "/run/x.sock", .target = "/", .patience = std::chrono::milliseconds(20)};
  EXPECT_EQ(HttpGet(fake.root, request).error().code, ErrorCode::kNotFound);
  {
    const UniqueFd listener = Listen(fake, "/run/x.sock");
    EXPECT_EQ(HttpGet(fake.root, request).error().code, ErrorCode::kTimeout);
  }
  EXPECT_EQ(HttpGet(fake.root, request).error().what, "/run/x.sock: nobody listens");
}

TEST(HttpGet, SaysThatItMayNotAsk) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may connect to any socket";
  FakeHost fake;
  fake.Write("/run/keep", "");
  const HttpRequest request{.socket = "/run/x.sock", .target = "/"};
  const UniqueFd listener = Listen(fake, "/run/x.sock");
  ::chmod(fake.Path("/run/x.sock").c_str(), 0);
  EXPECT_EQ(HttpGet(fake.root, request).error().code, ErrorCode::kPermission);
}

TEST(Daemon, IsAsOldAsTheOldestProcessOfItsName) {
  FakeHost fake;
  fake.clock.boot = BootTime(std::chrono::seconds(1000));
  EXPECT_FALSE(ProcessAgeSeconds(fake.host, "dockerd"));
  const auto process = [&](const char* pid, const char* name, const char* start) {
    fake.Write("/proc/" + std::string(pid) + "/stat",
               std::string(pid) + " (" + name + ") S 1 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 " +
                   start + " 0 0\n");
  };
  process("7", "dockerd", "90000");
  process("8", "dockerd", "40000");
  process("9", "dockerd) S 1 (x", "5");
  EXPECT_EQ(ProcessAgeSeconds(fake.host, "dockerd"), 600);
}

}  // namespace
}  // namespace gpud::local
