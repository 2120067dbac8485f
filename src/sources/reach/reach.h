// SPDX-License-Identifier: Apache-2.0
// What a site wants to know to be in reach: addresses, its name servers, the gateway. Asks nobody
// unless /etc/gpud/network.yaml says so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sources/source.h"

namespace gpud::reach {

/// /etc/gpud/network.yaml:
///   targets: {storage: "10.0.0.5:2049", api: "[fd00::1]:443"}   # addresses, as names may hang
///   names: [registry.example.com]                               # to ask the name servers for
///   gateway: true
///   slow_milliseconds: 1000
struct Plan {
  std::vector<std::pair<std::string, std::string>> targets;  ///< name, address; 16 at most
  std::vector<std::string> names;                            ///< 4 at most
  bool gateway = false;
  double slow_milliseconds = 1000;

  bool operator==(const Plan&) const = default;
};
/// Error: kParse, with the line.
Result<Plan> ParsePlan(std::string_view yaml);

/// One that was asked: a target, a name server (for a name), the gateway.
struct Asked {
  std::string name;     ///< "storage", "dns registry.example.com", "gateway"
  std::string address;  ///< "10.0.0.5:2049"
  /// How long the answer took: TCP's handshake, DNS's answer; 0 for the gateway, of which only the
  /// kernel's table of neighbours is read.
  Result<double> milliseconds = Fail(ErrorCode::kInternal, "not asked");

  static constexpr auto Fields() {
    return std::tuple{Field{"name", &Asked::name}, Field{"address", &Asked::address},
                      Field{"milliseconds", &Asked::milliseconds}};
  }
};

struct Reach {
  double slow_milliseconds = 1000;
  std::vector<Asked> asked;

  static constexpr auto Fields() {
    return std::tuple{Field{"slow_milliseconds", &Reach::slow_milliseconds},
                      Field{"asked", &Reach::asked}};
  }
};

/// Error in place of the snapshot: kUnsupported without the file; kParse.
extern const SourceType kReach;

// --- its parts ---

/// The servers of resolv.conf(5), three at most.
std::vector<std::string> ParseNameServers(std::string_view text);
/// A query for the IPv4 addresses of a name (RFC 1035, 4.1); empty when it is no name.
std::string DnsQuery(std::string_view name, std::uint16_t id);
/// Whether this is an answer to that query. Errors: kParse, it is none; kIo, the server could not
/// answer it (also: kNotFound, there is no such name).
Result<void> CheckDnsAnswer(std::string_view answer, std::uint16_t id);
/// The gateway of the default route and its interface, of /proc/net/route; nothing without one.
std::optional<std::pair<std::string, std::string>> ParseGateway(std::string_view route);
/// Whether /proc/net/arp knows the address's hardware. Error: kIo, it was asked and did not answer;
/// kNotFound, it was not asked of late.
Result<void> FindNeighbour(std::string_view arp, std::string_view address);

}  // namespace gpud::reach
