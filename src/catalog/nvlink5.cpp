// SPDX-License-Identifier: Apache-2.0
#include "catalog/nvlink5.h"

#include <algorithm>

#include "catalog/tables.h"

namespace gpud::catalog {
namespace {

char Folded(char c) {
  if (c == '-') return '_';
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool SameUnit(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Folded(x) == Folded(y); });
}

/// Either name, in either layout: which driver began to print which is not known to the release.
bool UnitFits(const Nvlink5Row& row, std::string_view unit) {
  return SameUnit(unit, row.unit_v1) || SameUnit(unit, row.unit_v2);
}

bool StatusFits(const Nvlink5Row& row, std::uint32_t status) {
  return row.any_error_status || status == row.error_status || status == row.other_error_status;
}

/// What a row asks of intrinfo in one layout.
struct Pattern {
  std::uint32_t mask = 0;
  std::uint32_t value = 0;
  std::uint32_t promote_bit = 0;
};

Pattern PatternOf(const Nvlink5Row& row, Nvlink5Layout layout) {
  return layout == Nvlink5Layout::kR575 ? Pattern{row.mask_v2, row.value_v2, row.promote_bit_v2}
                                        : Pattern{row.mask_v1, row.value_v1, row.promote_bit_v1};
}

}  // namespace

std::span<const Nvlink5Row> AllNvlink5Rows() { return kNvlink5Table; }

std::span<const Nvlink5Row> Nvlink5RowsOf(std::uint32_t xid) {
  const auto& rows = kNvlink5Table;
  const auto first = std::find_if(rows.begin(), rows.end(),
                                  [xid](const Nvlink5Row& row) { return row.xid == xid; });
  const auto last =
      std::find_if(first, rows.end(), [xid](const Nvlink5Row& row) { return row.xid != xid; });
  return {first, last};
}

std::optional<Nvlink5Match> FindNvlink5(std::uint32_t xid, std::string_view unit,
                                        std::uint32_t intrinfo, std::uint32_t error_status,
                                        std::optional<bool> driver_is_r575_or_newer) {
  Nvlink5Layout order[] = {Nvlink5Layout::kR575, Nvlink5Layout::kBeforeR575};
  if (!driver_is_r575_or_newer.value_or(true)) std::swap(order[0], order[1]);
  for (const Nvlink5Layout layout : order) {
    for (const Nvlink5Row& row : Nvlink5RowsOf(xid)) {
      const Pattern pattern = PatternOf(row, layout);
      // The mask holds the promotion bit, and the value has it 0.
      const std::uint32_t plain = intrinfo & ~pattern.promote_bit;
      if ((plain & pattern.mask) == pattern.value && UnitFits(row, unit) &&
          StatusFits(row, error_status)) {
        return Nvlink5Match{&row, layout, (intrinfo & pattern.promote_bit) != 0};
      }
    }
  }
  return std::nullopt;
}

}  // namespace gpud::catalog
