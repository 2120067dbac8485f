// SPDX-License-Identifier: Apache-2.0
#include "tools/catalog/contradictions.h"

#include <bit>
#include <set>

#include "catalog/rules.h"
#include "platform/text.h"
#include "tools/catalog/columns.h"

namespace gpud::tools {
namespace {

/// One row, its fields read by name.
struct Row {
  const CsvTable& table;
  std::size_t index;
  Problems& problems;

  std::string_view At(std::string_view column) const { return table.At(index, column); }
  std::uint32_t Number(std::string_view column) const {
    return ParseNumber<std::uint32_t>(At(column)).value_or(0);
  }
  std::uint32_t Hex(const std::string& column) const { return ParseHex(At(column)).value_or(0); }
  Advice Action(std::string_view column) const {
    Advice advice{};
    ParseWord(At(column), advice);
    return advice;
  }
  EventType Severity() const {
    EventType severity{};
    catalog::ParseSeverity(At("severity"), severity);
    return severity;
  }
  void Complain(std::string_view column, std::string_view what) const {
    if (what.empty()) return;
    problems.push_back(table.Place(index) + std::string(column) + ": " + std::string(what));
  }
};

template <class Check>
void ForEachRow(const CsvTable& table, Problems& problems, Check check) {
  for (std::size_t i = 0; i < table.rows.size(); ++i) check(Row{table, i, problems});
}

void CheckVerdict(const Row& row) {
  const Advice action = row.Action("immediate_action");
  row.Complain("immediate_action", catalog::Contradiction(row.Severity(), action));
  row.Complain("reboot_worthy", catalog::RebootContradiction(row.Severity(), action,
                                                             row.At("reboot_worthy") == "y"));
}

void CheckOrder(const Row& row, std::string_view column) {
  if (row.index == 0) return;
  const Row before{row.table, row.index - 1, row.problems};
  if (row.Number(column) == before.Number(column)) {
    row.Complain(column, std::string(row.At(column)) + " stands twice");
  } else if (row.Number(column) < before.Number(column)) {
    row.Complain(column, std::string(row.At(column)) + " must stand before " +
                             std::string(before.At(column)));
  }
}

/// Pattern, mask, value, link-down code and promotion bit of one layout.
void CheckLayout(const Row& row, const std::string& version) {
  std::uint32_t mask = 0, value = 0;
  for (const char c : row.At("intrinfo_pattern_" + version)) {
    mask = mask << 1 | (c == '-' ? 0 : 1);
    value = value << 1 | (c == '1' ? 1 : 0);
  }
  if (row.Hex("intrinfo_mask_" + version) != mask) {
    row.Complain("intrinfo_mask_" + version, "is not what the pattern says");
  }
  if (row.Hex("intrinfo_value_" + version) & ~row.Hex("intrinfo_mask_" + version)) {
    row.Complain("intrinfo_value_" + version, "has bits outside the mask");
  } else if (row.Hex("intrinfo_value_" + version) != value) {
    row.Complain("intrinfo_value_" + version, "is not what the pattern says");
  }
  constexpr std::uint32_t kLinkDownShift = 20, kLinkDownMask = 0x3f;
  if (!row.At("link_down_code").empty() &&
      (value >> kLinkDownShift & kLinkDownMask) != row.Number("link_down_code")) {
    row.Complain("link_down_code", "is not what bits 25:20 of the value say");
  }
  const std::string column = "promote_bit_" + version;
  const std::uint32_t bit = row.Hex(column);
  if (row.At(column).empty() != row.At("promoted_action").empty()) {
    row.Complain(column, "and promoted_action go together");
  } else if (!row.At(column).empty() &&
             (!std::has_single_bit(bit) || (mask & bit) == 0 || (value & bit) != 0)) {
    row.Complain(column, "must be one bit, which the pattern has as 0");
  }
}

void CheckNvlink5Verdict(const Row& row) {
  const Advice follow_up = row.Action("investigatory_action");
  const bool on_purpose =
      follow_up == Advice::kInvestigateSoftware || follow_up == Advice::kInvestigateHost;
  if (!on_purpose || row.Action("immediate_action") != Advice::kIgnore) CheckVerdict(row);
}

}  // namespace

void CheckXids(const CsvTable& xids, Problems& problems) {
  ForEachRow(xids, problems, [](const Row& row) {
    CheckOrder(row, "code");
    CheckVerdict(row);
  });
}

void CheckSxids(const CsvTable& sxids, Problems& problems) {
  ForEachRow(sxids, problems, [](const Row& row) {
    CheckOrder(row, "sxid");
    CheckVerdict(row);
    const std::string_view sxid_class = row.At("class");
    if ((sxid_class == "fatal" || sxid_class == "always-fatal") &&
        row.Severity() != EventType::kFatal) {
      row.Complain("class", std::string(sxid_class) + ", yet the severity is " +
                                std::string(row.At("severity")));
    }
  });
}

void CheckNvlink5(const CsvTable& rows, const CsvTable& xids, Problems& problems) {
  std::set<std::string_view> codes;
  for (std::size_t i = 0; i < xids.rows.size(); ++i) codes.insert(xids.At(i, "code"));
  std::set<std::vector<std::string_view>> seen;
  ForEachRow(rows, problems, [&](const Row& row) {
    if (!codes.contains(row.At("xid"))) row.Complain("xid", "is not in " + xids.file);
    if (row.index > 0 && row.Number("xid") < Row{rows, row.index - 1, problems}.Number("xid")) {
      row.Complain("xid", "rows of one Xid must stand together, in the order of the Xids");
    }
    CheckLayout(row, "v1");
    CheckLayout(row, "v2");
    if ((row.At("error_status_match") == "any") != row.At("error_status").empty()) {
      row.Complain("error_status_match", "is \"any\" where error_status is empty, else \"exact\"");
    }
    CheckNvlink5Verdict(row);
    if (!seen.insert({row.At("xid"), row.At("unit_v2"), row.At("intrinfo_pattern_v2"),
                      row.At("error_status")})
             .second) {
      row.Complain("error_status", "the row stands twice");
    }
  });
}

}  // namespace gpud::tools
