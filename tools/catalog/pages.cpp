// SPDX-License-Identifier: Apache-2.0
#include "tools/catalog/pages.h"

#include <cstdio>

#include "catalog/explain.h"

namespace gpud::tools {
namespace {

using catalog::Explanation;
using Cells = std::vector<std::string>;

constexpr std::string_view kMade =
    "<!-- Made by `cmake --build build/release --target catalog_docs` from data/; do not edit. "
    "-->\n";

constexpr std::string_view kWords =
    "Severity: *fatal* = not usable until the action is done; *critical* = degraded, act at the "
    "next\n"
    "window; *warning* = one application, or a trend; *info* = no effect. The words of the actions "
    "are\n"
    "explained below the table. \"Reboot: yes\" = a reboot of the node is sound where the action "
    "is not\n"
    "possible or did not help.\n\n";

constexpr std::string_view kSite =
    "## A site's own verdicts\n\n"
    "`/etc/gpud/fault-catalog.yaml` (setting `fault_catalog`) changes severity and actions of a "
    "code,\n"
    "and may add codes (both `severity` and `action` are needed then). `gpud config check` checks "
    "it:\n"
    "unknown words are errors, and so are contradictions (fatal with no action, info with a "
    "reset).\n"
    "The daemon reads it at start.\n\n"
    "```yaml\n"
    "xid:\n"
    "  13: {severity: info, action: IGNORE_NO_ACTION_REQUIRED, note: students' kernels}\n"
    "  63: {follow_up: REBOOT_SYSTEM}\n"
    "sxid:\n"
    "  20034: {follow_up: HARDWARE_INSPECTION}\n"
    "```\n";

void AddRow(std::string& out, const Cells& cells) {
  for (const std::string& cell : cells) {
    out += "| ";
    for (const char c : cell) {
      if (c == '|' || c == '<' || c == '*') out += '\\';
      out += c;
    }
    out += cell.empty() ? "" : " ";
  }
  out += "|\n";
}

void AddHeader(std::string& out, const Cells& titles) {
  AddRow(out, titles);
  for (std::size_t i = 0; i < titles.size(); ++i) out += "|---";
  out += "|\n";
}

void AddActions(std::string& out) {
  out += "\n## Actions\n\n";
  AddHeader(out, {"Action", "As a tenant", "As an operator"});
  for (std::size_t i = 1; i < std::size(EnumWords<Advice>::kWords); ++i) {
    const auto advice = static_cast<Advice>(i);
    AddRow(out, {std::string(Word(advice)), std::string(TenantText(advice)),
                 std::string(OperatorText(advice))});
  }
  out += '\n';
}

/// What the other tools say, a column each.
void AddPeers(std::string& out, const std::vector<Explanation>& faults, const Cells& tools) {
  out += "\n## What other tools say\n\n";
  Cells titles{"Code"};
  titles.insert(titles.end(), tools.begin(), tools.end());
  AddHeader(out, titles);
  for (const Explanation& fault : faults) {
    Cells cells{std::to_string(fault.code)};
    for (const std::string& tool : tools) {
      std::string& cell = cells.emplace_back();
      for (const catalog::Peer& peer : fault.peers) {
        if (peer.tool == tool) cell = peer.says;
      }
    }
    AddRow(out, cells);
  }
}

/// "RESET_GPU, then HARDWARE_INSPECTION".
std::string Actions(std::string_view action, std::string_view follow_up) {
  std::string text(action);
  if (!follow_up.empty() && follow_up != action) text += ", then " + std::string(follow_up);
  return text;
}

std::string XidPage() {
  const catalog::Catalog plain;
  std::vector<Explanation> faults;
  for (const catalog::XidRow& row : catalog::AllXids()) {
    faults.push_back(*catalog::ExplainXid(row.code, plain));
  }
  std::string out =
      "# Xids\n\n" + std::string(kMade) +
      "\nThe error numbers that NVIDIA's driver writes into the kernel log "
      "(`NVRM: Xid (PCI:0000:3b:00): 79, ...`).\n`gpud xid 79` shows all that is known "
      "of one, `gpud xid --search WORD` finds one by its words.\nXid 144 to 150 are "
      "decoded by [their own table](nvlink5.md).\n\n" +
      std::string(kWords);
  AddHeader(out, {"Code", "Meaning", "Severity", "Action", "Reboot", "Remark"});
  for (const Explanation& fault : faults) {
    AddRow(out, {std::to_string(fault.code), std::string(fault.meaning),
                 std::string(fault.severity), Actions(fault.action, fault.follow_up),
                 fault.reboot_worthy ? "yes" : "", std::string(fault.remark)});
  }
  AddActions(out);
  out += kSite;
  AddPeers(out, faults, {"NVIDIA catalog", "leptonai/gpud", "AWS EKS", "DCGM health", "Meta GCM"});
  return out;
}

std::string SxidPage() {
  const catalog::Catalog plain;
  std::vector<Explanation> faults;
  for (const catalog::SxidRow& row : catalog::AllSxids()) {
    faults.push_back(*catalog::ExplainSxid(row.code, plain));
  }
  std::string out =
      "# SXids\n\n" + std::string(kMade) +
      "\nThe error numbers of NVIDIA's NVSwitch (`nvidia-nvswitch0: SXid "
      "(PCI:0000:c1:00.0): 20034, Fatal, Link 30 ...`),\nup to Hopper; Blackwell reports "
      "NVLink trouble as [Xid 144 to 150](nvlink5.md). The word in the line (Fatal,\n"
      "Non-fatal) is stronger than the severity here. `gpud sxid 20034` shows all that is "
      "known of one.\nThe words of severities and actions: [Xids](xid.md).\n\n";
  AddHeader(out, {"Code", "Unit", "Meaning", "Class", "Severity", "Action", "Impact"});
  for (const Explanation& fault : faults) {
    AddRow(out, {std::to_string(fault.code), std::string(fault.unit), std::string(fault.meaning),
                 std::string(fault.sxid_class), std::string(fault.severity),
                 Actions(fault.action, fault.follow_up), std::string(fault.impact)});
  }
  AddPeers(out, faults, {"leptonai/gpud", "NVSentinel"});
  return out;
}

std::string Nvlink5Page() {
  std::string out =
      "# NVLink 5: Xid 144 to 150\n\n" + std::string(kMade) +
      "\nThe line ends in a unit, a severity word, and hex words: `Xid (PCI:0018:01:00): 149, "
      "NETIR_LINK_EVT Fatal XC0 i0\nLink 08 (0x004505c6 0x00000000 ...)`. A row fits when the unit "
      "is "
      "its own, the first word under the mask is\nthe value, and the second is the error status. "
      "Drivers before R575 lay the first word out differently (mask\nand value in brackets); both "
      "are "
      "tried. The severity word in the line is stronger than the table's. Without a\nrow that word "
      "stands, with CONTACT_SUPPORT. \"Promoted\" is the action when the line's promotion bit is "
      "set.\nWords of actions: [Xids](xid.md).\n\n";
  AddHeader(out, {"Xid", "Unit (before R575)", "Mask and value (before R575)", "Error status",
                  "Link down", "Severity", "Action", "Here", "On connected GPUs"});
  char numbers[64];
  for (const catalog::Nvlink5Row& row : catalog::AllNvlink5Rows()) {
    const catalog::LinkCase link = catalog::ExplainCase(row);
    std::snprintf(numbers, sizeof numbers, "%08x %08x (%08x %08x)", row.mask_v2, row.value_v2,
                  row.mask_v1, row.value_v1);
    std::string unit(link.unit);
    if (!link.unit_before_r575.empty()) unit += " (" + std::string(link.unit_before_r575) + ')';
    std::string action = Actions(link.action, link.follow_up);
    if (!link.promoted_action.empty()) action += "; promoted " + std::string(link.promoted_action);
    AddRow(out, {std::to_string(row.xid), unit, numbers, link.error_status, link.link_down_reason,
                 std::string(link.severity), action, std::string(row.local_impact),
                 std::string(row.remote_impact)});
  }
  return out;
}

}  // namespace

std::vector<Page> CatalogPages() {
  return {{"xid.md", XidPage()}, {"sxid.md", SxidPage()}, {"nvlink5.md", Nvlink5Page()}};
}

}  // namespace gpud::tools
