// SPDX-License-Identifier: Apache-2.0
// Whether this machine has a PCI bus, for components of whatever sits on it.
#pragma once

#include "components/component.h"

namespace gpud {

/// Supported where a device is on the PCI bus, or the component has events of its own. It needs
/// sysfs::kPci. `what`: what the log would hold, "fault of a network card".
Support BusSupport(const Inputs& in, std::string_view what);

}  // namespace gpud
