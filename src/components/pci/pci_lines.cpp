// SPDX-License-Identifier: Apache-2.0
#include "components/pci/pci_lines.h"

#include "components/line_device.h"
#include "platform/text.h"

namespace gpud::pci {
namespace {

std::string_view WithoutPrefix(std::string_view hex) {
  return hex.starts_with("0x") ? hex.substr(2) : hex;
}

}  // namespace

void JudgeBandwidth(const LineFields& fields, std::string_view, LineFinding& finding) {
  const auto available = ParseNumber<double>(fields["available"]);
  const auto capable = ParseNumber<double>(fields["capable"]);
  // Virtual functions have no link of their own: they read as 0 Gb/s.
  if (!available || !capable || *available <= 0 || *available >= *capable) finding.code.clear();
}

void TakeRequester(const LineFields& fields, std::string_view, LineFinding& finding) {
  finding.device = PciAddress(std::string(WithoutPrefix(fields["bus"])) + ':' +
                              std::string(WithoutPrefix(fields["slot"])) + '.' +
                              std::string(fields["function"]));
  for (const char* name : {"bus", "slot", "function"}) finding.details.erase(name);
}

void JudgeAmdEvent(const LineFields& fields, std::string_view line, LineFinding& finding) {
  LineFields named;
  if (MatchForm("device=<device:pci>", line, named)) finding.device = PciAddress(named["device"]);
  const std::string_view kind = fields["kind"];
  if (!kind.ends_with("HARDWARE_ERROR") && !kind.ends_with("TIMEOUT")) return;
  finding.code = kIommuHardware;
  finding.event = kIommuHardware;
  finding.severity = EventType::kCritical;
  finding.action = Advice::kHardwareInspection;
  finding.follow_up = Advice::kNone;
}

}  // namespace gpud::pci
