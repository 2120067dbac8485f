// SPDX-License-Identifier: Apache-2.0
#include "catalog/tables.h"

#include <algorithm>

namespace gpud::catalog {
namespace {

template <class Row>
const Row* FindCode(std::span<const Row> rows, std::uint32_t code) {
  const auto found =
      std::lower_bound(rows.begin(), rows.end(), code,
                       [](const Row& row, std::uint32_t wanted) { return row.code < wanted; });
  return found != rows.end() && found->code == code ? &*found : nullptr;
}

}  // namespace

const XidRow* FindXid(std::uint32_t code) { return FindCode(kXidTable, code); }
std::span<const XidRow> AllXids() { return kXidTable; }

const SxidRow* FindSxid(std::uint32_t code) { return FindCode(kSxidTable, code); }
std::span<const SxidRow> AllSxids() { return kSxidTable; }

}  // namespace gpud::catalog
