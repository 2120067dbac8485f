// SPDX-License-Identifier: Apache-2.0
// Network interfaces: links that are down or come and go, cards that do not send, reset themselves
// or vanish, and what the ports have carried.
#include <algorithm>
#include <map>
#include <utility>

#include "components/bus_support.h"
#include "components/component.h"
#include "components/fault_history.h"
#include "components/network_interface/data.h"
#include "components/network_interface/link_lines.h"
#include "components/network_interface/links.h"
#include "components/network_interface/nic_lines.h"
#include "model/json_codec.h"
#include "sources/sysfs/pci.h"

namespace gpud::network_interface {
namespace {

constexpr std::string_view kTags[] = {"network", "network-interface"};
constexpr const SourceType* kNeeds[] = {&sysfs::kPci, &sysfs::kNet};
constexpr auto kCounter = MetricKind::kCounter;
constexpr MetricType kMetrics[] = {
    {"network_interface_link", "1 while the port has a link"},
    {"network_interface_speed_bits_per_second", "negotiated speed"},
    {"network_interface_link_losses_total", "times the port was without a link", kCounter},
    {"network_interface_received_bytes_total", "received by a port", kCounter},
    {"network_interface_sent_bytes_total", "sent by a port", kCounter},
    {"network_interface_received_packets_total", "packets received", kCounter},
    {"network_interface_sent_packets_total", "packets sent", kCounter},
    {"network_interface_receive_errors_total", "packets that came broken", kCounter},
    {"network_interface_send_errors_total", "packets that could not be sent", kCounter},
    {"network_interface_receive_drops_total", "packets received and dropped", kCounter},
    {"network_interface_send_drops_total", "packets dropped before they were sent", kCounter},
    {"network_interface_bond_slaves", "ports of a bond"},
    {"network_interface_bond_slaves_with_link", "ports of a bond that have a link"},
};
constexpr FaultRules kFaultRules{.recovery_closes_all = true};

constexpr auto MakeNeedles() {
  std::array<std::string_view, std::size(kRules) + std::size(kLinkNeedles)> needles{};
  std::size_t size = 0;
  for (const LineRule& rule : kRules) needles[size++] = rule.needle;
  for (const std::string_view needle : kLinkNeedles) needles[size++] = needle;
  return needles;
}
constexpr auto kNeedles = MakeNeedles();

class Matcher final : public LineMatcher {
 public:
  void OnLine(const KernelLine& line, LineSink& sink) override {
    if (const auto change = ParseLinkLine(line.text)) return OnChange(line, *change, sink);
    LineFinding finding = FindInTable("net", kRules, line);
    if (finding.code.empty()) return;
    // "NETDEV WATCHDOG: eth0 (igb): ..." has the name in its text.
    const bool named = finding.details.count("driver") > 0;
    if (std::string interface = InterfaceIn(line.text); !named && !interface.empty()) {
      finding.device = std::move(interface);
    }
    sink.Add(std::move(finding));
  }

 private:
  struct Link {
    std::optional<WallTime> born;  ///< or, after a start, had its first link
    bool was_up = false;
    bool down_told = false;
  };
  static constexpr std::size_t kMostLinks = 256;  // bounds what is remembered
  static constexpr std::chrono::seconds kFirstLink{120};
  static constexpr std::chrono::seconds kSlowStart{600};  // of servers with many devices

  static bool IsWithin(std::chrono::seconds most, std::optional<WallTime> start, WallTime now) {
    return start && now >= *start && now - *start <= most;
  }

  void OnChange(const KernelLine& line, const LinkChange& change, LineSink& sink) {
    using Kind = LinkChange::Kind;
    if (change.kind == Kind::kBoot) {
      links_.clear();
      booted_ = line.time;
      return;
    }
    if (links_.size() >= kMostLinks && !links_.count(change.device)) links_.clear();
    Link& link = links_[change.device];
    if (change.kind == Kind::kBorn) {
      link = {.born = line.time};
      return;
    }
    const auto start = link.born ? link.born : booted_;
    const bool bond = change.kind == Kind::kBondDown || change.kind == Kind::kBondUp;
    if (change.kind == Kind::kUp || change.kind == Kind::kBondUp) {
      if (!std::exchange(link.was_up, true) && IsWithin(kSlowStart, start, line.time)) {
        link.born = line.time;
      }
      // A link that comes up is news only after it went down.
      if (!std::exchange(link.down_told, false)) return;
      return Add(line, bond ? "bond_up" : "link_up", change.device, sink);
    }
    // A card that starts is down until it has found its peer, and again while it is set up (bonds,
    // speeds); a port without a cable stays down.
    if (IsWithin(kFirstLink, start, line.time)) return;
    link.down_told = true;
    Add(line, bond ? "bond_down" : "link_down", change.device, sink);
  }

  static void Add(const KernelLine& line, std::string_view code, const std::string& device,
                  LineSink& sink) {
    const bool up = code.ends_with("_up");
    sink.Add({.family = "net",
              .event = code,
              .code = std::string(code),
              .severity = up ? EventType::kInfo : EventType::kCritical,
              .action = up ? Advice::kIgnore : Advice::kInvestigateLink,
              .device = device,
              .message = std::string(line.text),
              .clears = up});
  }

  std::map<std::string, Link> links_;
  std::optional<WallTime> booted_;
};

constexpr std::pair<std::string_view, std::string_view> kNames[] = {
    {"link_down", "a network link is down"},
    {"bond_down", "no link of a bond is up"},
    {kTxTimeout, "a network card does not send"},
    {"health_compromised", "a network card does not answer"},
    {"firmware_timeout", "the firmware of a network card does not answer"},
    {"firmware_fatal_error", "the firmware of a network card has failed"},
    {"firmware_recovery_mode", "a network card lacks working firmware"},
    {"device_lost", "a network card has vanished"},
    {"high_temperature", "a network card is too hot"},
    {"fan_failure", "the fan of a network card has stopped"},
};

std::string NameOf(const Fault& fault) {
  for (const auto& [code, name] : kNames) {
    if (code == fault.code) return std::string(name);
  }
  return fault.code;
}

void AddSamples(const sysfs::NetPorts& ports, Report& report) {
  constexpr double kBitsPerMegabit = 1e6;
  for (const sysfs::NetPort& port : ports.ports) {
    const auto add = [&](const char* metric, double value) {
      report.samples.push_back(
          {.metric = metric, .labels = {{"device", port.name}}, .value = value});
    };
    if (port.up) add("network_interface_link", port.link ? 1 : 0);
    if (port.speed_mbps) {
      add("network_interface_speed_bits_per_second",
          static_cast<double>(*port.speed_mbps) * kBitsPerMegabit);
    }
    add("network_interface_link_losses_total", static_cast<double>(port.link_downs));
    if (port.kind == sysfs::PortKind::kBond) {
      const auto linked =
          std::count_if(port.slaves.begin(), port.slaves.end(), [&](const std::string& name) {
            const sysfs::NetPort* const slave = ports.Find(name);
            return slave && slave->link;
          });
      add("network_interface_bond_slaves", static_cast<double>(port.slaves.size()));
      add("network_interface_bond_slaves_with_link", static_cast<double>(linked));
    }
    if (!port.traffic) continue;
    const sysfs::Traffic& traffic = *port.traffic;
    add("network_interface_received_bytes_total", static_cast<double>(traffic.rx_bytes));
    add("network_interface_sent_bytes_total", static_cast<double>(traffic.tx_bytes));
    add("network_interface_received_packets_total", static_cast<double>(traffic.rx_packets));
    add("network_interface_sent_packets_total", static_cast<double>(traffic.tx_packets));
    add("network_interface_receive_errors_total", static_cast<double>(traffic.rx_errors));
    add("network_interface_send_errors_total", static_cast<double>(traffic.tx_errors));
    add("network_interface_receive_drops_total", static_cast<double>(traffic.rx_dropped));
    add("network_interface_send_drops_total", static_cast<double>(traffic.tx_dropped));
  }
}

Report Check(const Inputs& in) {
  Report report;
  report.states.emplace_back();  // the main state stands first; it is known last
  Findings findings;
  std::vector<Fault> faults = OpenFaults(in, kFaultRules);
  const auto& ports = in.Latest<sysfs::NetPorts>();
  AddUnreadable(report, "network-interface/ports", ports);
  if (ports) {
    DropHealed(*ports, faults);
    JudgeLinks(in, *ports, faults, report, findings);
    AddSamples(*ports, report);
  }
  AddFaults(faults, NameOf, findings);
  report.states.front() =
      findings.ToState("network-interface", "no network card has an open fault");
  if (ports) report.states.front().extra_info["data"] = ToJson(Describe(*ports));
  return report;
}

Support Supported(const Inputs& in) {
  const auto& ports = in.Latest<sysfs::NetPorts>();
  return ports ? Support{} : BusSupport(in, "fault of a network card");
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "network-interface",
    .tags = kTags,
    .needs = kNeeds,
    .needles = kNeedles,
    .metrics = kMetrics,
    .period = std::chrono::seconds(15),
    .clearable = true,
    .supported = Supported,
    .check = Check,
    .create_matcher = []() -> std::unique_ptr<LineMatcher> { return std::make_unique<Matcher>(); },
};

}  // namespace gpud::network_interface
