// SPDX-License-Identifier: Apache-2.0
#include "components/nvidia/xid/xid_words.h"

#include <algorithm>
#include <initializer_list>

#include "catalog/nvlink5.h"
#include "components/line_pattern.h"
#include "components/nvidia/xid/nvlink_registers.h"
#include "platform/text.h"

namespace gpud::nvidia_xid {
namespace {

bool HoldsAny(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(), [&](auto part) { return Holds(text, part); });
}

/// Keeps the form's fields as details; false when the text has not this form.
bool Keep(std::string_view form, const XidLine& line, LineFinding& finding) {
  LineFields fields;
  if (!MatchForm(form, line.text, fields)) return false;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    finding.details.insert_or_assign(std::string(fields.name(i)), std::string(fields.value(i)));
  }
  return true;
}

void Judge(LineFinding& finding, EventType severity, Advice action,
           Advice follow_up = Advice::kNone) {
  finding.severity = severity;
  finding.action = action;
  finding.follow_up = follow_up;
}

void ReadException(const XidLine& line, LineFinding& finding) {
  Keep("(GPC <gpc:n>, TPC <tpc:n>, SM <sm:n>)", line, finding);
}

void ReadMmuFault(const XidLine& line, LineFinding& finding) {
  Keep("ENGINE <engine:w>", line, finding);
  Keep("Fault is of type <fault:w> <access:w>", line, finding);
}

void ReadCause(const XidLine& line, LineFinding& finding) {
  Keep("caused by previous Xid <caused_by:n>", line, finding);
}

// 64: recording a remapped row (Ampere and later) or a retired page (before) failed.
void ReadRemapFailure(const XidLine& line, LineFinding& finding) {
  if (HoldsAny(line.text, {"already pending", "already been remapped", "due to pending"})) {
    Judge(finding, EventType::kCritical, Advice::kResetGpu);
  } else if (HoldsAny(line.text,
                      {"All reserved rows", "table is full", "no more spare", "No more spare",
                       "no spare", "HW limit reached", "full inforom"})) {
    Judge(finding, EventType::kFatal, Advice::kResetGpu, Advice::kHardwareInspection);
  }
}

void ReadNvlink(const XidLine& line, LineFinding& finding) {
  Keep("link <link:n>", line, finding);
  Keep("to remote PCI:<remote:pci>", line, finding);
  if (line.code != 74) return;  // 136 has words of its own in brackets
  const auto verdict = JudgeRegisters(line.text);
  if (!verdict) return;
  finding.details["registers"] = verdict->what;
  Judge(finding, verdict->severity, verdict->action, verdict->follow_up);
}

// 94, 95: "Contained: SM (0x1). RST: No, D-RST: Yes"; D-RST is "drain and reset".
void ReadContainment(const XidLine& line, LineFinding& finding) {
  Keep("ontained: <location:w>", line, finding);
  if (!HoldsAny(line.text, {"RST: Yes", "RST: yes"})) return;
  finding.action = Advice::kResetGpu;
  finding.follow_up = Advice::kRunFieldDiagnostics;
}

void ReadGsp(const XidLine& line, LineFinding& finding) {
  Keep("imeout after <seconds:n>s of waiting", line, finding);
  Keep("Expected function <function:n> (<function_name:*>)", line, finding);
  Keep("sequence <rpc_sequence:n>", line, finding);
  Keep("cause:<cause:x>", line, finding);
  Keep("pc:<pc:x>", line, finding);
  Keep("task:<*><task:n>", line, finding);
}

/// The unit's name, as the table has it; drivers print "MSE degraded", too.
std::string UnitOf(std::string_view text) {
  if (const std::size_t comma = text.rfind(','); comma != std::string_view::npos) {
    text.remove_prefix(comma + 1);  // of a process's name
  }
  std::string unit(Trim(text));
  for (char& c : unit) {
    if (c == ' ') c = '_';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return unit;
}

// 144 to 150: "UNIT Fatal|Nonfatal XC0 i0 Link 08 (INTRINFO STATUS ...)"; without a decode group
// the words are all there is.
void ReadNvlink5(const XidLine& line, LineFinding& finding) {
  LineFields words;
  const bool known_form = MatchForm("<word:w> XC<*>i<*>Link <link:n>", line.text, words);
  const bool fatal = known_form && ToLower(words["word"]) == "fatal";
  const bool nonfatal = known_form && ToLower(words["word"]).starts_with("non");
  if (!fatal && !nonfatal) {
    if (finding.action == Advice::kDecodeNvlink5) finding.action = Advice::kContactSupport;
    if (finding.follow_up == Advice::kDecodeNvlink5) finding.follow_up = Advice::kNone;
    return;
  }
  const auto start = static_cast<std::size_t>(words["word"].data() - line.text.data());
  const std::string unit = UnitOf(line.text.substr(0, start));
  if (!unit.empty()) finding.code += "." + unit;
  finding.details.insert_or_assign("unit", unit);
  finding.details.insert_or_assign("link", std::string(words["link"]));
  finding.severity = fatal ? EventType::kFatal : EventType::kWarning;
  finding.action = Advice::kContactSupport;
  finding.follow_up = Advice::kNone;
  LineFields fields;
  if (!MatchForm("Link <*>(<intrinfo:x> <status:x>", line.text, fields)) return;
  const auto hex = [&](std::string_view name) {
    std::string_view digits = fields[name];
    if (digits.starts_with("0x")) digits.remove_prefix(2);
    return ParseNumber<std::uint32_t>(digits, 16).value_or(0);
  };
  const std::uint32_t intrinfo = hex("intrinfo");
  for (const std::string_view name : {"intrinfo", "status"}) {
    finding.details.insert_or_assign(std::string(name), std::string(fields[name]));
  }
  const auto match = catalog::FindNvlink5(line.code, unit, intrinfo, hex("status"));
  if (!match) return;
  finding.action = match->immediate();
  finding.follow_up = match->row->investigatory;
  // The table leaves a few fatal ones to the table's reader.
  if (fatal && finding.action == Advice::kIgnore) finding.action = Advice::kContactSupport;
  if (!match->row->link_down_reason.empty()) {
    finding.details["link_down_reason"] = match->row->link_down_reason.view();
  }
}

// 154: "GPU recovery action changed from 0x0 (None) to 0x2 (Node Reboot Required)".
void ReadRecoveryAction(const XidLine& line, LineFinding& finding) {
  if (!Keep("from <from:x> (<*>) to <recovery_action:x> (<recovery:*>)", line, finding)) return;
  std::string_view digits = finding.details["recovery_action"];
  if (digits.starts_with("0x")) digits.remove_prefix(2);
  switch (ParseNumber<unsigned>(digits, 16).value_or(99)) {
    case 0:  // None
      finding.clears = true;
      return Judge(finding, EventType::kInfo, Advice::kIgnore);
    case 1:  // GPU Reset Required
    case 4:  // Drain and Reset
    case 6:  // Bus Reset
      return Judge(finding, EventType::kFatal, Advice::kResetGpu);
    case 2:  // Node Reboot Required
    case 7:  // System Reboot
      return Judge(finding, EventType::kFatal, Advice::kRebootSystem);
    case 3:  // Drain P2P: end the programs that use peer-to-peer
      return Judge(finding, EventType::kCritical, Advice::kRestartApplication, Advice::kResetGpu);
    case 5:  // Recover IMEX Domain
      return Judge(finding, EventType::kCritical, Advice::kRestartFabricManager);
    default:
      return Judge(finding, EventType::kCritical, Advice::kContactSupport);
  }
}

void ReadRetirement(const XidLine& line, LineFinding& finding) {
  Keep("etiring <retired:w> <retired_number:w>", line, finding);
  if (line.code == 157 && HoldsAny(line.text, {"no more spare", "No more spare"})) {
    finding.details["spares"] = "none left";
  }
}

}  // namespace

void ReadWords(const XidLine& line, LineFinding& finding) {
  if (!Keep("Ch <channel:x>", line, finding)) Keep("channel <channel:x>", line, finding);
  switch (line.code) {
    case 13:
      return ReadException(line, finding);
    case 31:
      return ReadMmuFault(line, finding);
    case 45:
      return ReadCause(line, finding);
    case 64:
      return ReadRemapFailure(line, finding);
    case 74:
    case 136:
      return ReadNvlink(line, finding);
    case 94:
    case 95:
      return ReadContainment(line, finding);
    case 119:
    case 120:
      return ReadGsp(line, finding);
    case 154:
      return ReadRecoveryAction(line, finding);
    case 156:
    case 157:
      return ReadRetirement(line, finding);
    default:
      if (line.code >= 144 && line.code <= 150) ReadNvlink5(line, finding);
  }
}

}  // namespace gpud::nvidia_xid
