// SPDX-License-Identifier: Apache-2.0
#include "server/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include "platform/text.h"

namespace gpud::server {
namespace {

struct HostPort {
  std::string host;  ///< without brackets; empty = all addresses
  std::string port;
};

Result<HostPort> Split(const std::string& address) {
  const auto fail = [&] {
    return Fail(ErrorCode::kParse, "listen address \"" + address +
                                       "\": it must be HOST:PORT or :PORT, for example "
                                       "127.0.0.1:15132 or [::1]:15132");
  };
  const auto colon = address.rfind(':');
  if (colon == address.npos) return fail();
  HostPort parts{.host = address.substr(0, colon), .port = address.substr(colon + 1)};
  if (!ParseNumber<unsigned short>(parts.port)) return fail();
  const bool bracketed =
      parts.host.size() > 2 && parts.host.front() == '[' && parts.host.back() == ']';
  if (bracketed) parts.host = parts.host.substr(1, parts.host.size() - 2);
  if (parts.host.find_first_of("[]") != parts.host.npos ||
      (!bracketed && parts.host.find(':') != parts.host.npos)) {
    return fail();
  }
  return parts;
}

std::string Hint(int error) {
  switch (error) {
    case EADDRINUSE:
      return "; is another gpud running? Choose another address with --listen-address";
    case EACCES:
      return "; ports below 1024 need root: choose another with --listen-address";
    case EADDRNOTAVAIL:
      return "; this machine has no such address: see `ip address`";
    default:
      return {};
  }
}

Result<TcpListener> Listen(const addrinfo& where, unsigned short port) {
  sockaddr_storage bound{};
  std::memcpy(&bound, where.ai_addr, where.ai_addrlen);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(bound);
  auto& v4 = reinterpret_cast<sockaddr_in&>(bound);
  in_port_t& bound_port = where.ai_family == AF_INET6 ? v6.sin6_port : v4.sin_port;
  if (port != 0) bound_port = htons(port);

  TcpListener made{
      .fd = UniqueFd(::socket(where.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0))};
  const int on = 1;
  // Only the wildcard serves both families; other IPv6 addresses are themselves.
  const int only_v6 = where.ai_family == AF_INET6 && !IN6_IS_ADDR_UNSPECIFIED(&v6.sin6_addr);
  socklen_t size = where.ai_addrlen;
  if (!made.fd.valid() ||
      ::setsockopt(made.fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
      (where.ai_family == AF_INET6 &&
       ::setsockopt(made.fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof(only_v6)) != 0) ||
      ::bind(made.fd.get(), reinterpret_cast<const sockaddr*>(&bound), size) != 0 ||
      ::listen(made.fd.get(), SOMAXCONN) != 0 ||
      ::getsockname(made.fd.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
    return FailErrno("listen", errno);
  }
  made.port = ntohs(bound_port);
  char host[NI_MAXHOST] = "";
  ::getnameinfo(reinterpret_cast<const sockaddr*>(&bound), size, host, sizeof(host), nullptr, 0,
                NI_NUMERICHOST);
  const std::string text(host);
  made.address =
      (where.ai_family == AF_INET6 ? "[" + text + "]" : text) + ":" + std::to_string(made.port);
  return made;
}

/// True when a process accepts connections there.
bool IsAnswered(const sockaddr_un& address) {
  const UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) ==
             0 ||
         errno == EAGAIN;  // unix(7): its backlog is full
}

}  // namespace

Result<std::vector<TcpListener>> ListenTcp(const std::string& address) {
  const auto parts = Split(address);
  if (!parts) return tl::unexpected<Error>(parts.error());
  const bool everywhere = parts->host.empty();
  // The loopback addresses, whether a resolver knows the name or not (RFC 6761, 6.3).
  const bool loopback = parts->host == "localhost";
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* raw = nullptr;
  const char* host = everywhere ? "::" : loopback ? nullptr : parts->host.c_str();
  const int failed = ::getaddrinfo(host, parts->port.c_str(), &hints, &raw);
  if (failed != 0) {
    return Fail(ErrorCode::kIo, "listen address \"" + address + "\": " + ::gai_strerror(failed));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> found(raw, ::freeaddrinfo);

  std::vector<TcpListener> listeners;
  Error problem{.code = ErrorCode::kIo, .what = "no address"};
  for (const addrinfo* each = found.get(); each; each = each->ai_next) {
    auto made = Listen(*each, listeners.empty() ? 0 : listeners.front().port);
    if (made) {
      listeners.push_back(*std::move(made));
      continue;
    }
    problem = std::move(made).error();
    // A name may have addresses that this machine lacks (no IPv6); a taken one is never skipped:
    // clients of that address would reach somebody else.
    if (problem.sys != EADDRNOTAVAIL && problem.sys != EAFNOSUPPORT) {
      listeners.clear();
      break;
    }
  }
  if (listeners.empty() && everywhere && problem.sys == EAFNOSUPPORT) {
    return ListenTcp("0.0.0.0:" + parts->port);
  }
  if (!listeners.empty()) return listeners;
  problem.what = "listen on " + address + ": " + problem.what + Hint(problem.sys);
  return tl::unexpected<Error>(std::move(problem));
}

Result<UniqueFd> ListenUnix(const std::string& path) {
  const std::string what = "listen on unix socket " + path;
  sockaddr_un address{.sun_family = AF_UNIX};
  if (path.size() >= sizeof(address.sun_path)) {
    return Fail(ErrorCode::kParse, what + ": a socket's path has at most " +
                                       std::to_string(sizeof(address.sun_path) - 1) + " bytes");
  }
  path.copy(address.sun_path, path.size());

  const auto folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!folder.empty() && std::filesystem::create_directories(folder, error)) {
    (void)::chmod(folder.c_str(), 0755);  // ours; whoever cannot enter it uses TCP
  }
  struct stat there {};
  if (::lstat(path.c_str(), &there) == 0) {
    if (!S_ISSOCK(there.st_mode)) {
      return Fail(ErrorCode::kIo,
                  what + ": there is another file; choose another path or remove it");
    }
    if (IsAnswered(address)) {
      return Fail(ErrorCode::kIo, what + ": somebody answers there; is another gpud running?",
                  EADDRINUSE);
    }
    ::unlink(path.c_str());
  }
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid() ||
      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      ::chmod(path.c_str(), 0666) != 0 || ::listen(fd.get(), SOMAXCONN) != 0) {
    return FailErrno(what, errno);
  }
  return fd;
}

}  // namespace gpud::server
