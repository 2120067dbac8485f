// SPDX-License-Identifier: Apache-2.0
// What the words of an Xid line change of the catalogue's verdict, and the facts they hold.
#pragma once

#include "components/line.h"
#include "components/nvidia/xid/xid_line.h"

namespace gpud::nvidia_xid {

/// `finding` has the catalogue's verdict and gets that of the words:
///   63, 64    rows pending, already pending, or no spare left
///   74        seven NVLink registers: hardware, echo of a fault elsewhere, or harmless
///   94, 95    the flags RST and D-RST
///   144-150   the NVLink 5 table; the line's own severity word is stronger
///   154       the recovery action; a change to None clears
///   156, 157  a retired part, no spare left
/// and, as details, what 13, 31, 45, 119 and 120 say of place, cause and function.
void ReadWords(const XidLine& line, LineFinding& finding);

}  // namespace gpud::nvidia_xid
