// SPDX-License-Identifier: Apache-2.0
#include "components/pcie_aer/aer_matcher.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "components/line_device.h"
#include "components/line_pattern.h"
#include "components/pcie_aer/aer_bits.h"
#include "platform/text.h"

namespace gpud::pcie_aer {
namespace {

constexpr auto kNone = std::string_view::npos;
// The lines of a report are printed at once; much passes only where the console is slow.
constexpr std::chrono::seconds kOneReport{60};

/// "00e8" -> "00:1d.0": bus, and device and function packed into one byte; in the port's domain.
std::string FromSourceId(std::uint16_t id, std::string_view port) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), ":%02x:%02x.%x", id >> 8, (id >> 3) & 0x1f, id & 7);
  const std::size_t end = port.find(':');
  return std::string(end == kNone ? "0000" : port.substr(0, end)) + text.data();
}

/// Of a text such as "Multiple Uncorrectable (Non-Fatal)"; kernels say Corrected or Correctable.
std::string_view CodeOf(std::string_view severity) {
  if (Holds(severity, "Non-Fatal")) return kNonFatal;
  if (Holds(severity, "Fatal")) return kFatal;
  return Holds(severity, "Correct") ? kCorrectable : std::string_view();
}

LineFinding Make(std::string_view code, std::string device, const KernelLine& line) {
  LineFinding finding{.family = "pci",
                      .event = code,
                      .code = std::string(code),
                      .severity = EventType::kFatal,
                      .action = Advice::kRebootSystem,
                      .follow_up = Advice::kHardwareInspection,
                      .device = std::move(device),
                      .message = std::string(line.text)};
  if (code == kCorrectable) {
    finding.severity = EventType::kInfo;
    finding.action = Advice::kIgnore;
    finding.follow_up = Advice::kInvestigateLink;
  } else if (code == kNonFatal || code == kDisconnected) {
    finding.severity = EventType::kCritical;
    finding.action = Advice::kHardwareInspection;
    finding.follow_up = Advice::kInvestigateLink;
  } else if (code == kRecoveryFailed) {
    finding.severity = EventType::kCritical;
  } else if (code == kRecovered) {
    finding.severity = EventType::kInfo;
    finding.action = Advice::kIgnore;
    finding.follow_up = Advice::kNone;
    finding.clears = true;
  }
  return finding;
}

/// What stands behind `name` up to `end`.
std::string_view Value(std::string_view text, std::string_view name, char end) {
  const std::size_t at = text.find(name);
  if (at == kNone) return {};
  text.remove_prefix(at + name.size());
  return text.substr(0, text.find(end));
}

/// "type=Physical Layer, id=00e5(Receiver ID)" or "type=Physical Layer, (Receiver ID)".
void Describe(std::string_view text, LineSink& sink) {
  const std::string_view layer = Value(text, "type=", ',');
  if (!layer.empty()) sink.Detail("layer", std::string(Trim(layer)));
  const std::size_t agent = text.rfind('(');
  if (agent != kNone && !layer.empty()) {
    sink.Detail("agent", std::string(Value(text.substr(agent), "(", ')')));
  }
}

}  // namespace

void AerMatcher::OnLine(const KernelLine& line, LineSink& sink) {
  const std::string_view text = line.text;
  const std::size_t aer = text.find("AER: ");
  if (aer != kNone && Holds(text.substr(aer), " received")) {
    return OnReceived(line, PciAddressIn(text.substr(0, aer)), text.substr(aer + 5), sink);
  }
  if (const std::size_t at = text.find("PCIe Bus Error: severity="); at != kNone) {
    return OnBusError(line, PciAddressIn(text.substr(0, at)), text.substr(at), sink);
  }
  for (const std::string_view status :
       {"aer_status: 0x", "aer_cor_status: 0x", "aer_uncor_status: 0x"}) {
    const std::size_t at = text.find(status);
    // A record of the firmware itself is for machine-check to tell.
    if (at == kNone || Holds(text, "[Hardware Error]")) continue;
    return OnFirmwareStatus(line, PciAddressIn(text.substr(0, at)), text.substr(at), sink);
  }
  if (AddDetail(line, sink)) return;
  if (aer != kNone) {
    return OnAer(line, PciAddressIn(text.substr(0, aer)), text.substr(aer + 5), sink);
  }
  if (const std::size_t at = text.find(kNoRecovery); at != kNone) {  // before Linux 5.2
    return Add(Make(kRecoveryFailed, PciAddressIn(text.substr(0, at)), line), sink);
  }
  if (const std::size_t at = text.find("DPC"); at != kNone) {
    return OnDpc(line, PciAddressIn(text.substr(0, at)), text.substr(at), sink);
  }
  if (const std::size_t at = text.find("EDR: EDR event received"); at != kNone) {
    const std::string port = PciAddressIn(text.substr(0, at));
    Add(Make(kDisconnected, port, line), sink);
    Announce({.device = port, .port = port, .time = line.time});
  }
}

void AerMatcher::OnAer(const KernelLine& line, std::string_view port, std::string_view text,
                       LineSink& sink) {
  // "device recovery failed", "Device recovery from fatal error failed", "link reset at upstream
  // device 0000:97:01.0 failed"
  const bool of_recovery = Holds(text, "ecovery ") || Holds(text, " reset ");
  if (text.starts_with(kNoRecovery) || (of_recovery && Trim(text).ends_with(" failed"))) {
    return Add(Make(kRecoveryFailed, std::string(port), line), sink);
  }
  if (!Holds(text, "ecovery ") || !Trim(text).ends_with(" successful")) return;
  // The port has the word; what has recovered is the device below it.
  const auto below = std::find_if(failed_below_.begin(), failed_below_.end(),
                                  [&](const auto& pair) { return pair.first == port; });
  Add(Make(kRecovered, below == failed_below_.end() ? std::string(port) : below->second, line),
      sink);
}

void AerMatcher::OnReceived(const KernelLine& line, std::string_view port, std::string_view text,
                            LineSink& sink) {
  const std::size_t at = text.find(" received");
  const std::string_view code = CodeOf(text.substr(0, at));
  if (code.empty()) return;
  std::string_view source = text.substr(at + 9);
  std::string device;
  if (const std::size_t id = source.find("id="); id != kNone) {
    const auto number = ParseNumber<std::uint16_t>(source.substr(id + 3, 4), 16);
    if (number) device = FromSourceId(*number, port);
  } else {
    device = PciAddressIn(source);
  }
  if (device.empty()) device = port;
  const bool multiple = text.starts_with("Multiple ");
  LineFinding finding = Make(code, device, line);
  if (multiple && code == kCorrectable) {
    finding.severity = EventType::kWarning;
    finding.action = Advice::kInvestigateLink;
    finding.follow_up = Advice::kNone;
  }
  Announce({.device = device, .port = std::string(port), .time = line.time, .multiple = multiple});
  if (code != kCorrectable) {
    std::erase_if(failed_below_, [&](const auto& pair) { return pair.first == port; });
    if (failed_below_.size() >= kMost) failed_below_.erase(failed_below_.begin());
    failed_below_.emplace_back(port, device);
  }
  Add(std::move(finding), sink);
}

void AerMatcher::OnBusError(const KernelLine& line, std::string device, std::string_view text,
                            LineSink& sink) {
  const std::string_view code = CodeOf(Value(text, "severity=", ','));
  if (code.empty()) return;
  if (Announced* report = FindAnnounced(device, line.time)) {
    if (report->device == device || !report->multiple) report->described = true;
    if (last_device_ != report->device) return;
    Describe(text, sink);
    if (report->device != device) sink.Detail("reporter", std::move(device));
    return;
  }
  // Nothing has announced it: the announcement was rate-limited, or another one was in its place.
  Add(Make(code, device, line), sink);
  Describe(text, sink);
}

void AerMatcher::OnFirmwareStatus(const KernelLine& line, std::string device, std::string_view text,
                                  LineSink& sink) {
  // "aer_status: 0x00001000, aer_mask: 0x00002000"
  const auto status = ParseNumber<std::uint32_t>(Value(text, "status: 0x", ','), 16);
  const auto mask = ParseNumber<std::uint32_t>(Value(text, "mask: 0x", ' '), 16);
  const std::uint32_t errors = status.value_or(0) & ~mask.value_or(0);
  if (errors == 0) return;
  const bool correctable =
      text.starts_with("aer_cor_") || (!text.starts_with("aer_uncor_") && IsCorrectable(errors));
  Add(Make(correctable ? kCorrectable : kNonFatal, std::move(device), line), sink);
  sink.Detail("errors", ErrorNames(errors, correctable));
}

void AerMatcher::OnDpc(const KernelLine& line, const std::string& port, std::string_view text,
                       LineSink& sink) {
  if (Holds(text, "containment event, status:")) {
    Add(Make(kContainment, port, line), sink);
    Announce({.device = port, .port = port, .time = line.time});
    std::erase_if(failed_below_, [&](const auto& pair) { return pair.first == port; });
    return;
  }
  // "software trigger" is somebody's test.
  for (const std::string_view reason :
       {"unmasked uncorrectable error detected", "ERR_NONFATAL detected", "ERR_FATAL detected",
        "RP PIO error detected", "reserved error detected", "ERR_NONFATAL received from",
        "ERR_FATAL received from"}) {
    if (Holds(text, reason)) return Add(Make(kContained, port, line), sink);
  }
}

bool AerMatcher::AddDetail(const KernelLine& line, LineSink& sink) {
  const std::string_view text = line.text;
  const bool of_last = !last_device_.empty() && Holds(text, last_device_);
  if (const std::string_view status = Value(text, "error status/mask=", '/'); !status.empty()) {
    const auto bits = ParseNumber<std::uint32_t>(status, 16);
    if (of_last && bits) sink.Detail("errors", ErrorNames(*bits, last_correctable_));
    return true;
  }
  if (const std::size_t at = text.find("TLP Header: "); at != kNone) {
    if (of_last) sink.Detail("tlp_header", std::string(Trim(text.substr(at + 12))));
    return true;
  }
  // "nvidia 0000:9b:00.0:    [ 0] RxErr                  (First)"
  const std::size_t end = text.find("] ");
  if (!of_last || end == kNone || text.rfind('[', end) == kNone) return false;
  std::string_view name = text.substr(end + 2);
  const std::size_t first = name.find("(First)");
  name = Trim(name.substr(0, first));
  sink.Detail(first == kNone ? "error" : "first_error", std::string(name));
  return true;
}

void AerMatcher::Announce(Announced report) {
  std::erase_if(announced_, [&](const Announced& old) { return old.device == report.device; });
  if (announced_.size() >= kMost) announced_.erase(announced_.begin());
  announced_.push_back(std::move(report));
}

// Lines of other devices may stand between the two, in any number.
AerMatcher::Announced* AerMatcher::FindAnnounced(const std::string& device, WallTime time) {
  const auto within = [&](const Announced& report, std::chrono::seconds most) {
    return time >= report.time && time - report.time <= most;
  };
  for (Announced& report : announced_) {
    // Of several errors the port describes its own as well; and what it says of the source of one
    // may be wrong ("received from 0000:00:00.0").
    const bool of_port = report.port == device && (report.multiple || !report.described);
    const bool fits = of_port || (report.device == device && !report.described);
    if (fits && within(report, kOneReport)) return &report;
  }
  // Where the source is wrong, the device behind the error may tell it just after, too.
  constexpr std::chrono::seconds kJustAfter{1};
  const auto wrong = std::find_if(announced_.rbegin(), announced_.rend(), [&](const auto& report) {
    return !report.described && !report.multiple && within(report, kJustAfter);
  });
  return wrong == announced_.rend() ? nullptr : &*wrong;
}

void AerMatcher::Add(LineFinding finding, LineSink& sink) {
  last_device_ = finding.device;
  last_correctable_ = finding.code == kCorrectable;
  sink.Add(std::move(finding));
}

}  // namespace gpud::pcie_aer
