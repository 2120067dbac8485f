// SPDX-License-Identifier: Apache-2.0
#include "sources/host/private_addresses.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "sources/sysfs/value_file.h"

namespace gpud::host {
namespace {

bool IsPrivate(const in_addr& address) {
  const std::uint32_t ip = ntohl(address.s_addr);
  return ip >> 24 == 10 || ip >> 20 == (172u << 4 | 1) || ip >> 16 == (192u << 8 | 168);
}
bool IsPrivate(const in6_addr& address) { return (address.s6_addr[0] & 0xfe) == 0xfc; }

/// The address's text when it is a private one, else empty.
std::string PrivateText(const sockaddr* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address && address->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof v4);
    if (!IsPrivate(v4.sin_addr)) return {};
    inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
  } else if (address && address->sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, address, sizeof v6);
    if (!IsPrivate(v6.sin6_addr)) return {};
    inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
  }
  return text.data();
}

struct FreeAddresses {
  void operator()(ifaddrs* list) const { freeifaddrs(list); }
};

}  // namespace

bool IsMachineInterface(std::string_view name) {
  constexpr std::string_view kPrefixes[] = {"lo",      "cali",         "cni",       "docker",
                                            "flannel", "nodelocaldns", "tailscale", "tunl",
                                            "veth",    "vxlan",        "ib"};
  return !name.ends_with(".calico") &&
         std::none_of(std::begin(kPrefixes), std::end(kPrefixes),
                      [&](std::string_view prefix) { return name.starts_with(prefix); });
}

std::vector<NicAddress> ReadPrivateAddresses(const Root& root) {
  std::vector<NicAddress> addresses;
  ifaddrs* raw = nullptr;
  if (root.path() != "/" || getifaddrs(&raw) != 0) return addresses;
  const std::unique_ptr<ifaddrs, FreeAddresses> list(raw);
  for (const ifaddrs* entry = list.get(); entry; entry = entry->ifa_next) {
    const std::string name = entry->ifa_name;
    std::string ip = PrivateText(entry->ifa_addr);
    if (ip.empty() || !IsMachineInterface(name)) continue;
    addresses.push_back(
        {name, sysfs::ReadText(root, "/sys/class/net/" + name + "/address").value_or(std::string()),
         std::move(ip)});
  }
  std::sort(addresses.begin(), addresses.end(),
            [](const NicAddress& a, const NicAddress& b) { return a.ip < b.ip; });
  return addresses;
}

}  // namespace gpud::host
