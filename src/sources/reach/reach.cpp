// SPDX-License-Identifier: Apache-2.0
#include "sources/reach/reach.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "platform/text.h"
#include "sources/local/connection.h"
#include "sources/procfs/net_file.h"

namespace gpud::reach {
namespace {

using local::Time;
using std::chrono::milliseconds;

constexpr std::string_view kPlan = "/etc/gpud/network.yaml";
// All together must fit into the deadline: what was not asked in time says so.
constexpr milliseconds kPatience{1000}, kBudget{6000}, kDeadline{8000};
constexpr std::uint16_t kDnsPort = 53;

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr& get() const { return reinterpret_cast<const sockaddr&>(storage); }
};

std::optional<Address> MakeAddress(const std::string& host, std::uint16_t port) {
  Address address;
  auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage);
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    address.size = sizeof v4;
  } else if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    address.size = sizeof v6;
  } else {
    return std::nullopt;
  }
  return address;
}

/// "10.0.0.5:2049", "[fd00::1]:443".
std::optional<Address> ParseAddress(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = ParseNumber<std::uint16_t>(text.substr(colon + 1));
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return port ? MakeAddress(std::string(host), *port) : std::nullopt;
}

double MillisecondsSince(Time start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

Result<double> Connect(const std::string& text, Time until) {
  const auto address = ParseAddress(text);
  if (!address) return Fail(ErrorCode::kParse, text + ": no IP address with a port");
  const Time start = std::chrono::steady_clock::now();
  const auto fd = local::ConnectTcp(address->get(), address->size, text, until);
  // A machine that refuses is in reach, but what was asked for is not.
  if (!fd) {
    const bool refused = fd.error().code == ErrorCode::kNotFound;
    return Fail(refused ? ErrorCode::kIo : fd.error().code, fd.error().what, fd.error().sys);
  }
  return MillisecondsSince(start);
}

Result<double> AskServer(const std::string& server, const std::string& name, Time until) {
  const auto address = MakeAddress(server, kDnsPort);
  if (!address) return Fail(ErrorCode::kParse, "resolv.conf: no IP address: " + server);
  const UniqueFd fd(
      ::socket(address->storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid() || ::connect(fd.get(), &address->get(), address->size) != 0) {
    return FailErrno(server, errno);
  }
  std::uint16_t id = 0;
  (void)::getrandom(&id, sizeof id, 0);  // a guessable one does no harm: nobody uses the answer
  const std::string query = DnsQuery(name, id);
  const Time start = std::chrono::steady_clock::now();
  if (::send(fd.get(), query.data(), query.size(), 0) < 0) return FailErrno(server, errno);
  for (;;) {
    if (const auto ready = local::Wait(fd.get(), POLLIN, until); !ready) {
      return Pass(ready, server);
    }
    std::array<char, 1500> buffer;
    const ssize_t n = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
    if (n < 0) return FailErrno(server, errno);
    const auto answer = CheckDnsAnswer({buffer.data(), static_cast<std::size_t>(n)}, id);
    if (answer) return MillisecondsSince(start);
    if (answer.error().code != ErrorCode::kParse) return Pass(answer, server + ": " + name);
  }
}

/// The first server that answers is enough, as for libc's resolver.
Asked AskForName(const std::vector<std::string>& servers, const std::string& name, Time end) {
  Asked asked{.name = "dns " + name, .address = "/etc/resolv.conf"};
  asked.milliseconds = Fail(ErrorCode::kNotFound, "/etc/resolv.conf: no name server");
  for (const std::string& server : servers) {
    asked.address = server;
    asked.milliseconds =
        AskServer(server, name, std::min(end, std::chrono::steady_clock::now() + kPatience));
    if (asked.milliseconds) break;
  }
  return asked;
}

Asked AskGateway(const Root& root) {
  Asked asked{.name = "gateway"};
  const auto route = procfs::ReadNetFile(root, "route");
  const auto gateway = route ? ParseGateway(*route) : std::nullopt;
  if (!gateway) {
    asked.milliseconds = Fail(ErrorCode::kNotFound, "there is no default route of IPv4");
    return asked;
  }
  asked.address = gateway->first + " on " + gateway->second;
  const auto arp = procfs::ReadNetFile(root, "arp");
  const auto found = FindNeighbour(arp.value_or(std::string()), gateway->first);
  if (found || found.error().code == ErrorCode::kNotFound) {
    asked.milliseconds = 0;
  } else {
    asked.milliseconds = Pass(found, gateway->first);
  }
  return asked;
}

Result<Reach> ReadReach(const Root& root) {
  const auto text = root.Read(kPlan);
  if (!text) {
    if (text.error().code != ErrorCode::kNotFound) return Pass(text, "targets");
    return Fail(ErrorCode::kUnsupported, std::string(kPlan) + ": no targets are set");
  }
  const auto plan = ParsePlan(*text);
  if (!plan) return tl::unexpected<Error>(plan.error());
  Reach reach{.slow_milliseconds = plan->slow_milliseconds};
  const Time end = std::chrono::steady_clock::now() + kBudget;
  if (plan->gateway) reach.asked.push_back(AskGateway(root));
  for (const auto& [name, address] : plan->targets) {
    const Time until = std::min(end, std::chrono::steady_clock::now() + kPatience);
    reach.asked.push_back(
        {.name = name, .address = address, .milliseconds = Connect(address, until)});
  }
  const auto servers = ParseNameServers(root.Read("/etc/resolv.conf").value_or(std::string()));
  for (const std::string& name : plan->names) {
    reach.asked.push_back(AskForName(servers, name, end));
  }
  return reach;
}

}  // namespace

constinit const SourceType kReach{
    .name = "reach",
    .lane = Lane::kMounts,
    .deadline = kDeadline,
    .snapshot = &kSnapshot<Reach>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadReach(host.root)); },
};

}  // namespace gpud::reach
