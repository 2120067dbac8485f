// SPDX-License-Identifier: Apache-2.0
#include "sources/grpc/call.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <thread>

#include "testing/fake_host.h"

namespace gpud::grpc {
namespace {

/// HTTP/2 frames by hand: length, type, flags, stream, payload. Header fields without compression.
std::string Frame(char type, char flags, char stream, const std::string& payload) {
  std::string frame;
  for (int shift = 16; shift >= 0; shift -= 8) {
    frame += static_cast<char>(payload.size() >> shift & 0xff);
  }
  return frame + type + flags + std::string(3, '\0') + stream + payload;
}
std::string Header(const std::string& name, const std::string& value) {
  return std::string(1, '\0') + static_cast<char>(name.size()) + name +
         static_cast<char>(value.size()) + value;
}
std::string Settings() { return Frame(4, 0, 0, ""); }
std::string Status(const std::string& http) {
  return Frame(1, 4, 1, Header(":status", http) + Header("content-type", "application/grpc"));
}
std::string Data(const std::string& message) {
  return Frame(0, 0, 1, std::string(4, '\0') + static_cast<char>(message.size()) + message);
}
std::string Trailers(const std::string& status, const std::string& text = "") {
  return Frame(1, 5, 1, Header("grpc-status", status) + Header("grpc-message", text));
}

/// A server below the root of a fake machine: says its piece to whoever calls, and hangs up.
class FakeServer {
 public:
  explicit FakeServer(FakeHost& host, std::string answer, bool hang_up = true) {
    host.Write("/run/place", "");
    const std::string path = host.Path("/run/service.sock");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    listener_ = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_.get(), 4), 0);
    thread_ = std::thread([this, answer = std::move(answer), hang_up] {
      const UniqueFd caller(::accept(listener_.get(), nullptr, nullptr));
      (void)::send(caller.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
      if (hang_up) ::shutdown(caller.get(), SHUT_WR);
      for (char buffer[4096];;) {  // until the caller has gone
        const ssize_t n = ::recv(caller.get(), buffer, sizeof buffer, 0);
        if (n <= 0) return;
        heard_.append(buffer, static_cast<std::size_t>(n));
      }
    });
  }
  ~FakeServer() { Heard(); }
  /// All that the caller has said, once it has gone.
  const std::string& Heard() {
    if (thread_.joinable()) thread_.join();
    return heard_;
  }

 private:
  UniqueFd listener_;
  std::string heard_;
  std::thread thread_;
};

Result<std::string> CallIt(FakeHost& host, std::chrono::milliseconds patience) {
  return Call(host.root, {.socket = "/run/service.sock",
                          .method = "/v1.Service/Method",
                          .message = "question",
                          .patience = patience,
                          .most_bytes = 100});
}

Result<std::string> Answered(std::string answer) {
  FakeHost host;
  FakeServer server(host, std::move(answer));
  return CallIt(host, std::chrono::seconds(10));
}

TEST(GrpcCall, GivesTheMessage) {
  FakeHost host;
  FakeServer server(host, Settings() + Status("200") + Data("answer") + Trailers("0"));
  EXPECT_EQ(CallIt(host, std::chrono::seconds(10)), "answer");
  EXPECT_TRUE(server.Heard().starts_with("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
  EXPECT_NE(server.Heard().find(std::string("\0\0\0\0\x08question", 13)), std::string::npos);
}

TEST(GrpcCall, PassesTheServersErrorOn) {
  const auto unknown = Answered(Settings() + Status("200") + Trailers("12", "unknown service"));
  EXPECT_EQ(unknown.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(unknown.error().sys, 12);
  EXPECT_EQ(unknown.error().what,
            "/run/service.sock: /v1.Service/Method: gRPC status 12: unknown service");
  EXPECT_EQ(Answered(Settings() + Status("200") + Trailers("7")).error().code,
            ErrorCode::kPermission);
  EXPECT_EQ(Answered(Settings() + Status("200") + Trailers("13")).error().code, ErrorCode::kIo);
}

TEST(GrpcCall, RefusesWhatIsNoAnswer) {
  EXPECT_EQ(Answered("HTTP/1.1 400 Bad Request\r\n\r\n").error().code, ErrorCode::kParse);
  EXPECT_EQ(Answered(Settings() + Status("404") + Trailers("0")).error().code, ErrorCode::kParse);
  EXPECT_EQ(Answered(Settings() + Status("200") + Trailers("x")).error().code, ErrorCode::kParse);
  EXPECT_EQ(Answered(Settings() + Status("200") + Trailers("0")).error().code, ErrorCode::kParse);
  EXPECT_EQ(Answered(Settings() + Status("200") + Data("cut")).error().code, ErrorCode::kIo);
  EXPECT_EQ(Answered("").error().code, ErrorCode::kIo);
}

TEST(GrpcCall, TakesNoMoreThanItWasAllowedTo) {
  const auto long_answer = Answered(Settings() + Status("200") + Data(std::string(101, 'a')));
  EXPECT_EQ(long_answer.error().code, ErrorCode::kIo);
  EXPECT_NE(long_answer.error().what.find("longer than"), std::string::npos);
}

TEST(GrpcCall, LosesItsPatience) {
  FakeHost host;
  FakeServer server(host, Settings(), false);
  EXPECT_EQ(CallIt(host, std::chrono::milliseconds(20)).error().code, ErrorCode::kTimeout);
}

TEST(GrpcCall, SaysThatNobodyIsThere) {
  FakeHost host;
  EXPECT_EQ(CallIt(host, std::chrono::seconds(1)).error().code, ErrorCode::kNotFound);
  {
    FakeServer server(host, "");
    (void)CallIt(host, std::chrono::seconds(10));
  }
  const auto left = CallIt(host, std::chrono::seconds(1));  // the file outlives its server
  EXPECT_EQ(left.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(left.error().what, "/run/service.sock: nobody listens");
}

}  // namespace
}  // namespace gpud::grpc
