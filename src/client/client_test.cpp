// SPDX-License-Identifier: Apache-2.0
// The client alone, against a socket that says what the test wants. With a server: server/.
#include "client/client.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "client/dial.h"

namespace gpud::client {
namespace {

/// Takes one connection, reads until `until`, says `answer` and closes.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer, std::string until = "\r\n\r\n")
      : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    path = "/tmp/gpud-client-" + std::to_string(::getpid()) + ".sock";
    ::unlink(path.c_str());
    sockaddr_un address{.sun_family = AF_UNIX};
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    ::listen(listener_.get(), 1);
    thread_ = std::thread([this, answer = std::move(answer), until = std::move(until)] {
      const UniqueFd socket(::accept(listener_.get(), nullptr, nullptr));
      char buffer[4096];
      while (asked.find(until) == asked.npos) {
        const auto got = ::recv(socket.get(), buffer, sizeof(buffer), 0);
        if (got <= 0) return;
        asked.append(buffer, std::size_t(got));
      }
      (void)::send(socket.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    });
  }
  ~OneAnswer() {
    if (thread_.joinable()) thread_.join();
    ::unlink(path.c_str());
  }
  void Join() { thread_.join(); }

  std::string path;
  std::string asked;  ///< after Join

 private:
  UniqueFd listener_;
  std::thread thread_;
};

TEST(Client, AsksInPlainHttp11) {
  OneAnswer daemon("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  const auto answer = Call({.socket = daemon.path}, "GET", "/v1/states?components=cpu");
  daemon.Join();
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->body, "ok");
  EXPECT_EQ(daemon.asked,
            "GET /v1/states?components=cpu HTTP/1.1\r\nHost: gpud\r\nConnection: close\r\n\r\n");
}

TEST(Client, AnyStatusIsAnAnswerAndChunksAreJoined) {
  const OneAnswer daemon(
      "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
  const auto answer = Call({.socket = daemon.path}, "GET", "/");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->status, 404u);
  EXPECT_EQ(answer->body, "abc");
}

TEST(Client, TruncatedAndGarbageAnswersAreErrors) {
  for (const auto* bad : {"", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab",
                          "HTTP/1.1 200 OK\r\n", "hello, this is no HTTP\r\n\r\n"}) {
    const OneAnswer daemon(bad);
    const auto answer = Call({.socket = daemon.path}, "GET", "/x");
    ASSERT_FALSE(answer) << bad;
    EXPECT_EQ(answer.error().code, ErrorCode::kIo);
    EXPECT_TRUE(answer.error().what.starts_with("GET /x: ")) << answer.error().what;
  }
}

TEST(Client, DaemonThatDoesNotAnswerIsATimeout) {
  const OneAnswer daemon("", "never asked");
  const auto answer =
      Call({.socket = daemon.path, .timeout = std::chrono::milliseconds(50)}, "GET", "/");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kTimeout);
}

TEST(Client, SaysHowToStartTheDaemonWhenNobodyListens) {
  // Port 1 (tcpmux) of a loopback address that nobody uses.
  const auto answer = Call({.server = "https://127.0.7.1:1"}, "GET", "/");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(answer.error().what,
            "no gpud answers at https://127.0.7.1:1: is it running? (gpud run)");
  const auto socket = DialUnix("/no/such.sock", Deadline::max());
  EXPECT_EQ(socket.error().code, ErrorCode::kNotFound);
}

TEST(Client, TokenFileThatCannotBeReadIsNotAMissingDaemon) {
  const auto answer = Call({.api_token_file = "/no/token"}, "GET", "/");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kPermission);
}

TEST(Client, ReadsServersAsPeopleWriteThem) {
  const auto text = [](std::string_view server) { return ParseServer(server)->text; };
  EXPECT_EQ(text("host"), "https://host:15132");
  EXPECT_EQ(text("host:1"), "https://host:1");
  EXPECT_EQ(text("https://host:1/"), "https://host:1");
  EXPECT_EQ(text("[::1]:1"), "https://[::1]:1");
  EXPECT_EQ(text("::1"), "https://[::1]:15132");
  EXPECT_EQ(text("https://[::1]"), "https://[::1]:15132");
  EXPECT_EQ(ParseServer("[::1]:1")->host, "::1");
  for (const auto* bad :
       {"", "http://host:1", "host:port", "https://", "user@host:1", "host:0x1"}) {
    const auto server = ParseServer(bad);
    ASSERT_FALSE(server) << bad;
    EXPECT_EQ(server.error().code, ErrorCode::kParse);
  }
}

TEST(Client, TargetEncodesValuesAndLeavesEmptyOnesOut) {
  EXPECT_EQ(Target("/v1/states", {}), "/v1/states");
  EXPECT_EQ(Target("/v1/states", {{"components", "a,b"}, {"startTime", ""}, {"q", "a b&c=%\xff"}}),
            "/v1/states?components=a,b&q=a%20b%26c%3D%25%FF");
}

}  // namespace
}  // namespace gpud::client
