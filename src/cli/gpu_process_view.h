// SPDX-License-Identifier: Apache-2.0
// Who uses the GPUs, for a person.
#pragma once

#include <string>

#include "cli/terminal.h"
#include "sources/gpu/processes.h"

namespace gpud::cli {

/// Orders of `gpud ps`, comma-separated.
inline constexpr std::string_view kProcessOrders = "gpu,pid,user,memory,growth,sm,started";

/// By one of kProcessOrders: what is greatest, or began last, comes first; names and numbers
/// ascend.
void SortProcesses(std::string_view order, std::vector<gpu::Process>& processes);

/// A line for each process on each GPU, and what keeps the list from being whole.
std::string GpuProcessText(const gpu::Processes& all, WallTime now, const Terminal& terminal);

}  // namespace gpud::cli
