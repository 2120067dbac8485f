// SPDX-License-Identifier: Apache-2.0
#include "server/access.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <pwd.h>

#include <array>
#include <cstdio>
#include <memory>

#include "platform/text.h"
#include "server/format.h"

namespace gpud::server {
namespace {

bool ShowsToken(const Request& request, const std::string& token) {
  constexpr std::string_view kScheme = "bearer ";
  std::string_view shown = request.Header("authorization");
  if (token.empty() || ToLower(shown.substr(0, kScheme.size())) != kScheme) return false;
  shown = Trim(shown.substr(kScheme.size()));
  return shown.size() == token.size() &&
         CRYPTO_memcmp(shown.data(), token.data(), token.size()) == 0;
}

bool FromWebPage(const Request& request) {
  return !request.Header("origin").empty() || !request.Header("sec-fetch-site").empty();
}

/// A proxy on this machine speaks for somebody else: its own user and address prove nothing.
bool Relayed(const Request& request) {
  return !request.Header("forwarded").empty() || !request.Header("x-forwarded-for").empty();
}

/// The host of "HOST", "HOST:PORT", "[ADDRESS]:PORT".
std::string_view WithoutPort(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

bool IsAddress(std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> buffer{};
  const std::string address(text);
  return inet_pton(AF_INET, address.c_str(), buffer.data()) == 1 ||
         inet_pton(AF_INET6, address.c_str(), buffer.data()) == 1;
}

bool IsOwnPage(const Request& request, std::string_view hostname) {
  const std::string_view site = request.Header("sec-fetch-site");
  if (!site.empty() && site != "same-origin" && site != "none") return false;
  const std::string_view host = request.Header("host");
  const std::string_view origin = request.Header("origin");
  if (!origin.empty() && ToLower(origin) != "https://" + ToLower(host)) return false;
  const std::string name = ToLower(WithoutPort(host));
  return IsAddress(name) || name == "localhost" || (!hostname.empty() && name == ToLower(hostname));
}

std::string TokenAdvice(const AccessOptions& options) {
  const std::string file =
      options.api_token_file.empty() ? "api-token in the data directory" : options.api_token_file;
  if (options.api_token.empty()) {
    return "the API token (there is none yet: start gpud once as root, or with --api-token-file)";
  }
  return "\"Authorization: Bearer TOKEN\" with the token in " + file;
}

Response Denial(unsigned status, const std::string& message) {
  Response response = ErrorAnswer(status, message);
  if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"gpud\"");
  return response;
}

}  // namespace

std::optional<Response> Refuse(const Request& request, Access access, const AccessOptions& options,
                               std::string_view hostname) {
  if (access == Access::kOpen || ShowsToken(request, options.api_token)) return std::nullopt;
  const Peer& peer = request.peer;
  const bool web = FromWebPage(request);
  const bool local = (peer.unix_socket || peer.loopback) && !Relayed(request);
  // A browser shows a client certificate for any page that sends it here: only the token counts.
  if (web && (access == Access::kPrivileged || !IsOwnPage(request, hostname))) {
    return Denial(403, "a web page may not do this by itself: send " + TokenAdvice(options));
  }
  if (peer.client_certificate) return std::nullopt;
  if (access == Access::kRead) {
    if (local || options.insecure_open) return std::nullopt;
  } else if (local && peer.uid == 0U && request.owner_unchanged()) {
    return std::nullopt;
  }

  if (!request.Header("authorization").empty()) {
    return Denial(401, "this is not the right token: send " + TokenAdvice(options));
  }
  if (local) {
    return Denial(403,
                  request.method + ' ' + request.path +
                      " needs more rights: run as root, use the Unix socket as root, or send " +
                      TokenAdvice(options));
  }
  return Denial(401, "requests from another machine need " + TokenAdvice(options) +
                         ", or a client certificate (--client-ca-file)");
}

std::string Caller(const Peer& peer) {
  if (!peer.uid) return peer.client_certificate ? "client certificate" : "token";
  if (*peer.uid == 0) return "root";
  // The local file alone: getpwuid_r may ask LDAP, and the loop must not wait for a network.
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/etc/passwd", "re"),
                                                             std::fclose);
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  while (file && fgetpwent_r(file.get(), &entry, buffer.data(), buffer.size(), &found) == 0) {
    if (entry.pw_uid == *peer.uid) return entry.pw_name;
  }
  return "uid " + std::to_string(*peer.uid);
}

}  // namespace gpud::server
