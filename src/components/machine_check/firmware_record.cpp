// SPDX-License-Identifier: Apache-2.0
#include "components/machine_check/firmware_record.h"

#include "components/line_pattern.h"
#include "platform/text.h"

namespace gpud::machine_check {
namespace {

constexpr std::string_view kMark = "[Hardware Error]:";

struct Severity {
  std::string_view word;
  std::string_view code;
  EventType type;
  Advice action;
  Advice follow_up;
};
constexpr Severity kSeverities[] = {
    {"corrected", "cper_corrected", EventType::kInfo, Advice::kIgnore, Advice::kHardwareInspection},
    {"info", "cper_info", EventType::kInfo, Advice::kIgnore, Advice::kNone},
    {"informational", "cper_info", EventType::kInfo, Advice::kIgnore, Advice::kNone},
    {"recoverable", "cper_recoverable", EventType::kCritical, Advice::kHardwareInspection,
     Advice::kNone},
    {"fatal", "cper_fatal", EventType::kFatal, Advice::kHardwareInspection, Advice::kNone},
};

/// What of a record is kept, by the words in front of it.
constexpr std::pair<std::string_view, std::string_view> kDetails[] = {
    {"section_type: ", "section"},
    {"error_type: ", "error_type"},
    {"DIMM location: ", "dimm"},
    {"device_id: ", "pci_device"},
    {"physical_address: ", "address"},
    {"fru_text: ", "fru"},
    {"port_type: ", "port_type"},
    {"aer_uncor_status: ", "aer_uncorrected_status"},
    {"aer_cor_status: ", "aer_corrected_status"},
    {"node:", "place"},
};

}  // namespace

bool FirmwareRecords::OnLine(std::string_view text, LineSink& sink) {
  const std::size_t mark = text.find(kMark);
  if (mark == std::string_view::npos) return false;
  // Just in front of the mark: "{1}" or nothing.
  const std::string_view head = text.substr(0, mark);
  const std::size_t brace = head.ends_with('}') ? head.rfind('{') : std::string_view::npos;
  const std::string_view block = brace == std::string_view::npos ? "" : head.substr(brace);
  const std::string_view body = Trim(text.substr(mark + kMark.size()));
  constexpr std::string_view kSeverity = "event severity: ";
  if (body.starts_with(kSeverity)) {
    block_ = block;
    Open(Trim(body.substr(kSeverity.size())), sink);
    return true;
  }
  if (body.starts_with("Hardware error from APEI Generic Hardware Error Source")) {
    open_ = false;
    return true;
  }
  if (!open_ || block != block_) return !block.empty();
  for (const auto& [words, name] : kDetails) {
    if (!body.starts_with(words)) continue;
    const std::string_view value = name == "place" ? body : Trim(body.substr(words.size()));
    const std::string address = name == "pci_device" ? PciAddress(value) : std::string();
    if (name != "pci_device" || !address.empty()) {
      sink.Detail(name, address.empty() ? std::string(value) : address);
    }
    return true;
  }
  return true;
}

void FirmwareRecords::Open(std::string_view word, LineSink& sink) {
  for (const Severity& severity : kSeverities) {
    if (word != severity.word) continue;
    LineFinding finding{
        .family = "mce",
        .code = std::string(severity.code),
        .severity = severity.type,
        .action = severity.action,
        .follow_up = severity.follow_up,
        .message = "the firmware reports a hardware error, severity " + std::string(word)};
    if (previous_boot_ && block_.empty()) {
      finding.message += ", of the boot before";
      finding.part = "previous boot";
      finding.details["previous_boot"] = "true";
    }
    open_ = true;
    return sink.Add(std::move(finding));
  }
  open_ = false;
}

}  // namespace gpud::machine_check
