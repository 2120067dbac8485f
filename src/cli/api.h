// SPDX-License-Identifier: Apache-2.0
// Api: the daemon, as the commands ask it: connection flags, and answers as values or errors.
#pragma once

#include "cli/command.h"
#include "client/client.h"
#include "model/json_codec.h"

namespace gpud::cli {

inline constexpr Flag kConnectionFlags[] = {
    {.name = "server",
     .value = "URL",
     .help = "daemon to ask, as https://HOST:PORT (default: the "
             "socket, else localhost:15132)"},
    {.name = "socket", .value = "PATH", .help = "Unix socket of the daemon"},
    {.name = "api-token-file", .value = "FILE", .help = "token to show, for what needs root"},
    {.name = "ca-file",
     .value = "FILE",
     .help = "trust servers of this authority (PEM)",
     .alias = "ca"},
    {.name = "fingerprint", .value = "SHA256", .help = "trust just this certificate"},
    {.name = "data-dir",
     .value = "DIR",
     .help = "data directory of the daemon, where its socket "
             "and token are looked for"},
    {.name = "config", .value = "FILE", .help = "configuration file of the daemon"},
};

using Query = std::vector<std::pair<std::string, std::string>>;

class Api {
 public:
  /// Flags over GPUD_* variables over the daemon's configuration file.
  Api(const Context& context, const Arguments& arguments);

  /// A certain server was named: what it cannot do is not done without it.
  bool names_server() const { return names_server_; }

  /// The body of a 2xx answer. Errors: kNotFound when no daemon answers; else what the daemon said:
  /// kPermission (401, 403), kParse (400), kUnsupported (404), kIo.
  Result<std::string> Get(std::string_view path, const Query& query = {}) const;
  Result<std::string> Post(std::string_view path, const Query& query = {},
                           const std::string& body = {}) const;
  /// Any answer, whatever its status. Error: kNotFound when no daemon answers.
  Result<client::Answer> Call(const std::string& method, std::string_view path,
                              const Query& query = {}, const std::string& body = {}) const;

  /// The body as a value; null (an empty list of the original's) is an empty one.
  template <class T>
  Result<T> Get(std::string_view path, const Query& query = {}) const {
    auto body = Get(path, query);
    if (!body) return tl::unexpected<Error>(std::move(body).error());
    if (*body == "null") return T{};
    auto value = FromJsonText<T>(*body);
    if (!value) return Pass(std::move(value), "answer of " + std::string(path));
    return value;
  }

 private:
  client::Options options_;
  std::ostream& label_;
  mutable bool labelled_ = false;  ///< a simulated machine has been named
  bool names_server_ = false;
};

/// The text of an error body of the API: "message", else "error", else the body itself.
std::string MessageOf(const client::Answer& answer);

/// `components=a,b` from names that may be comma-separated themselves.
std::string JoinedNames(const std::vector<std::string>& names);

}  // namespace gpud::cli
