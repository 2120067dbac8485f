// SPDX-License-Identifier: Apache-2.0
// Links that are down or come and go, by the interfaces' state; kernel lines tell the rest.
#pragma once

#include <string_view>
#include <vector>

#include "components/component.h"
#include "components/fault_history.h"
#include "sources/sysfs/net.h"

namespace gpud::network_interface {

/// Why the links of a port say nothing about the machine's health; empty when they do.
std::string_view WhyNotJudged(const sysfs::NetPort& port);

/// Takes out of `faults` the links that are up by now, or switched off by the administrator.
void DropHealed(const sysfs::NetPorts& ports, std::vector<Fault>& faults);

/// Tells of links that were lost, came back or flapped, and of ports that have been without one for
/// minutes or lose it again and again. `told`: faults that are told by lines already.
void JudgeLinks(const Inputs& in, const sysfs::NetPorts& ports, const std::vector<Fault>& told,
                Report& report, Findings& findings);

}  // namespace gpud::network_interface
