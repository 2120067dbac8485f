// SPDX-License-Identifier: Apache-2.0
// Which Xid codes mean that the GPU cannot be used, or not fully.
#pragma once

#include <cstdint>

#include "model/event.h"
#include "model/health.h"

namespace gpud::nvidia_xid {

struct XidRow {
  std::uint32_t code;
  EventType type;       ///< kFatal: unusable until the action is done; kCritical: degraded
  RepairAction action;  ///< the first one
  int reboots = 2;      ///< after so many in vain, hardware inspection
};

/// Null for all other codes, which are of one application or a trend: Warning, no action.
/// Source: the severities of data/xid.csv (NVIDIA's Xid catalog).
const XidRow* FindXid(std::uint32_t code);

}  // namespace gpud::nvidia_xid
