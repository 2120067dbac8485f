// SPDX-License-Identifier: Apache-2.0
// Catalog: what to make of an Xid or SXid on this site: the compiled catalogue with the site's
// overlay upon it.
#pragma once

#include "catalog/overlay.h"
#include "catalog/sxid.h"
#include "catalog/xid.h"

namespace gpud::catalog {

struct Verdict {
  EventType severity = EventType::kWarning;
  Advice action = Advice::kContactSupport;  ///< brings the node back
  Advice follow_up = Advice::kNone;         ///< when it returns or was not expected
  bool reboot_worthy = false;  ///< a reboot will do when the finer action is not possible
  bool overridden = false;     ///< the overlay names this code
  std::string_view note;       ///< the overlay's; lives as long as the Catalog
};

/// Of the data alone.
Verdict VerdictOf(const XidRow& row);
Verdict VerdictOf(const SxidRow& row);
/// `verdict` with the site's word upon it. `given.note` must outlive the result.
Verdict Overridden(Verdict verdict, const Override& given);

/// Never changes, so that any thread may ask.
class Catalog {
 public:
  Catalog() = default;
  explicit Catalog(Overlay overlay) : overlay_(std::move(overlay)) {}

  /// A code that neither catalogue nor overlay has is a warning with "contact support". For 144 to
  /// 150 the line's row of the NVLink 5 table says more, unless this verdict is overridden.
  Verdict XidVerdict(std::uint32_t code) const;
  Verdict SxidVerdict(std::uint32_t code) const;
  const Overlay& overlay() const { return overlay_; }

 private:
  Overlay overlay_;
};

/// The one of this process. It is process-wide because a component is a constant whose check is a
/// pure function (components/component.h): there is nobody to hand a catalogue to. It may be
/// replaced only before threads run; after that it is as constant as the tables themselves.
const Catalog& SiteCatalog();
void InstallOverlay(Overlay overlay);

}  // namespace gpud::catalog
