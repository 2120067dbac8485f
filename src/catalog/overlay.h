// SPDX-License-Identifier: Apache-2.0
// Overlay: a site's own verdicts on codes, from a file such as
//
//   xid:
//     13: {severity: info, action: IGNORE_NO_ACTION_REQUIRED, note: "students' kernels"}
//     900: {severity: warning, action: CONTACT_SUPPORT}     # not in the catalogue: both are needed
//   sxid:
//     20034: {follow_up: HARDWARE_INSPECTION}
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/advice.h"
#include "model/event.h"
#include "platform/json.h"

namespace gpud::catalog {

/// What is not given stays as the catalogue has it.
struct Override {
  std::optional<EventType> severity;
  std::optional<Advice> action;
  std::optional<Advice> follow_up;
  std::string note;
};

struct Overlay {
  std::map<std::uint32_t, Override> xid;
  std::map<std::uint32_t, Override> sxid;

  bool empty() const { return xid.empty() && sxid.empty(); }
};

/// All that is wrong with the document goes to `problems`: unknown keys and words, codes given
/// twice, and verdicts that contradict themselves once they stand upon the catalogue's
/// (catalog/rules.h). Such codes are left out.
Overlay ParseOverlay(const Json& document, std::vector<std::string>& problems);

}  // namespace gpud::catalog
