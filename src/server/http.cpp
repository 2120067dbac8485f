// SPDX-License-Identifier: Apache-2.0
#include "server/http.h"

#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <unordered_map>

#include "platform/clock.h"
#include "platform/log.h"
#include "server/certificate.h"
#include "server/connection.h"
#include "server/listener.h"
#include "server/peer.h"
#include "server/tls.h"

namespace gpud::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Local tools get an answer when TCP has no place left, and root when other users have none.
constexpr std::size_t kMostUnixConnections = 100;
/// Descriptors that connections leave to the rest of the daemon.
constexpr std::size_t kOtherDescriptors = 300;
constexpr int kMostAcceptsInARow = 16;
/// After an accept that failed for want of descriptors or memory: its listener stays readable.
constexpr milliseconds kAcceptPause{100};
/// Deadlines are kept to this grain, so that many of them cost one look at all connections.
constexpr milliseconds kDeadlineGrain{50};
constexpr std::chrono::hours kRenewalCheck{24};
/// An idle TLS connection takes 15 KB, in pieces that the heap does not give back by itself.
constexpr std::size_t kTrimAfterClosing = 200;
constexpr std::size_t kFewConnections = 50;

/// Connections compete for places with others of their kind alone.
enum class Kind : unsigned char { kTcp, kUnix, kUnixRoot };

Kind KindOf(const Peer& peer) {
  if (!peer.unix_socket) return Kind::kTcp;
  return peer.uid == 0U ? Kind::kUnixRoot : Kind::kUnix;
}

/// Raises the soft limit of descriptors to `wanted` where it may, and returns what it then is.
std::size_t RaiseDescriptorLimit(std::size_t wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  if (limit.rlim_cur < wanted && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = std::min<rlim_t>(wanted, limit.rlim_max);
    (void)::setrlimit(RLIMIT_NOFILE, &limit);  // below the hard limit it cannot fail
  }
  return limit.rlim_cur;
}

}  // namespace

std::string_view Request::Param(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return {};
}

std::string_view Request::Header(std::string_view lower_name) const {
  for (const auto& [key, value] : headers) {
    if (key == lower_name) return value;
  }
  return {};
}

struct HttpServer::Impl {
  struct Listener {
    UniqueFd fd;
    std::string url;
    unsigned short port = 0;  ///< 0 = Unix socket
    Loop::Watch watch;        ///< for connections, or for the end of a pause
  };
  struct Entry {
    std::shared_ptr<Connection> connection;
    Kind kind = Kind::kTcp;
    std::optional<unsigned> uid;
  };

  Impl(Loop& loop_in, HttpOptions options_in, Handler handler_in);
  ~Impl();

  Result<void> Start();
  Result<void> RenewCertificate();
  void CheckCertificateLater();
  void Watch(Listener& listener);
  void Accept(Listener& listener);
  void Admit(UniqueFd socket, bool over_tls);
  void Forget(Connection& closed);
  bool HasPlace(Kind kind, std::optional<unsigned> uid) const;
  void ExpectBy(Deadline deadline);
  void EndOverdue();

  Loop& loop;
  HttpOptions options;
  std::vector<Listener> listeners;
  std::shared_ptr<const SocketOwners> owners = OpenSocketOwners();
  Certificate certificate;
  std::shared_ptr<ssl_ctx_st> tls;
  Loop::Watch renewal;
  ConnectionHost host;
  std::unordered_map<Connection*, Entry> connections;
  std::size_t closed_since_trim = 0;
  Deadline next_look = Deadline::max();
  Loop::Watch overdue;
};

HttpServer::Impl::Impl(Loop& loop_in, HttpOptions options_in, Handler handler_in)
    : loop(loop_in),
      options(std::move(options_in)),
      host{.loop = loop,
           .options = options,
           .handler = std::move(handler_in),
           .expect_by = [this](Deadline deadline) { ExpectBy(deadline); },
           .on_closed = [this](Connection& closed) { Forget(closed); }} {}

HttpServer::Impl::~Impl() {
  const bool has_socket =
      std::ranges::any_of(listeners, [](const Listener& listener) { return listener.port == 0; });
  // While it still answers: what lies there afterwards is another daemon's.
  if (has_socket) ::unlink(options.unix_socket.c_str());
}

Result<void> HttpServer::Impl::Start() {
  const std::size_t places = options.most_connections + 2 * kMostUnixConnections;
  const std::size_t limit = RaiseDescriptorLimit(places + kOtherDescriptors);
  if (limit < places + kOtherDescriptors) {
    const std::size_t kept = 2 * kMostUnixConnections + kOtherDescriptors;
    options.most_connections = limit > kept ? limit - kept : limit / 2;
  }
  if (!options.listen_address.empty()) {
    if (auto made = RenewCertificate(); !made) return made;
    auto tcp = ListenTcp(options.listen_address);
    if (!tcp) return tl::unexpected<Error>(std::move(tcp).error());
    for (TcpListener& each : *tcp) {
      listeners.push_back(
          {.fd = std::move(each.fd), .url = "https://" + each.address, .port = each.port});
    }
    if (!options.certificate_directory.empty() && !certificate.not_kept.empty()) {
      log::Warn("the certificate is in memory only: clients see another one after a restart",
                {{"reason", certificate.not_kept}});
    }
    if (!certificate.set_aside.empty()) {
      log::Warn(
          "server.key and server.crt are not a pair that can be read without a passphrase: they "
          "were set aside and new ones made",
          {{"files", certificate.set_aside}});
    }
    if (!certificate.exposed.empty()) {
      log::Warn("the server's key was readable by others", {{"file", certificate.exposed}});
    }
    CheckCertificateLater();
  }
  if (!options.unix_socket.empty()) {
    auto fd = ListenUnix(options.unix_socket);
    if (!fd) return tl::unexpected<Error>(std::move(fd).error());
    listeners.push_back({.fd = *std::move(fd), .url = "unix:" + options.unix_socket});
  }
  for (Listener& listener : listeners) Watch(listener);
  return {};
}

/// Open connections keep the certificate that they began with.
Result<void> HttpServer::Impl::RenewCertificate() {
  auto kept = KeepCertificate(options.certificate_directory, SystemClock().Wall());
  if (!kept) return tl::unexpected<Error>(std::move(kept).error());
  auto context = MakeTlsContext(*kept, options.client_ca_file);
  if (!context) return tl::unexpected<Error>(std::move(context).error());
  certificate = *std::move(kept);
  tls = *std::move(context);
  return {};
}

void HttpServer::Impl::CheckCertificateLater() {
  renewal = loop.After(kRenewalCheck, [this] {
    if (certificate.made_by_gpud && certificate.IsDue(SystemClock().Wall())) {
      if (auto renewed = RenewCertificate(); !renewed) {
        log::Err("the certificate could not be renewed", {{"error", renewed.error().what}});
      }
    }
    CheckCertificateLater();
  });
}

void HttpServer::Impl::Watch(Listener& listener) {
  listener.watch = loop.WhenReadable(listener.fd.get(), [this, &listener] { Accept(listener); });
}

void HttpServer::Impl::Accept(Listener& listener) {
  for (int i = 0; i < kMostAcceptsInARow; ++i) {
    UniqueFd socket(::accept4(listener.fd.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.valid()) {
      Admit(std::move(socket), listener.port != 0);
      continue;
    }
    const int error = errno;
    if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) {
      listener.watch = loop.After(kAcceptPause, [this, &listener] { Watch(listener); });
    }
    // Others are the end of the queue, or a client that has gone (accept(2), "Error handling").
    if (error != ECONNABORTED && error != EINTR) return;
  }
}

void HttpServer::Impl::Admit(UniqueFd socket, bool over_tls) {
  KnownPeer peer = IdentifyPeer(socket.get(), owners);
  Entry entry{.kind = KindOf(peer.peer), .uid = peer.peer.uid};
  if (!HasPlace(entry.kind, entry.uid)) return;
  if (over_tls) {
    const int on = 1;
    (void)::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));  // only slower
  }
  const auto connection =
      MakeConnection(host, std::move(socket), over_tls ? tls.get() : nullptr, std::move(peer));
  entry.connection = connection;
  connections.emplace(connection.get(), std::move(entry));
  connection->Work();
}

void HttpServer::Impl::Forget(Connection& closed) {
  connections.erase(&closed);
  if (++closed_since_trim < kTrimAfterClosing || connections.size() > kFewConnections) return;
  closed_since_trim = 0;
  ::malloc_trim(0);
}

bool HttpServer::Impl::HasPlace(Kind kind, std::optional<unsigned> uid) const {
  const std::size_t most = kind == Kind::kTcp ? options.most_connections : kMostUnixConnections;
  if (connections.size() < std::min(most, options.most_connections_per_peer_uid)) return true;
  const auto count = [&](auto&& matches) {
    return std::size_t(
        std::ranges::count_if(connections, [&](const auto& item) { return matches(item.second); }));
  };
  return count([&](const Entry& entry) { return entry.kind == kind; }) < most &&
         count([&](const Entry& entry) { return uid && entry.uid == uid; }) <
             options.most_connections_per_peer_uid;
}

void HttpServer::Impl::ExpectBy(Deadline deadline) {
  if (deadline >= next_look) return;
  next_look = deadline;
  const auto wait = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
  overdue = loop.After(std::max(wait, kDeadlineGrain), [this] { EndOverdue(); });
}

void HttpServer::Impl::EndOverdue() {
  next_look = Deadline::max();
  const Deadline now = steady_clock::now();
  std::vector<std::shared_ptr<Connection>> late;
  Deadline nearest = Deadline::max();
  for (const auto& [key, entry] : connections) {
    const Deadline deadline = entry.connection->deadline();
    if (deadline <= now) {
      late.push_back(entry.connection);
    } else {
      nearest = std::min(nearest, deadline);
    }
  }
  for (const auto& connection : late) connection->OnDeadline();
  if (nearest != Deadline::max()) ExpectBy(nearest);
}

HttpServer::HttpServer(Loop& loop, HttpOptions options, Handler handler)
    : impl_(std::make_unique<Impl>(loop, std::move(options), std::move(handler))) {}
HttpServer::~HttpServer() = default;

Result<void> HttpServer::Start() { return impl_->Start(); }

std::vector<std::string> HttpServer::Addresses() const {
  std::vector<std::string> urls;
  for (const auto& listener : impl_->listeners) urls.push_back(listener.url);
  return urls;
}

unsigned short HttpServer::port() const {
  return impl_->listeners.empty() ? 0 : impl_->listeners.front().port;
}

std::string HttpServer::Fingerprint() const { return impl_->certificate.fingerprint; }

}  // namespace gpud::server
