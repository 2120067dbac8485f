// SPDX-License-Identifier: Apache-2.0
#include "sources/sysfs/net.h"

#include <algorithm>
#include <map>

#include "platform/text.h"
#include "sources/procfs/net_file.h"
#include "sources/sysfs/value_file.h"

namespace gpud::sysfs {
namespace {

constexpr std::string_view kFolder = "/sys/class/net/";
constexpr std::size_t kMostPorts = 128;

std::string TextOf(const Root& root, const std::string& path) {
  return ReadText(root, path).value_or(std::string());
}
std::uint64_t NumberOf(const Root& root, const std::string& path) {
  return ReadUnsigned(root, path).value_or(0);
}
/// The last part of a link's target; empty when there is no link.
std::string LinkName(const Root& root, const std::string& path) {
  const std::string target = root.ReadLink(path).value_or(std::string());
  return target.substr(target.rfind('/') + 1);
}

PortKind KindOf(const Root& root, const std::string& folder) {
  constexpr std::uint64_t kEther = 1, kInfiniband = 32;  // <linux/if_arp.h>
  if (root.Exists(folder + "/bonding")) return PortKind::kBond;
  if (root.Exists(folder + "/wireless") || root.Exists(folder + "/phy80211")) {
    return PortKind::kWireless;
  }
  const std::uint64_t type = NumberOf(root, folder + "/type");
  if (type == kEther) return PortKind::kEthernet;
  return type == kInfiniband ? PortKind::kInfiniband : PortKind::kOther;
}

void CountLinks(const Root& root, const std::string& folder, NetPort& port) {
  const auto ups = ReadUnsigned(root, folder + "/carrier_up_count");
  const auto downs = ReadUnsigned(root, folder + "/carrier_down_count");
  const std::uint64_t changes = ups && downs ? 0 : NumberOf(root, folder + "/carrier_changes");
  port.link_ups = ups.value_or(changes / 2);
  port.link_downs = downs.value_or(changes - changes / 2);
}

void DescribeBond(const Root& root, const std::string& folder, NetPort& port) {
  const std::string slaves = TextOf(root, folder + "/bonding/slaves");
  for (const std::string_view slave : SplitBlanks(slaves)) port.slaves.emplace_back(slave);
  port.active_slave = TextOf(root, folder + "/bonding/active_slave");
  const std::string mode = TextOf(root, folder + "/bonding/mode");  // "802.3ad 4"
  port.bond_mode = mode.substr(0, mode.find(' '));
}

NetPort ReadPort(const Root& root, const std::string& name) {
  constexpr std::uint64_t kUp = 1;  // IFF_UP
  const std::string folder = std::string(kFolder) + name;
  NetPort port{.name = name,
               .address = LinkName(root, folder + "/device"),
               .kind = KindOf(root, folder),
               .up = (NumberOf(root, folder + "/flags") & kUp) != 0,
               .duplex = TextOf(root, folder + "/duplex"),
               .mtu_bytes = NumberOf(root, folder + "/mtu"),
               .bond = LinkName(root, folder + "/master")};
  port.usb = root.ReadLink(folder).value_or(std::string()).find("/usb") != std::string::npos;
  port.link = port.up && NumberOf(root, folder + "/carrier") != 0;
  // -1 or an error without a link; virtual cards say -1 for "no idea", some drivers 2^32 - 1.
  constexpr std::uint64_t kUnknown = 0xffffffff;
  if (const auto speed = ReadUnsigned(root, folder + "/speed")) {
    if (*speed > 0 && *speed < kUnknown) port.speed_mbps = *speed;
  }
  CountLinks(root, folder, port);
  if (port.kind == PortKind::kBond) DescribeBond(root, folder, port);
  // Bridges and virtual switches are no bonds.
  if (!port.bond.empty() && !root.Exists(std::string(kFolder) + port.bond + "/bonding")) {
    port.bond.clear();
  }
  return port;
}

std::optional<Traffic> ParseCounters(std::string_view text) {
  constexpr std::size_t kNumbers = 16, kReceived = 8;
  const auto words = SplitBlanks(text);
  if (words.size() < kNumbers) return std::nullopt;
  std::uint64_t numbers[kNumbers] = {};
  for (std::size_t i = 0; i < kNumbers; ++i) {
    const auto number = ParseNumber<std::uint64_t>(words[i]);
    if (!number) return std::nullopt;
    numbers[i] = *number;
  }
  const std::uint64_t* const sent = numbers + kReceived;
  return Traffic{numbers[0], numbers[1], numbers[2], numbers[3],
                 sent[0],    sent[1],    sent[2],    sent[3]};
}

std::map<std::string, Traffic, std::less<>> ParseDev(std::string_view text) {
  std::map<std::string, Traffic, std::less<>> all;
  for (std::string_view line; NextLine(text, line);) {
    const std::size_t colon = line.rfind(':');
    if (colon == std::string_view::npos) continue;  // the two lines of headings
    if (const auto traffic = ParseCounters(line.substr(colon + 1))) {
      all.emplace(Trim(line.substr(0, colon)), *traffic);
    }
  }
  return all;
}

Result<NetPorts> ReadNet(const Root& root) {
  const auto names = root.List(kFolder);
  if (!names && names.error().code != ErrorCode::kNotFound) return Pass(names, "network ports");
  NetPorts all;
  for (const std::string& name : names.value_or(std::vector<std::string>{})) {
    const std::string folder = std::string(kFolder) + name;
    if (!root.Exists(folder + "/device") && !root.Exists(folder + "/bonding")) continue;
    if (all.ports.size() == kMostPorts) {
      ++all.left_out;
    } else {
      all.ports.push_back(ReadPort(root, name));
    }
  }
  if (all.ports.empty()) {
    return Fail(ErrorCode::kUnsupported, std::string(kFolder) + ": no port of a network card");
  }
  const auto dev = procfs::ReadNetFile(root, "dev");
  if (!dev) {
    // There are ports, so this is no machine without a network.
    const bool missing = dev.error().code == ErrorCode::kNotFound;
    return Fail(missing ? ErrorCode::kIo : dev.error().code, dev.error().what, dev.error().sys);
  }
  const auto counters = ParseDev(*dev);
  for (NetPort& port : all.ports) {
    const auto found = counters.find(port.name);
    if (found != counters.end()) port.traffic = found->second;
  }
  return all;
}

}  // namespace

const NetPort* NetPorts::Find(std::string_view name) const {
  const auto found = std::find_if(ports.begin(), ports.end(),
                                  [&](const NetPort& port) { return port.name == name; });
  return found == ports.end() ? nullptr : &*found;
}

constinit const SourceType kNet{
    .name = "sysfs/net",
    .snapshot = &kSnapshot<NetPorts>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadNet(host.root)); },
};

}  // namespace gpud::sysfs
