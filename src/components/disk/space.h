// SPDX-License-Identifier: Apache-2.0
// Are the file systems full, and do they answer?
#pragma once

#include "components/component.h"
#include "components/findings.h"
#include "sources/host/mount_usage.h"

namespace gpud::disk {

/// Adds samples for each file system that was read, and findings: Degraded for one that is as good
/// as full or that has not answered for five minutes. One that fails otherwise, or hangs for less,
/// is a state of its own, "disk<mount point>", Unknown.
void JudgeSpace(const host::MountUsages& usages, Report& report, Findings& findings);

}  // namespace gpud::disk
