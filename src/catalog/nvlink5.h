// SPDX-License-Identifier: Apache-2.0
// The decode table of the NVLink 5 Xids (144 to 150), compiled in from data/xid_nvlink5.csv. Their
// line ends in "UNIT Fatal|Nonfatal XC0 i0 Link 08 (INTRINFO ERROR_STATUS ...)"; those two words
// and the unit tell what happened.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "catalog/xid.h"

namespace gpud::catalog {

/// Drivers before R575 lay intrinfo out differently, and name some units differently.
enum class Nvlink5Layout : unsigned char { kBeforeR575, kR575 };

struct Nvlink5Row {
  std::uint32_t xid = 0;
  Text unit_v1;               ///< as drivers before R575 print it
  Text unit_v2;               ///< from R575 on
  std::uint32_t mask_v1 = 0;  ///< fits when intrinfo & mask == value
  std::uint32_t value_v1 = 0;
  std::uint32_t mask_v2 = 0;
  std::uint32_t value_v2 = 0;
  std::uint32_t error_status = 0;
  std::uint32_t other_error_status = 0;  ///< fits as well; mostly the same number
  bool any_error_status = false;
  std::optional<std::uint8_t> link_down_code;  ///< bits 25:20 of intrinfo
  Text link_down_reason;                       ///< "peer-down-reset"; empty for other events
  Text nvidia_severity;
  EventType severity = EventType::kWarning;
  Text origin;  ///< hw, sw, fw or a mix
  Text local_impact;
  Text remote_impact;
  bool reboot_worthy = false;
  Advice immediate = Advice::kNone;
  Advice investigatory = Advice::kNone;
  Advice promoted = Advice::kNone;  ///< takes the immediate one's place when the bit is set
  std::uint32_t promote_bit_v1 = 0;
  std::uint32_t promote_bit_v2 = 0;
  Text nvidia_immediate_bucket;
  Text nvidia_investigatory_bucket;
  Confidence confidence = Confidence::kLow;
  Text notes;
};

struct Nvlink5Match {
  const Nvlink5Row* row = nullptr;
  Nvlink5Layout layout = Nvlink5Layout::kR575;
  bool promoted = false;  ///< the row's promotion bit is set

  /// Of the table; a severity word in the line is stronger.
  EventType severity() const { return promoted ? EventType::kFatal : row->severity; }
  Advice immediate() const { return promoted ? row->promoted : row->immediate; }
};

/// The row that fits a line: its Xid, its unit's name (any case, "-" as "_") and its first two hex
/// words. Nothing when no row does; then the line's own severity word stands, with "contact
/// support". `driver_is_r575_or_newer` only says which layout is tried first: number and unit keep
/// them apart.
std::optional<Nvlink5Match> FindNvlink5(std::uint32_t xid, std::string_view unit,
                                        std::uint32_t intrinfo, std::uint32_t error_status,
                                        std::optional<bool> driver_is_r575_or_newer = {});
/// In the order of the data, which is the order of the Xids.
std::span<const Nvlink5Row> AllNvlink5Rows();
/// Those of one Xid; none for another number.
std::span<const Nvlink5Row> Nvlink5RowsOf(std::uint32_t xid);

}  // namespace gpud::catalog
