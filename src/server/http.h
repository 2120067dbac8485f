// SPDX-License-Identifier: Apache-2.0
// HTTP as the routes see it: requests, answers, and who is asking. No library's header in here.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/loop.h"
#include "platform/result.h"

namespace gpud::server {

/// Who is at the other end of a connection.
struct Peer {
  bool unix_socket = false;
  bool loopback = false;            ///< TCP from a loopback address to a loopback address
  bool client_certificate = false;  ///< shown and verified against --client-ca-file
  /// By SO_PEERCRED, or for loopback TCP by sock_diag at accept; nothing when it is not known.
  std::optional<unsigned> uid;
  std::string address;  ///< for the audit log: "127.0.0.1:41234", "unix"
};

struct Request {
  std::string method;
  std::string path;                                          ///< decoded, without the query
  std::vector<std::pair<std::string, std::string>> query;    ///< decoded, in order
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string body;
  Peer peer;
  /// Asks the kernel again whose connection this is: true only when it is still the same socket,
  /// ESTABLISHED, with the same owner as at accept. Call it before anything that needs root.
  std::function<bool()> owner_unchanged = [] { return true; };

  /// First value of a parameter; empty when absent (an empty value equals an absent one).
  std::string_view Param(std::string_view name) const;
  std::string_view Header(std::string_view lower_name) const;
};

struct Response {
  unsigned status = 200;
  std::string content_type = "application/json; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  ///< others
  bool may_compress = false;                                 ///< gzip when the client accepts it
};

/// Called once, at any later time, on the loop.
using Reply = std::function<void(Response)>;
using Handler = std::function<void(Request, Reply)>;

struct HttpOptions {
  std::string listen_address = "127.0.0.1:15132";  ///< HOST:PORT; `:PORT` = all; empty = none
  std::string unix_socket;                         ///< path; empty = none; mode 0666
  std::string certificate_directory;  ///< server.crt and server.key live there; empty = in memory
  std::string client_ca_file;         ///< clients may show a certificate of it; empty = none may
  std::size_t most_connections = 2000;
  std::size_t most_connections_per_peer_uid = 1500;
  std::size_t most_header_bytes = 32 << 10;
  std::size_t most_body_bytes = 1 << 20;
  std::chrono::milliseconds header_timeout{
      10'000};                                     ///< from the first byte of a request, or accept
  std::chrono::milliseconds idle_timeout{75'000};  ///< between requests
  std::chrono::milliseconds write_timeout{30'000};
};

/// The listeners. Lives and works on the loop's thread.
class HttpServer {
 public:
  HttpServer(Loop& loop, HttpOptions options, Handler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Binds and accepts from now on. Errors: kIo (address in use, no permission), kParse (address).
  Result<void> Start();
  /// Where it listens, for a person: "https://127.0.0.1:15132". The port is the bound one.
  std::vector<std::string> Addresses() const;
  /// The bound TCP port, 0 when none.
  unsigned short port() const;
  /// SHA-256 of the certificate, "AB:CD:..", for `--fingerprint`.
  std::string Fingerprint() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gpud::server
