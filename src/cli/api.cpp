// SPDX-License-Identifier: Apache-2.0
#include "cli/api.h"

#include <sys/stat.h>

#include <ostream>
#include <utility>

#include "cli/daemon_options.h"
#include "cli/output.h"

namespace gpud::cli {
namespace {

constexpr std::string_view kSystemSocket = "/run/gpud/gpud.sock";  // of root's daemon

bool IsSocket(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
}

std::string Either(const Arguments& arguments, std::string_view flag,
                   const Environment& environment, const std::string& variable) {
  const auto found = environment.find(variable);
  return arguments.Text(flag, found == environment.end() ? std::string_view() : found->second);
}

Result<std::string> Body(Result<client::Answer> answer) {
  if (!answer) return tl::unexpected<Error>(std::move(answer).error());
  if (answer->status >= 200 && answer->status < 300) return std::move(answer->body);
  const std::string message = MessageOf(*answer);
  switch (answer->status) {
    case 400:
      return Fail(ErrorCode::kParse, message);
    case 401:
    case 403:
      return Fail(ErrorCode::kPermission, message);
    case 404:
      return Fail(ErrorCode::kUnsupported, message);
    default:
      return Fail(ErrorCode::kIo, message);
  }
}

}  // namespace

Api::Api(const Context& context, const Arguments& arguments)
    : label_(LabelStream(context, arguments)) {
  // A broken configuration file must not keep anybody from asking: what is good in it counts.
  const Settings settings = ReadSettings(arguments, context.environment);
  const User user = ThisUser(context.environment);
  options_.server = Either(arguments, "server", context.environment, "GPUD_SERVER");
  options_.ca_file = Either(arguments, "ca-file", context.environment, "GPUD_CA_FILE");
  options_.fingerprint = Either(arguments, "fingerprint", context.environment, "GPUD_FINGERPRINT");
  // Only what was asked for: the daemon's own token is no business of a stranger who happens to
  // listen where the daemon should. Root is known to the daemon without it.
  options_.api_token_file =
      Either(arguments, "api-token-file", context.environment, "GPUD_API_TOKEN_FILE");
  names_server_ = !options_.server.empty();
  if (names_server_) return;
  options_.socket = SocketPath(settings, user);
  // Who names a place means the daemon of that place, not whichever listens on the usual port.
  options_.socket_only = settings.Given("socket") || settings.Given("data-dir");
  if (!options_.socket_only && !IsSocket(options_.socket)) options_.socket = kSystemSocket;
  if (!IsSocket(options_.socket) && settings.Given("listen-address")) {
    const std::string address = settings.Text("listen-address");
    options_.server = address.starts_with(':') ? "localhost" + address : address;
  }
}

Result<client::Answer> Api::Call(const std::string& method, std::string_view path,
                                 const Query& query, const std::string& body) const {
  auto answer = client::Call(options_, method, client::Target(path, query), body);
  if (!answer && answer.error().code == ErrorCode::kNotFound) {
    Error error = std::move(answer).error();
    error.what += "; \"gpud scan\" works without one";
    return tl::unexpected<Error>(std::move(error));
  }
  if (answer && !answer->simulated.empty() && !std::exchange(labelled_, true)) {
    label_ << SimulatedLabel(answer->simulated);
  }
  return answer;
}

Result<std::string> Api::Get(std::string_view path, const Query& query) const {
  return Body(Call("GET", path, query));
}

Result<std::string> Api::Post(std::string_view path, const Query& query,
                              const std::string& body) const {
  return Body(Call("POST", path, query, body));
}

std::string MessageOf(const client::Answer& answer) {
  const std::string otherwise = "the daemon answered " + std::to_string(answer.status) +
                                (answer.body.empty() ? "" : ": " + OneLine(answer.body));
  const auto json = ParseJson(answer.body);
  if (!json) return otherwise;
  for (const std::string_view key : {"message", "error"}) {
    const Json* text = json->Find(key);
    if (text && text->AsString() && !text->AsString()->empty()) return *text->AsString();
  }
  return otherwise;
}

std::string JoinedNames(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& list : names) {
    for (const std::string_view name : Split(list, ',')) {
      if (Trim(name).empty()) continue;
      joined += (joined.empty() ? "" : ",") + std::string(Trim(name));
    }
  }
  return joined;
}

}  // namespace gpud::cli
