// SPDX-License-Identifier: Apache-2.0
// Whose line it is: the device that a driver names before its message.
#pragma once

#include <string>
#include <string_view>

namespace gpud {

/// The first PCI address with a function that stands as a word of its own: "0000:97:01.0" of
/// "pcieport 0000:97:01.0: AER: ...", and of old kernels' "dpc 0000:10:00.0:pcie010: ...". Empty
/// when there is none.
std::string PciAddressIn(std::string_view text);

}  // namespace gpud
