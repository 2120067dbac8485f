// SPDX-License-Identifier: Apache-2.0
// A server on a thread of its own, and a client that sends any bytes. For tests alone.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>
#include <thread>

#include "client/client.h"
#include "client/dial.h"
#include "platform/loop.h"
#include "server/http.h"

namespace gpud::server {

/// A folder that goes with it.
struct TemporaryFolder {
  TemporaryFolder() {
    std::string made = "/tmp/gpud-http-XXXXXX";
    path = ::mkdtemp(made.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string path;
};

/// Answers every request with its method and path.
inline void Echo(const Request& request, const Reply& reply) {
  reply({.content_type = "text/plain",
         .body = request.method + " " + request.path,
         .may_compress = true});
}

/// Listens on a free port and on a Unix socket until it is destroyed.
class RunningServer {
 public:
  explicit RunningServer(HttpOptions options = {}, Handler handler = Echo)
      : server_(loop_, WithAddresses(std::move(options)), std::move(handler)) {
    const auto started = server_.Start();
    EXPECT_TRUE(started) << started.error().what;
    thread_ = std::thread([this] { loop_.Run(); });
  }
  ~RunningServer() {
    loop_.Stop();
    thread_.join();
  }

  std::string unix_path() const { return folder_.path + "/run/gpud.sock"; }
  std::string url() const { return "https://127.0.0.1:" + std::to_string(server_.port()); }
  const HttpServer& server() const { return server_; }

  client::Stream Tls() const {
    const auto name = client::ParseServer(url());
    auto stream = client::DialTls(*name, {}, client::Deadline::clock::now() + kPatience);
    EXPECT_TRUE(stream) << stream.error().what;
    return *std::move(stream);
  }
  client::Stream Unix() const {
    auto stream = client::DialUnix(unix_path(), client::Deadline::clock::now() + kPatience);
    EXPECT_TRUE(stream) << stream.error().what;
    return *std::move(stream);
  }

  static constexpr std::chrono::seconds kPatience{20};

 private:
  HttpOptions WithAddresses(HttpOptions options) {
    options.listen_address = "127.0.0.1:0";
    options.unix_socket = folder_.path + "/run/gpud.sock";
    return options;
  }

  TemporaryFolder folder_;
  Loop loop_;
  HttpServer server_;
  std::thread thread_;
};

inline void Send(client::Stream& stream, std::string_view bytes) {
  while (!bytes.empty()) {
    std::size_t put = 0;
    const auto io = stream.Write(bytes, put);
    bytes.remove_prefix(put);
    if (io == client::Io::kClosed) return;
    const auto deadline = client::Deadline::clock::now() + RunningServer::kPatience;
    if (io == client::Io::kDone) continue;
    ASSERT_TRUE(client::Await(stream, io, deadline));
  }
}

/// What comes until `until` has been read, or the end of the stream when it is empty.
inline std::string Receive(client::Stream& stream, std::string_view until = {}) {
  const auto deadline = client::Deadline::clock::now() + RunningServer::kPatience;
  std::string text;
  std::array<char, 16 << 10> buffer;
  while (until.empty() || text.find(until) == text.npos) {
    std::size_t got = 0;
    const auto io = stream.Read(buffer, got);
    if (io == client::Io::kClosed) break;
    text.append(buffer.data(), got);
    if (io != client::Io::kDone && !client::Await(stream, io, deadline)) return text + "(timeout)";
  }
  return text;
}

inline std::string Exchange(client::Stream stream, std::string_view bytes) {
  Send(stream, bytes);
  return Receive(stream);
}

}  // namespace gpud::server
