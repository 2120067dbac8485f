// SPDX-License-Identifier: Apache-2.0
// The machine's private network addresses.
#pragma once

#include <string_view>
#include <vector>

#include "model/machine_info.h"
#include "platform/root.h"

namespace gpud::host {

/// False for loopback, InfiniBand and the interfaces that container networks make.
bool IsMachineInterface(std::string_view name);

/// RFC 1918 and RFC 4193 addresses of such interfaces, sorted by their text. Empty on a root other
/// than "/", as addresses are in no file (getifaddrs(3)).
std::vector<NicAddress> ReadPrivateAddresses(const Root& root);

}  // namespace gpud::host
