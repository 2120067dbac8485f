// SPDX-License-Identifier: Apache-2.0
// How long the servers of NFS mounts take, and how often they must be asked again.
#pragma once

#include "components/component.h"

namespace gpud::nfs {

inline constexpr auto kCounter = MetricKind::kCounter;
inline constexpr MetricType kMetrics[] = {
    {"nfs_rtt_seconds", "mean time until the server answered, since the check before"},
    {"nfs_execute_seconds", "mean time of an operation with what it waited in the client"},
    {"nfs_retransmissions_per_second", "requests sent again, since the check before"},
    {"nfs_operations_per_second", "operations finished, since the check before"},
    {"nfs_operations_total", "operations finished since the mount", kCounter},
    {"nfs_retransmissions_total", "requests sent again since the mount", kCounter},
    {"nfs_timeouts_total", "major time-outs since the mount", kCounter},
    {"nfs_queue_seconds_total", "time of operations in the client's queue, summed", kCounter},
    {"nfs_rtt_seconds_total", "time until the server answered, summed", kCounter},
    {"nfs_execute_seconds_total", "time of operations from begin to end, summed", kCounter},
    {"nfs_read_bytes_total", "read from the server since the mount", kCounter},
    {"nfs_written_bytes_total", "written to the server since the mount", kCounter},
};

/// Samples by mount point; rates from the second reading of the same mount on.
void AddTraffic(const Inputs& in, Report& report);

}  // namespace gpud::nfs
