// SPDX-License-Identifier: Apache-2.0
// Files of /proc/net of the machine, whose network name space need not be that of gpud.
#pragma once

#include <string>
#include <string_view>

#include "platform/root.h"

namespace gpud::procfs {

/// "snmp", "dev" ... Below a root other than "/" those of process 1, as /proc/net is the reader's
/// own and gpud may run in a container. Errors as Root::Read.
Result<std::string> ReadNetFile(const Root& root, std::string_view name);

}  // namespace gpud::procfs
