// SPDX-License-Identifier: Apache-2.0
#include "components/machine_check/machine_check_lines.h"

#include "components/line_pattern.h"
#include "components/machine_check/status_word.h"
#include "platform/text.h"

namespace gpud::machine_check {
namespace {

// Linux itself files heat under this number, which the component cpu tells of.
constexpr std::string_view kThermalBank = "128";

LineFinding Make(ErrorKind kind) {
  LineFinding finding{.family = "mce"};
  switch (kind) {
    case ErrorKind::kNone:
      break;
    case ErrorKind::kCorrected:
      finding.code = "mce_corrected";
      finding.severity = EventType::kInfo;
      finding.action = Advice::kIgnore;
      finding.follow_up = Advice::kHardwareInspection;
      finding.message = "a corrected machine check";
      break;
    case ErrorKind::kUncorrected:
      finding.code = "mce_uncorrected";
      finding.severity = EventType::kCritical;
      finding.action = Advice::kHardwareInspection;
      finding.message = "an uncorrected machine check";
      break;
    case ErrorKind::kFatal:
      finding.code = "mce_fatal";
      finding.severity = EventType::kFatal;
      finding.action = Advice::kHardwareInspection;
      finding.message = "a fatal machine check";
      break;
  }
  return finding;
}

/// drivers/edac/mce_amd.c says in words what the status says in bits.
struct Verdict {
  std::string_view words;
  ErrorKind kind;
};
constexpr Verdict kVerdicts[] = {
    {"Corrected error, no action required.", ErrorKind::kCorrected},
    {"Uncorrected, software restartable error.", ErrorKind::kUncorrected},
    {"Uncorrected, software containable error.", ErrorKind::kUncorrected},
    {"System Fatal error.", ErrorKind::kFatal},
};

}  // namespace

void MachineCheckMatcher::OnLine(const KernelLine& line, LineSink& sink) {
  std::string_view rest = line.text;
  std::string_view one;
  while (NextLine(rest, one)) OnOneLine(one, sink);
}

void MachineCheckMatcher::OnOneLine(std::string_view text, LineSink& sink) {
  if (text.find(kPreviousBoot) != std::string_view::npos) return firmware_.OnPreviousBoot();
  if (text.find(kStorm) != std::string_view::npos) {
    return Add({.family = "mce",
                .code = "mce_corrected_storm",
                .action = Advice::kHardwareInspection,
                .message = "a storm of corrected machine checks"},
               sink);
  }
  if (OnBank(text, sink)) return;
  const std::size_t mark = text.find(kHardware);
  if (mark == std::string_view::npos) return;
  const std::string_view body = Trim(text.substr(mark + kHardware.size()));
  if (OnVerdict(body, sink)) return;
  if (firmware_.OnLine(text, sink)) {
    open_ = false;
  } else if (open_) {
    OnDetail(body, sink);
  }
}

// "CPU 3: Machine Check: 0 Bank 7: 8c00004000010090", "... Machine Check Exception: 5 Bank ..."
bool MachineCheckMatcher::OnBank(std::string_view text, LineSink& sink) {
  LineFields fields;
  const bool found =
      MatchForm("CPU <cpu:n>: Machine Check: <x> Bank <bank:n>: <status:x>", text, fields) ||
      MatchForm("CPU <cpu:n>: Machine Check Exception: <x> Bank <bank:n>: <status:x>", text,
                fields);
  if (!found) return false;
  const auto status = ParseNumber<std::uint64_t>(fields["status"], 16);
  if (!status) return true;
  if (fields["bank"] == kThermalBank) return true;
  LineFinding finding = Make(KindOf(*status));
  if (finding.code.empty()) return true;
  finding.message += " of CPU " + std::string(fields["cpu"]);
  finding.part = "bank " + std::string(fields["bank"]);
  for (const std::string_view name : {"cpu", "bank", "status"}) {
    finding.details.emplace(name, fields[name]);
  }
  if (const std::string_view unit = UnitOf(*status); !unit.empty()) {
    finding.details.emplace("unit", unit);
  }
  if (Overflowed(*status)) finding.details.emplace("overflow", "true");
  Add(std::move(finding), sink);
  open_ = true;
  return true;
}

bool MachineCheckMatcher::OnVerdict(std::string_view body, LineSink& sink) {
  for (const Verdict& verdict : kVerdicts) {
    if (!body.starts_with(verdict.words)) continue;
    Add(Make(verdict.kind), sink);
    open_ = true;
    return true;
  }
  if (body.starts_with("Deferred error, no action required.")) {
    LineFinding deferred = Make(ErrorKind::kCorrected);
    deferred.code = "mce_deferred";
    deferred.severity = EventType::kWarning;
    deferred.message = "a machine check of data that is poisoned and not used yet";
    Add(std::move(deferred), sink);
    open_ = true;
    return true;
  }
  // "Machine check: Processor context corrupt": why the kernel will not go on.
  constexpr std::string_view kReason = "Machine check: ";
  if (body.starts_with(kReason) || body.starts_with("Fatal machine check") ||
      body.starts_with("Fatal local machine check")) {
    LineFinding fatal = Make(ErrorKind::kFatal);
    const std::string_view reason = body.substr(body.starts_with(kReason) ? kReason.size() : 0);
    fatal.message += ": " + std::string(reason);
    fatal.details.emplace("reason", reason);
    Add(std::move(fatal), sink);
    return true;
  }
  return false;
}

void MachineCheckMatcher::OnDetail(std::string_view body, LineSink& sink) {
  LineFields fields;
  if (MatchForm("PROCESSOR <processor:w> TIME <n> SOCKET <socket:n>", body, fields)) {
    sink.Detail("socket", std::string(fields["socket"]));
    open_ = false;
    return;
  }
  if (MatchForm("CPU:<cpu:n> (<*>) MC<bank:n>_STATUS[<flags:*>]: <status:x>", body, fields)) {
    for (const std::string_view name : {"cpu", "bank", "flags", "status"}) {
      sink.Detail(name, std::string(fields[name]));
    }
  } else if (MatchForm("ADDR <address:x>", body, fields) ||
             MatchForm("Error Addr: <address:x>", body, fields)) {
    sink.Detail("address", std::string(fields["address"]));
  } else if (MatchForm("Ext. Error Code: <n>, <what:*>", body, fields)) {
    sink.Detail("error", std::string(Trim(fields["what"])));
  } else if (body.starts_with("cache level: ")) {
    sink.Detail("access", std::string(body));
    open_ = false;  // the last line of a record
  }
}

void MachineCheckMatcher::Add(LineFinding finding, LineSink& sink) {
  open_ = false;
  firmware_.End();
  sink.Add(std::move(finding));
}

std::string FaultName(const Fault& fault) {
  if (fault.code == "mce_uncorrected") return "an uncorrected machine check";
  if (fault.code == "mce_fatal") return "a fatal machine check";
  if (fault.code == "cper_recoverable") return "the firmware reported an uncorrected error";
  if (fault.code == "cper_fatal") return "the firmware reported a fatal error";
  return fault.code;
}

}  // namespace gpud::machine_check
