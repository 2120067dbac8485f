// SPDX-License-Identifier: Apache-2.0
#include "catalog/nvlink5.h"

#include <gtest/gtest.h>

namespace gpud::catalog {
namespace {

/// What a line leads to, for comparing.
struct Outcome {
  bool found = false;
  Nvlink5Layout layout = Nvlink5Layout::kR575;
  EventType severity = EventType::kUnknown;
  Advice immediate = Advice::kNone;
  Advice investigatory = Advice::kNone;

  bool operator==(const Outcome&) const = default;
};

Outcome Of(std::uint32_t xid, std::string_view unit, std::uint32_t intrinfo, std::uint32_t status,
           std::optional<bool> new_driver = {}) {
  const auto match = FindNvlink5(xid, unit, intrinfo, status, new_driver);
  if (!match) return {};
  return {true, match->layout, match->severity(), match->immediate(), match->row->investigatory};
}

constexpr auto kOld = Nvlink5Layout::kBeforeR575;
constexpr auto kNew = Nvlink5Layout::kR575;
constexpr auto kFatal = EventType::kFatal;
constexpr auto kWarning = EventType::kWarning;

TEST(Nvlink5, FindsTheRowsOfLinesFromRealLogs) {
  using enum Advice;
  // A blank status in the table means any: the original finds no rule for the second line.
  const Outcome alignment_loss{true, kOld, kFatal, kResetGpu, kInvestigateLink};
  EXPECT_EQ(Of(149, "NETIR_LINK_EVT", 0x004505c6, 0), alignment_loss);
  EXPECT_EQ(Of(149, "NETIR_LINK_EVT", 0x004505c6, 2), alignment_loss);
  EXPECT_EQ(FindNvlink5(149, "NETIR_LINK_EVT", 0x004505c6, 0)->row->link_down_code, 4);
  EXPECT_EQ(Of(149, "NETIR_LINK_EVT", 0x00a505c6, 0),
            (Outcome{true, kOld, kFatal, kResetGpu, kInvestigateLink}));
  EXPECT_EQ(Of(149, "NETIR_BER_EVENT", 0x00000226, 1),
            (Outcome{true, kOld, kWarning, kIgnore, kInvestigateLink}));
  EXPECT_EQ(Of(145, "RLW_REMAP", 0x00000004, 0x80000000),
            (Outcome{true, kNew, kWarning, kIgnore, kContactSupport}));
  EXPECT_EQ(Of(145, "RLW_REMAP", 0x00000004, 1),
            (Outcome{true, kNew, kWarning, kFollowRelatedEvent, kContactSupport}));
  EXPECT_EQ(Of(145, "RLW_SRC_TRACK", 0x00000007, 1),
            (Outcome{true, kNew, kFatal, kResetGpu, kContactSupport}));
  EXPECT_EQ(Of(144, "SAW_MVB", 0x00000001, 4), (Outcome{true, kNew, kWarning, kIgnore, kIgnore}));
  EXPECT_EQ(Of(150, "MSE_WATCHDOG", 0, 0),
            (Outcome{true, kNew, kFatal, kResetGpu, kContactSupport}));
}

TEST(Nvlink5, FindsNothingForAnotherUnitOrStatus) {
  EXPECT_FALSE(Of(145, "RLW_UNKNOWN", 0x00000007, 1).found);
  EXPECT_FALSE(Of(144, "SAW_MVB", 0x00000001, 0x12345678).found);
  EXPECT_FALSE(Of(147, "TREX_SRC", 0, 0).found);
  EXPECT_FALSE(Of(79, "SAW_MVB", 0x00000001, 4).found);
}

TEST(Nvlink5, TakesUnitsInAnyCaseAndWithDigits) {
  EXPECT_TRUE(Of(146, "tlw-rx_pipe0", 0x0000000a, 1).found);
  EXPECT_TRUE(Of(146, "TLW_RX", 0x00000143, 1).found);
  EXPECT_FALSE(Of(146, "TLW_RX_PIPE1", 0x0000000a, 1).found);
  // A unit's old name beside the new layout, and the other way round.
  EXPECT_EQ(FindNvlink5(146, "TLW_RX", 0x0000000b, 1)->row->unit_v2, "TLW_RX_PIPE1");
  EXPECT_EQ(FindNvlink5(146, "TLW_RX_PIPE1", 0x00000143, 1)->row->unit_v2, "TLW_RX_PIPE1");
  EXPECT_EQ(FindNvlink5(149, "NETIR_LINK_EVT", 0x00400011, 0)->row->link_down_code, 4);
}

TEST(Nvlink5, TellsEventsOfOneValueApartByTheUnit) {
  EXPECT_EQ(FindNvlink5(150, "MSE_WATCHDOG", 0, 0)->row->unit_v2, "MSE_WATCHDOG");
  EXPECT_EQ(FindNvlink5(150, "MSE_DEGRADED", 0, 0)->row->unit_v2, "MSE_DEGRADED");
  EXPECT_TRUE(Of(150, "MSE_DEGRADED", 0, 0xffffffff).found);
  EXPECT_FALSE(Of(150, "MSE_DEGRADED", 0, 1).found);
}

TEST(Nvlink5, APromotionBitTurnsTheActionIntoAReset) {
  using enum Advice;
  EXPECT_EQ(Of(145, "RLW_RXPIPE", 0x00000006, 2),
            (Outcome{true, kNew, kWarning, kIgnore, kContactSupport}));
  EXPECT_EQ(Of(145, "RLW_RXPIPE", 0x00000086, 2),
            (Outcome{true, kNew, kFatal, kResetGpu, kContactSupport}));
  EXPECT_TRUE(FindNvlink5(145, "RLW_RXPIPE", 0x000004c2, 2)->promoted);
  EXPECT_FALSE(FindNvlink5(145, "RLW_RXPIPE", 0x000000c2, 2)->promoted);
  // Status 8 is not promotable: its pattern leaves the bit open.
  EXPECT_FALSE(FindNvlink5(145, "RLW_RXPIPE", 0x00000086, 8)->promoted);
}

TEST(Nvlink5, TheDriversVersionOnlySaysWhichLayoutIsTriedFirst) {
  EXPECT_EQ(Of(150, "MSE_WATCHDOG", 0, 0, false).layout, kOld);
  EXPECT_EQ(Of(150, "MSE_WATCHDOG", 0, 0, true).layout, kNew);
  EXPECT_EQ(Of(149, "NETIR_LINK_EVT", 0x004505c6, 0, true).layout, kOld);
}

TEST(Nvlink5, NoLineFitsRowsOfBothLayoutsButThoseOfTheManagementEngine) {
  for (const Nvlink5Row& row : AllNvlink5Rows()) {
    for (const bool new_driver : {false, true}) {
      const auto by_new =
          FindNvlink5(row.xid, row.unit_v2, row.value_v2, row.error_status, new_driver);
      const auto by_old =
          FindNvlink5(row.xid, row.unit_v1, row.value_v1, row.error_status, new_driver);
      ASSERT_TRUE(by_new && by_old) << row.xid << ' ' << row.unit_v2.view();
      if (row.xid == 150) continue;
      EXPECT_EQ(by_new->layout, kNew) << row.xid << ' ' << row.unit_v2.view();
      EXPECT_EQ(by_new->row, &row) << row.xid << ' ' << row.unit_v2.view();
      EXPECT_EQ(by_old->layout, kOld) << row.xid << ' ' << row.unit_v1.view();
      EXPECT_EQ(by_old->immediate(), row.immediate) << row.xid << ' ' << row.unit_v1.view();
    }
  }
}

TEST(Nvlink5, RowsOfOneXidAreItsOwn) {
  EXPECT_EQ(Nvlink5RowsOf(149).size(), 31u);
  for (const Nvlink5Row& row : Nvlink5RowsOf(149)) EXPECT_EQ(row.xid, 149u);
  EXPECT_TRUE(Nvlink5RowsOf(79).empty());
}

}  // namespace
}  // namespace gpud::catalog
