// SPDX-License-Identifier: Apache-2.0
// Network interfaces: links that went down, cards that do not send, reset themselves or vanish.
#include <map>
#include <utility>

#include "components/bus_support.h"
#include "components/component.h"
#include "components/fault_history.h"
#include "components/network_interface/link_lines.h"
#include "components/network_interface/nic_lines.h"
#include "sources/sysfs/pci.h"

namespace gpud::network_interface {
namespace {

constexpr std::string_view kTags[] = {"network", "network-interface"};
constexpr const SourceType* kNeeds[] = {&sysfs::kPci};
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

Report Check(const Inputs& in) {
  return {.states = {FaultState(in, "network-interface", "no network card has an open fault",
                                NameOf, kFaultRules)}};
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "network-interface",
    .tags = kTags,
    .needs = kNeeds,
    .needles = kNeedles,
    .clearable = true,
    .supported = [](const Inputs& in) { return BusSupport(in, "fault of a network card"); },
    .check = Check,
    .create_matcher = []() -> std::unique_ptr<LineMatcher> { return std::make_unique<Matcher>(); },
};

}  // namespace gpud::network_interface
