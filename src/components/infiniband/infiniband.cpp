// SPDX-License-Identifier: Apache-2.0
// NVIDIA InfiniBand: are the ports of NVIDIA's (Mellanox's) network cards up, and what do their
// drivers say of power, heat, cables and firmware? Ethernet links are told by network-interface.
#include "sources/sysfs/infiniband.h"

#include <map>
#include <set>
#include <utility>

#include "components/component.h"
#include "components/fault_history.h"
#include "components/infiniband/mlx_lines.h"
#include "components/infiniband/ports.h"
#include "components/line_device.h"
#include "components/vendor_support.h"
#include "sources/nvml/devices.h"

namespace gpud::infiniband {

void JudgeIssue(const LineFields& fields, std::string_view, LineFinding& finding) {
  // As of syslog: 0 emergency, 1 alert, 2 critical, 3 error.
  constexpr std::string_view kFatal = "012";
  const std::string_view severity = fields["severity"];
  if (kFatal.find(severity) != std::string_view::npos) finding.severity = EventType::kFatal;
  if (severity > "3") finding.severity = EventType::kWarning;
  if (fields["issue"] != "High temperature") return;
  finding.event = finding.code = "high_temperature";
  finding.action = Advice::kCheckCooling;
  finding.follow_up = Advice::kNone;
}

void RequireMlx(const LineFields&, std::string_view line, LineFinding& finding) {
  if (line.find("mlx") == std::string_view::npos) finding.code.clear();
}

namespace {

constexpr std::string_view kTags[] = {"accelerator", "network", "infiniband", kName};
constexpr const SourceType* kNeeds[] = {&sysfs::kPci, &procfs::kModules, &sysfs::kRdma,
                                        &nvml::kDevices};
constexpr Vendor kMellanox{"Mellanox", 0x15b3, "mlx5_core"};
constexpr FaultRules kFaultRules{.recovery_closes_all = true};

constexpr std::string_view kStart = ": firmware version: ";
constexpr std::string_view kSyndrome = "synd 0x";

constexpr auto MakeNeedles() {
  std::array<std::string_view, std::size(kRules) + 2> needles{};
  for (std::size_t i = 0; i < std::size(kRules); ++i) needles[i] = kRules[i].needle;
  needles[std::size(kRules)] = kStart;
  needles[std::size(kRules) + 1] = kSyndrome;
  return needles;
}
constexpr auto kNeedles = MakeNeedles();

class Matcher final : public LineMatcher {
 public:
  void OnLine(const KernelLine& line, LineSink& sink) override {
    const std::string_view text = line.text;
    if (text.find(kStart) != std::string_view::npos) return OnStart(line);
    LineFinding finding = FindInTable("net", kRules, line);
    if (finding.code.empty()) return OnSyndrome(text, sink);
    if (finding.device.empty()) finding.device = PciAddressIn(text);
    if (finding.code == kUnplugged || finding.code == kPlugged) {
      if (!IsNews(finding, line.time)) return;
    }
    if (finding.code == kLinkDown || finding.code == kLinkUp) {
      if (!IsLinkNews(finding, line)) return;
    }
    if (const auto value = finding.details.find("assert_var"); value != finding.details.end()) {
      // The registers stand behind the line that says what is wrong.
      if (finding.device == ill_ && line.time - ill_since_ <= kOneReport) {
        return sink.Detail("assert_var", value->second);
      }
    }
    if (finding.code == kFirmwareError || finding.code == kHealthCompromised ||
        finding.code == kFatalError) {
      ill_ = finding.device;
      ill_since_ = line.time;
    }
    sink.Add(std::move(finding));
  }

 private:
  using Module = std::pair<std::string, std::string>;  // device and its number; a port likewise
  static constexpr std::chrono::seconds kOneReport{5};
  static constexpr std::chrono::seconds kOneStart{120};
  static constexpr std::size_t kMost = 256;  // bounds what is remembered

  void OnStart(const KernelLine& line) {
    if (started_.size() >= kMost) started_.clear();
    started_[PciAddressIn(line.text)] = line.time;
  }

  bool HasJustStarted(const std::string& device, WallTime time) const {
    const auto start = started_.find(device);
    return start != started_.end() && time - start->second <= kOneStart;
  }

  /// A driver that starts tells of every cage, also of those that never had a cable.
  bool IsNews(const LineFinding& finding, WallTime time) {
    const auto number = finding.details.find("module");
    Module module(finding.device, number == finding.details.end() ? "" : number->second);
    if (finding.code == kPlugged) return unplugged_.erase(module) > 0;
    if (HasJustStarted(finding.device, time)) return false;
    if (unplugged_.size() < kMost) unplugged_.insert(std::move(module));
    return true;
  }

  /// A link that comes up is news only after it went down, and a card that starts has none yet.
  bool IsLinkNews(const LineFinding& finding, const KernelLine& line) {
    Module port(finding.device, finding.details.at("port"));
    if (finding.code == kLinkUp) return down_.erase(port) > 0;
    if (HasJustStarted(PciAddressIn(line.text), line.time)) return false;
    if (down_.size() < kMost) down_.insert(std::move(port));
    return true;
  }

  void OnSyndrome(std::string_view text, LineSink& sink) const {
    LineFields fields;
    if (ill_.empty() || text.find(ill_) == std::string_view::npos ||
        !MatchForm("synd <syndrome:x>: <issue:*>", text, fields)) {
      return;
    }
    sink.Detail("syndrome", std::string(fields["syndrome"]));
    sink.Detail("issue", std::string(fields["issue"]));
  }

  std::map<std::string, WallTime> started_;
  std::set<Module> unplugged_;
  std::set<Module> down_;  // links
  std::string ill_;        // the device that has told last that it is
  WallTime ill_since_{};
};

constexpr std::pair<std::string_view, std::string_view> kNames[] = {
    {"cable_error", "a bad cable or module"},
    {kLinkDown, "a link is down"},
    {"high_temperature", "a network card is too hot"},
    {kHealthCompromised, "the health of a network card is compromised"},
    {kFirmwareError, "the firmware of a network card has failed"},
    {kFatalError, "the firmware of a network card has failed for good"},
    {"health_recovery_failed", "a network card did not recover"},
    {"device_lost", "a network card does not answer"},
    {"init_failed", "the driver could not initialise a network card"},
    {"firmware_not_ready", "the firmware of a network card does not start"},
    {"command_timeout", "the firmware of a network card does not answer commands"},
};

std::string NameOf(const Fault& fault) {
  for (const auto& [code, name] : kNames) {
    if (code == fault.code) return std::string(name);
  }
  return fault.code;
}

Report Check(const Inputs& in) {
  Report report;
  report.states.emplace_back();  // the main state stands first; it is known last
  Findings findings;
  AddFaults(OpenFaults(in, kFaultRules), NameOf, findings);
  std::string data;
  JudgePorts(in, report, findings, data);
  report.states.front() = findings.ToState(kName, "no port is missing, no card has an open fault");
  if (!data.empty()) report.states.front().extra_info["data"] = std::move(data);
  return report;
}

}  // namespace

extern constinit const ComponentType kType{
    .name = kName,
    .tags = kTags,
    .needs = kNeeds,
    .needles = kNeedles,
    .metrics = kMetrics,
    .period = std::chrono::seconds(30),
    .clearable = true,
    .supported =
        [](const Inputs& in) { return VendorSupport(in, kMellanox, "fault of a network card"); },
    .check = Check,
    .create_matcher = []() -> std::unique_ptr<LineMatcher> { return std::make_unique<Matcher>(); },
};

}  // namespace gpud::infiniband
