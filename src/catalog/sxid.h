// SPDX-License-Identifier: Apache-2.0
// The catalogue of SXids (NVIDIA's NVSwitch error numbers), compiled in from data/sxid.csv; the
// columns are explained in data/README.md.
#pragma once

#include <cstdint>
#include <span>

#include "catalog/xid.h"

namespace gpud::catalog {

/// What the Fabric Manager guide says, or the driver's report macro where the guide is silent. The
/// word in the kernel's line is stronger.
enum class SxidClass : unsigned char {
  kNonFatal,
  kFatal,        ///< for the port or the partition
  kAlwaysFatal,  ///< for the whole fabric
  kCorrectable,
  kInformational,
  kNoSeverityWord,  ///< its line has neither word
  kNotEmitted,      ///< the driver has the number, but no line for it was found
};

struct SxidRow {
  std::uint32_t code = 0;
  Text mnemonic;
  Text unit;  ///< the block of the switch: "NPORT"
  Text meaning;
  Text driver_log_text;  ///< what the driver prints, several separated by " ;; "; may be empty
  SxidClass sxid_class = SxidClass::kNotEmitted;
  bool device_fatal = false;  ///< the driver marks the whole switch as failed
  Text impact;
  Text recovery;
  EventType severity = EventType::kWarning;
  bool reboot_worthy = false;
  Advice immediate = Advice::kNone;
  Advice investigatory = Advice::kNone;
  Text peer_gpud_go;
  Text peer_nvsentinel;  ///< "RESET_GPU:fatal"
  Confidence confidence = Confidence::kLow;
  Text notes;
};

/// Null for a number that the catalogue does not have. The data alone, without the site's overlay.
const SxidRow* FindSxid(std::uint32_t code);
std::span<const SxidRow> AllSxids();

}  // namespace gpud::catalog

namespace gpud {

template <>
struct EnumWords<catalog::SxidClass> {
  static constexpr std::string_view kWords[] = {"non-fatal",   "fatal",         "always-fatal",
                                                "correctable", "informational", "no-severity-word",
                                                "not-emitted"};
};

}  // namespace gpud
