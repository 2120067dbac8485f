// SPDX-License-Identifier: Apache-2.0
// The catalogue of Xids (NVIDIA's GPU error numbers), compiled in from data/xid.csv; the columns
// are explained in data/README.md.
#pragma once

#include <cstdint>
#include <span>

#include "catalog/text.h"
#include "model/advice.h"
#include "model/event.h"

namespace gpud::catalog {

/// Where the fault most likely lies.
enum class Category : unsigned char {
  kHardware,
  kDriver,
  kUserApp,
  kThermal,
  kBus,
  kMemory,
  kNvlink,
  kFabric,
  kSystem,
  kOther,
};

/// How well the sources of a row agree.
enum class Confidence : unsigned char { kHigh, kMedium, kLow };

struct XidRow {
  std::uint32_t code = 0;
  Text mnemonic;
  Text meaning;
  Category category = Category::kOther;
  EventType severity = EventType::kWarning;
  bool reboot_worthy = false;
  Advice immediate = Advice::kNone;      ///< brings the node back
  Advice investigatory = Advice::kNone;  ///< when it returns or was not expected
  Text applies_to;                       ///< "A100;H100"; "pre-Ampere or unused"; may be empty
  Text nvidia_immediate_bucket;
  Text nvidia_investigatory_bucket;
  bool xid154_linked = false;  ///< Xid 154 follows it, with the driver's own recommendation
  Text legacy_causes;          ///< "HW|driver|user-app", of NVIDIA's table for drivers up to R555
  Text peer_gpud_go;           ///< "fatal:REBOOT_SYSTEM+HARDWARE_INSPECTION"; "unknown"
  Text peer_aws_eks;
  Text peer_dcgm_health;
  Text peer_meta_gcm;
  Confidence confidence = Confidence::kLow;
  Text notes;  ///< "sources: a, b. A remark"
};

/// Null for a number that the catalogue does not have. This is the data alone, without the site's
/// overlay: see catalog/catalog.h.
const XidRow* FindXid(std::uint32_t code);
/// In the order of the codes.
std::span<const XidRow> AllXids();

}  // namespace gpud::catalog

namespace gpud {

template <>
struct EnumWords<catalog::Category> {
  static constexpr std::string_view kWords[] = {"hardware", "driver", "user-app", "thermal",
                                                "bus",      "memory", "nvlink",   "fabric",
                                                "system",   "other"};
};
template <>
struct EnumWords<catalog::Confidence> {
  static constexpr std::string_view kWords[] = {"high", "medium", "low"};
};

}  // namespace gpud
