// SPDX-License-Identifier: Apache-2.0
#include "components/network_interface/links.h"

#include <algorithm>
#include <string>

#include "platform/text.h"

namespace gpud::network_interface {
namespace {

constexpr std::string_view kLost = "carrier_lost";
constexpr std::string_view kBack = "carrier_back";
constexpr std::string_view kFlapped = "carrier_flapped";
constexpr std::string_view kPort = "port", kTimes = "times";

// A switch that starts anew, a cable that is swapped and a bond that is set up take less.
constexpr std::chrono::seconds kDownForLong{240};
constexpr std::uint64_t kFlapsPerHour = 3;

/// What was told of a port before.
struct History {
  const Event* newest = nullptr;
  std::uint64_t lost_within_an_hour = 0;

  bool IsDown() const { return newest && newest->name == kLost; }
};

History HistoryOf(const Inputs& in, const std::string& port) {
  History history;
  for (const Event& event : in.OwnEvents()) {
    if (FactOf(event, kPort) != port) continue;
    if (!history.newest) history.newest = &event;
    if (event.time <= in.Now() - std::chrono::hours(1)) break;
    history.lost_within_an_hour += ParseNumber<std::uint64_t>(FactOf(event, kTimes)).value_or(0);
  }
  return history;
}

Event LinkEvent(const Inputs& in, std::string_view name, const std::string& port,
                std::string message, std::uint64_t times) {
  return {.time = in.Now(),
          .name = std::string(name),
          .type = name == kBack ? EventType::kInfo : EventType::kWarning,
          .message = std::move(message),
          .extra_info = {{std::string(kPort), port}, {std::string(kTimes), std::to_string(times)}}};
}

/// How often the link was lost since the reading before; nothing when the counters began anew.
std::uint64_t LostSince(const sysfs::NetPorts* before, const sysfs::NetPort& port) {
  const sysfs::NetPort* const old = before ? before->Find(port.name) : nullptr;
  if (!old || !old->HadLink() || old->link_downs > port.link_downs) return 0;
  return port.link_downs - old->link_downs;
}

bool IsTold(const std::vector<Fault>& told, const sysfs::NetPort& port) {
  return std::any_of(told.begin(), told.end(), [&](const Fault& fault) {
    return fault.device == port.name || fault.device == port.address;
  });
}

}  // namespace

std::string_view WhyNotJudged(const sysfs::NetPort& port) {
  if (!port.up) return "switched off";
  if (!port.HadLink()) return "had no link since its driver was loaded";
  if (port.usb) return "on USB";
  if (port.kind == sysfs::PortKind::kInfiniband) return "told by accelerator-nvidia-infiniband";
  if (port.kind != sysfs::PortKind::kEthernet && port.kind != sysfs::PortKind::kBond) {
    return "no cable";
  }
  return {};
}

void DropHealed(const sysfs::NetPorts& ports, std::vector<Fault>& faults) {
  std::erase_if(faults, [&](const Fault& fault) {
    if (fault.code != "link_down" && fault.code != "bond_down") return false;
    // A card with several ports has them under addresses of their own, but for a few old ones.
    const auto is_it = [&](const sysfs::NetPort& port) {
      return port.name == fault.device || port.address == fault.device;
    };
    const auto port = std::find_if(ports.ports.begin(), ports.ports.end(), is_it);
    return port != ports.ports.end() && (port->link || !port->up);
  });
}

void JudgeLinks(const Inputs& in, const sysfs::NetPorts& ports, const std::vector<Fault>& told,
                Report& report, Findings& findings) {
  const auto* const before = in.Previous<sysfs::NetPorts>();
  for (const sysfs::NetPort& port : ports.ports) {
    if (!WhyNotJudged(port).empty()) continue;
    const History history = HistoryOf(in, port.name);
    const std::uint64_t lost = LostSince(before, port);
    std::uint64_t within_an_hour = history.lost_within_an_hour;
    // A port of which a person said that it is well without a link has lost nothing since.
    const bool news = lost > 0 || (!before && in.ClearedUntil() == WallTime{});
    if (!port.link && !history.IsDown()) {
      if (!news) continue;
      const std::uint64_t times = std::max<std::uint64_t>(lost, 1);
      within_an_hour += times;
      report.events.push_back(
          LinkEvent(in, kLost, port.name, port.name + " has lost its link", times));
    } else if (port.link && history.IsDown()) {
      within_an_hour += lost;
      report.events.push_back(
          LinkEvent(in, kBack, port.name, port.name + " has its link again", lost));
    } else if (port.link && lost > 0) {
      within_an_hour += lost;
      report.events.push_back(
          LinkEvent(in, kFlapped, port.name, port.name + " lost its link for a moment", lost));
    }
    const bool for_long =
        !port.link && history.IsDown() && in.Now() - history.newest->time >= kDownForLong;
    if (for_long && !IsTold(told, port)) {
      findings.Add(Health::kDegraded, port.name + " has no link", Advice::kInvestigateLink);
    }
    if (within_an_hour >= kFlapsPerHour) {
      findings.Add(Health::kDegraded,
                   port.name + " lost its link " + std::to_string(kFlapsPerHour) +
                       " times or more within an hour",
                   Advice::kInvestigateLink);
    }
  }
}

}  // namespace gpud::network_interface
