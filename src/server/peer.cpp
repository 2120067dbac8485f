// SPDX-License-Identifier: Apache-2.0
#include "server/peer.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "platform/unique_fd.h"

namespace gpud::server {
namespace {

/// An address without its disguise: v4-mapped IPv6 is IPv4.
struct Endpoint {
  unsigned char family = AF_UNSPEC;  ///< else the fields below mean nothing
  in_port_t port = 0;                ///< network order, as the address
  std::array<unsigned char, 16> address{};

  bool operator==(const Endpoint&) const = default;

  bool IsLoopback() const {
    static constexpr std::array<unsigned char, 16> kV6Loopback = {0, 0, 0, 0, 0, 0, 0, 0,
                                                                  0, 0, 0, 0, 0, 0, 0, 1};
    return family == AF_INET ? address[0] == 127 : family == AF_INET6 && address == kV6Loopback;
  }
};

Endpoint MakeEndpoint(unsigned char family, in_port_t port, const void* address) {
  Endpoint made{.family = family, .port = port};
  std::memcpy(made.address.data(), address, family == AF_INET ? 4 : 16);
  if (family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(static_cast<const in6_addr*>(address))) {
    made.family = AF_INET;
    std::copy_n(made.address.begin() + 12, 4, made.address.begin());
    std::fill(made.address.begin() + 4, made.address.end(), static_cast<unsigned char>(0));
  }
  return made;
}

using NameOf = int (*)(int, sockaddr*, socklen_t*);

Endpoint EndpointOf(int fd, NameOf name_of) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  if (name_of(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return {};
  if (storage.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
    return MakeEndpoint(AF_INET, v4.sin_port, &v4.sin_addr);
  }
  if (storage.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
    return MakeEndpoint(AF_INET6, v6.sin6_port, &v6.sin6_addr);
  }
  return {.family = static_cast<unsigned char>(storage.ss_family)};
}

std::string Text(const Endpoint& endpoint) {
  char text[INET6_ADDRSTRLEN] = "unknown";
  inet_ntop(endpoint.family, endpoint.address.data(), text, sizeof(text));
  const std::string port = ":" + std::to_string(ntohs(endpoint.port));
  return endpoint.family == AF_INET6 ? "[" + std::string(text) + "]" + port : text + port;
}

struct Owner {
  unsigned uid = 0;
  unsigned inode = 0;
  bool operator==(const Owner&) const = default;
};

}  // namespace

class SocketOwners {
 public:
  SocketOwners() : netlink_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)) {}

  /// The owner of the socket at `local` that is connected to `remote`. Nothing unless it is
  /// ESTABLISHED and a process holds it: a closed one has inode 0 and shows uid 0, as root's would.
  std::optional<Owner> Find(const Endpoint& local, const Endpoint& remote) const;

 private:
  UniqueFd netlink_;
  mutable unsigned sequence_ = 0;
};

std::optional<Owner> SocketOwners::Find(const Endpoint& local, const Endpoint& remote) const {
  struct {
    nlmsghdr header;
    inet_diag_req_v2 body;
  } request{};
  request.header.nlmsg_len = sizeof(request);
  request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.header.nlmsg_flags = NLM_F_REQUEST;  // no NLM_F_DUMP: this one socket
  request.header.nlmsg_seq = ++sequence_;
  request.body.sdiag_family = local.family;
  request.body.sdiag_protocol = IPPROTO_TCP;
  request.body.idiag_states = 1U << TCP_ESTABLISHED;
  inet_diag_sockid& id = request.body.id;
  id.idiag_sport = local.port;
  id.idiag_dport = remote.port;
  std::memcpy(id.idiag_src, local.address.data(), local.address.size());
  std::memcpy(id.idiag_dst, remote.address.data(), remote.address.size());
  id.idiag_cookie[0] = id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  if (::send(netlink_.get(), &request, sizeof(request), MSG_DONTWAIT) != sizeof(request)) return {};

  // The kernel has queued its answer when send returns; older ones may lie before it.
  alignas(nlmsghdr) char buffer[1024];
  for (;;) {
    const auto got = ::recv(netlink_.get(), buffer, sizeof(buffer), MSG_DONTWAIT);
    if (got < static_cast<ssize_t>(sizeof(nlmsghdr))) return {};
    const auto& header = *reinterpret_cast<const nlmsghdr*>(buffer);
    if (header.nlmsg_seq != sequence_) continue;
    if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY ||
        got < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(inet_diag_msg)))) {
      return {};
    }
    const auto& found = *reinterpret_cast<const inet_diag_msg*>(NLMSG_DATA(&header));
    // The kernel falls back to a listening socket on the port: compare all of it.
    const bool same =
        MakeEndpoint(found.idiag_family, found.id.idiag_sport, found.id.idiag_src) == local &&
        MakeEndpoint(found.idiag_family, found.id.idiag_dport, found.id.idiag_dst) == remote;
    if (!same || found.idiag_state != TCP_ESTABLISHED || found.idiag_inode == 0) return {};
    return Owner{.uid = found.idiag_uid, .inode = found.idiag_inode};
  }
}

std::shared_ptr<const SocketOwners> OpenSocketOwners() { return std::make_shared<SocketOwners>(); }

KnownPeer IdentifyPeer(int fd, const std::shared_ptr<const SocketOwners>& owners) {
  const auto unknown = [] { return false; };
  const Endpoint own = EndpointOf(fd, ::getsockname);
  if (own.family == AF_UNIX) {
    ucred credentials{};
    socklen_t size = sizeof(credentials);
    KnownPeer known{.peer = {.unix_socket = true, .address = "unix"}, .unchanged = unknown};
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0) {
      known.peer.uid = credentials.uid;
      known.unchanged = [] { return true; };  // the credentials of connect(2), for good
    }
    return known;
  }
  const Endpoint other = EndpointOf(fd, ::getpeername);
  KnownPeer known{
      .peer = {.loopback = own.IsLoopback() && other.IsLoopback(), .address = Text(other)},
      .unchanged = unknown};
  if (!known.peer.loopback) return known;
  if (const auto owner = owners->Find(other, own)) {
    known.peer.uid = owner->uid;
    known.unchanged = [owners, other, own, owner] { return owners->Find(other, own) == owner; };
  }
  return known;
}

}  // namespace gpud::server
