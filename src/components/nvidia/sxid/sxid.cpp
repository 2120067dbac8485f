// SPDX-License-Identifier: Apache-2.0
// NVIDIA SXid: errors of the NVSwitches, up to Hopper.
#include <algorithm>
#include <array>

#include "catalog/catalog.h"
#include "components/fault_history.h"
#include "components/line_pattern.h"
#include "components/vendor_support.h"
#include "platform/text.h"

namespace gpud::nvidia_sxid {
namespace {

constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia",
                                      "accelerator-nvidia-error-sxid"};
constexpr std::string_view kNeedles[] = {"SXid ("};

/// "nvidia-nvswitch2: SXid (PCI:0000:09:00.0): 20034, Fatal, Link 30 LTSSM Fault Up (First)".
struct SxidLine {
  std::string code;  ///< as printed, five digits
  std::uint32_t number = 0;
  std::string device;
  std::string_view word;  ///< "Fatal", "Non-fatal", "Correctable"; empty when it has none
  std::string_view text;  ///< all behind the number
};

std::optional<SxidLine> Parse(std::string_view line) {
  LineFields fields;
  if (!MatchForm("SXid (PCI:<device:pci>): <code:n>, <text:*>", line, fields) &&
      !MatchForm("SXid (<device:pci>): <code:n>, <text:*>", line, fields)) {
    return std::nullopt;
  }
  const auto number = ParseNumber<std::uint32_t>(fields["code"]);
  if (!number) return std::nullopt;
  SxidLine parsed{.code = std::string(fields["code"]),
                  .number = *number,
                  .device = PciAddress(fields["device"]),
                  .text = Trim(fields["text"])};
  constexpr std::array<std::string_view, 4> kWords = {"Fatal", "Non-fatal", "Nonfatal",
                                                      "Correctable"};
  const std::string_view word = parsed.text.substr(0, parsed.text.find(','));
  if (std::find(kWords.begin(), kWords.end(), word) != kWords.end()) parsed.word = word;
  return parsed;
}

/// The driver prints two more records for most codes: their number is that of the error they are
/// about, and a log may begin with one.
bool IsDetail(std::string_view text) {
  return text.starts_with("Severity ") || text.starts_with("Data {");
}

/// The word in the line is stronger than the table, which cannot know what the switch contained.
void ApplyWord(std::string_view word, LineFinding& finding) {
  if (word == "Fatal" && finding.severity != EventType::kFatal) {
    finding.severity = EventType::kFatal;
    if (finding.action == Advice::kIgnore || finding.action == Advice::kNone) {
      finding.action = Advice::kResetGpu;
      finding.follow_up = Advice::kInvestigateLink;
    }
  } else if (word == "Correctable") {
    finding.severity = std::min(finding.severity, EventType::kWarning);
    finding.action = Advice::kIgnore;
  } else if (word.starts_with("Non") && finding.severity == EventType::kFatal) {
    finding.severity = EventType::kWarning;
    finding.follow_up = finding.action;
    finding.action = Advice::kIgnore;
  } else if (word.starts_with("Non") && finding.severity == EventType::kInfo &&
             finding.action == Advice::kContactSupport) {
    finding.severity = EventType::kWarning;  // enumerated, and yet it was printed
  }
}

class Matcher final : public LineMatcher {
 public:
  void OnLine(const KernelLine& line, LineSink& sink) override {
    const auto sxid = Parse(line.text);
    if (!sxid || IsDetail(sxid->text)) return;
    const catalog::Verdict verdict = catalog::SiteCatalog().SxidVerdict(sxid->number);
    LineFinding finding{
        .family = "sxid",
        .event = "error_sxid",
        .code = sxid->code,
        .severity = verdict.severity,
        .action = verdict.action,
        .follow_up = verdict.follow_up,
        .device = sxid->device,
        .message = "SXid " + sxid->code + " on " + sxid->device + ": " + std::string(sxid->text),
        .details = {{"sxid", sxid->code}}};
    if (!verdict.overridden) ApplyWord(sxid->word, finding);
    LineFields fields;
    if (MatchForm("Link <link:n>", sxid->text, fields)) {
      finding.details["link"] = fields["link"];
      finding.part = "link " + std::string(fields["link"]);
    }
    if (const auto* row = catalog::FindSxid(sxid->number))
      finding.details["unit"] = row->unit.view();
    sink.Add(std::move(finding));
  }
};

std::string NameOf(const Fault& fault) { return "SXid " + fault.code; }

Report Check(const Inputs& in) {
  return {.states = {FaultState(in, "error_sxid", "no open SXid", NameOf)}};
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "accelerator-nvidia-error-sxid",
    .tags = kTags,
    .needs = kVendorNeeds,
    .needles = kNeedles,
    .period = std::chrono::seconds(30),
    .clearable = true,
    .supported = [](const Inputs& in) { return VendorSupport(in, kNvidia, "SXid"); },
    .check = Check,
    .create_matcher = []() -> std::unique_ptr<LineMatcher> { return std::make_unique<Matcher>(); },
};

}  // namespace gpud::nvidia_sxid
