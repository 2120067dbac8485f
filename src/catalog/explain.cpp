// SPDX-License-Identifier: Apache-2.0
#include "catalog/explain.h"

#include <algorithm>
#include <array>

#include "catalog/rules.h"
#include "platform/text.h"

namespace gpud::catalog {
namespace {

/// A cause as data/*.csv writes it, for a person; empty for "other".
std::string_view CauseText(std::string_view word) {
  static constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"HW", "hardware"},   {"user-app", "application"},        {"thermal", "heat"},
      {"bus", "PCIe bus"},  {"memory", "GPU memory"},           {"framebuffer", "GPU memory"},
      {"nvlink", "NVLink"}, {"system-memory", "system memory"}, {"system", "rest of the system"},
      {"other", ""}};
  for (const auto& [written, spoken] : kWords) {
    if (word == written) return spoken;
  }
  return word;
}

std::vector<std::string_view> Causes(const XidRow& row) {
  std::vector<std::string_view> causes;
  const auto add = [&causes](std::string_view word) {
    const std::string_view cause = CauseText(word);
    if (!cause.empty() && std::find(causes.begin(), causes.end(), cause) == causes.end()) {
      causes.push_back(cause);
    }
  };
  add(Word(row.category));
  for (const std::string_view word : Split(row.legacy_causes, '|')) add(word);
  return causes;
}

std::vector<std::string_view> Listed(std::string_view list, std::string_view separator) {
  std::vector<std::string_view> items;
  while (!list.empty()) {
    const std::size_t end = list.find(separator);
    items.push_back(list.substr(0, end));
    list.remove_prefix(end == list.npos ? list.size() : end + separator.size());
  }
  return items;
}

/// "fatal:REBOOT_SYSTEM+HARDWARE_INSPECTION" as "fatal: REBOOT_SYSTEM, HARDWARE_INSPECTION".
std::string GpudGoText(std::string_view peer) {
  if (peer == "unknown") return "not in its table";
  std::string text;
  for (const char c : peer) {
    if (c == ':') {
      text += ": ";
    } else if (c == '+') {
      text += ", ";
    } else {
      text += c;
    }
  }
  return text;
}

/// "RESET_GPU:fatal" as "fatal: RESET_GPU".
std::string NvSentinelText(std::string_view peer) {
  const std::size_t colon = peer.find(':');
  if (colon == peer.npos) return std::string(peer);
  return std::string(peer.substr(colon + 1)) + ": " + std::string(peer.substr(0, colon));
}

void AddPeer(std::vector<Peer>& peers, std::string_view tool, std::string says) {
  if (!says.empty()) peers.push_back({tool, std::move(says)});
}

std::vector<Peer> PeersOf(const XidRow& row) {
  std::string nvidia(row.nvidia_immediate_bucket);
  if (!row.nvidia_investigatory_bucket.empty() &&
      row.nvidia_investigatory_bucket != row.nvidia_immediate_bucket.view()) {
    nvidia += (nvidia.empty() ? "" : ", then ") + std::string(row.nvidia_investigatory_bucket);
  }
  std::vector<Peer> peers;
  AddPeer(peers, "NVIDIA catalog", std::move(nvidia));
  AddPeer(peers, "leptonai/gpud", GpudGoText(row.peer_gpud_go));
  AddPeer(peers, "AWS EKS", std::string(row.peer_aws_eks));
  AddPeer(peers, "DCGM health", std::string(row.peer_dcgm_health));
  AddPeer(peers, "Meta GCM", std::string(row.peer_meta_gcm));
  return peers;
}

std::string_view RebootText(const Verdict& verdict) {
  if (verdict.action == Advice::kRebootSystem) return "is the recovery";
  if (verdict.action == Advice::kDecodeNvlink5) return "depends on the line, see the NVLink 5 rows";
  if (verdict.reboot_worthy) return "is sound where the action is not possible or did not help";
  return "does not help, or is out of proportion";
}

/// What rows of both kinds have.
template <class Row>
Explanation Common(std::string_view kind, std::uint32_t code, const Row* row,
                   const Verdict& verdict) {
  Explanation out{.kind = kind, .code = code};
  out.meaning = "not in the catalogue; this site's own verdict";
  out.severity = SeverityWord(verdict.severity);
  out.action = Word(verdict.action);
  out.tenant = TenantText(verdict.action);
  out.operators = OperatorText(verdict.action);
  out.follow_up = Word(verdict.follow_up);
  if (verdict.follow_up != verdict.action) out.follow_up_text = OperatorText(verdict.follow_up);
  out.reboot_worthy = verdict.reboot_worthy;
  out.reboot = RebootText(verdict);
  if (verdict.overridden) out.replaced = Replaced{.note = verdict.note};
  if (!row) return out;
  out.name = row->mnemonic.view();
  out.meaning = row->meaning.view();
  out.confidence = Word(row->confidence);
  constexpr std::string_view kSources = "sources: ";
  std::string_view notes = row->notes;
  if (notes.starts_with(kSources)) {
    notes.remove_prefix(kSources.size());
    const std::size_t end = notes.find(". ");
    out.sources = notes.substr(0, end);
    notes = end == notes.npos ? std::string_view() : notes.substr(end + 2);
  }
  out.remark = notes;
  if (out.replaced) {
    out.replaced->severity = SeverityWord(row->severity);
    out.replaced->action = Word(row->immediate);
    out.replaced->follow_up = Word(row->investigatory);
  }
  return out;
}

std::string HexText(std::uint32_t number) {
  std::array<char, 8> digits{};
  digits.fill('0');
  for (auto digit = digits.rbegin(); number != 0; ++digit, number >>= 4) {
    *digit = "0123456789abcdef"[number & 15];
  }
  return "0x" + std::string(digits.data(), digits.size());
}

}  // namespace

std::string_view SeverityWord(EventType severity) {
  static constexpr std::string_view kWords[] = {"unknown", "info", "warning", "critical", "fatal"};
  return kWords[static_cast<std::size_t>(severity)];
}

LinkCase ExplainCase(const Nvlink5Row& row) {
  LinkCase out{.unit = row.unit_v2, .severity = SeverityWord(row.severity)};
  if (row.unit_v1 != row.unit_v2.view()) out.unit_before_r575 = row.unit_v1.view();
  out.error_status = row.any_error_status ? "any" : HexText(row.error_status);
  if (row.other_error_status != row.error_status) {
    out.error_status += " or " + HexText(row.other_error_status);
  }
  if (row.link_down_code) {
    out.link_down_reason =
        std::to_string(*row.link_down_code) + ' ' + std::string(row.link_down_reason);
  }
  out.action = Word(row.immediate);
  out.promoted_action = Word(row.promoted);
  out.follow_up = Word(row.investigatory);
  return out;
}

std::optional<Explanation> ExplainXid(std::uint32_t code, const Catalog& catalog) {
  const XidRow* row = FindXid(code);
  const Verdict verdict = catalog.XidVerdict(code);
  if (!row && !verdict.overridden) return std::nullopt;
  Explanation out = Common("Xid", code, row, verdict);
  if (!row) return out;
  out.causes = Causes(*row);
  out.products = Listed(row->applies_to, ";");
  out.xid154_follows = row->xid154_linked;
  out.peers = PeersOf(*row);
  for (const Nvlink5Row& link : Nvlink5RowsOf(code)) out.nvlink5.push_back(ExplainCase(link));
  return out;
}

std::optional<Explanation> ExplainSxid(std::uint32_t code, const Catalog& catalog) {
  const SxidRow* row = FindSxid(code);
  const Verdict verdict = catalog.SxidVerdict(code);
  if (!row && !verdict.overridden) return std::nullopt;
  Explanation out = Common("SXid", code, row, verdict);
  if (!row) return out;
  out.unit = row->unit.view();
  out.sxid_class = Word(row->sxid_class);
  out.impact = row->impact.view();
  out.recovery = row->recovery.view();
  out.log_texts = Listed(row->driver_log_text, " ;; ");
  AddPeer(out.peers, "leptonai/gpud", GpudGoText(row->peer_gpud_go));
  AddPeer(out.peers, "NVSentinel", NvSentinelText(row->peer_nvsentinel));
  return out;
}

}  // namespace gpud::catalog
