// SPDX-License-Identifier: Apache-2.0
// InfiniBand ports: how many are up, which have dropped or flap, and what they count.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "components/findings.h"
#include "model/inputs.h"

namespace gpud::infiniband {

inline constexpr std::string_view kName = "accelerator-nvidia-infiniband";

struct CounterRow {
  std::string_view file, metric, help;
  double factor = 1;
};
/// Counters of a port, by their files.
inline constexpr CounterRow kCounters[] = {
    {"port_rcv_data", "accelerator_nvidia_infiniband_received_bytes_total", "received", 4},
    {"port_xmit_data", "accelerator_nvidia_infiniband_sent_bytes_total", "sent", 4},
    {"symbol_error", "accelerator_nvidia_infiniband_symbol_errors_total", "bits misread"},
    {"link_error_recovery", "accelerator_nvidia_infiniband_link_recoveries_total",
     "times that the link recovered from errors"},
    {"port_rcv_errors", "accelerator_nvidia_infiniband_receive_errors_total",
     "packets received with errors"},
    {"port_rcv_remote_physical_errors",
     "accelerator_nvidia_infiniband_remote_physical_errors_total",
     "packets marked bad on their way"},
    {"port_xmit_discards", "accelerator_nvidia_infiniband_send_discards_total",
     "packets that could not be sent"},
    {"port_xmit_wait", "accelerator_nvidia_infiniband_send_wait_ticks_total",
     "ticks in which there was data and no credit to send it"},
    {"local_link_integrity_errors", "accelerator_nvidia_infiniband_link_integrity_errors_total",
     "local errors over the limit"},
    {"excessive_buffer_overrun_errors", "accelerator_nvidia_infiniband_buffer_overrun_errors_total",
     "overruns of the buffer"},
    {"out_of_sequence", "accelerator_nvidia_infiniband_out_of_sequence_total",
     "packets out of order"},
    {"packet_seq_err", "accelerator_nvidia_infiniband_sequence_errors_total",
     "gaps told by the other end"},
    {"local_ack_timeout_err", "accelerator_nvidia_infiniband_ack_timeouts_total",
     "answers that did not come"},
    {"np_cnp_sent", "accelerator_nvidia_infiniband_congestion_notices_sent_total",
     "times that a sender was asked to slow down"},
    {"rp_cnp_handled", "accelerator_nvidia_infiniband_congestion_notices_handled_total",
     "times that we were asked to slow down"},
    {"out_of_buffer", "accelerator_nvidia_infiniband_out_of_buffer_total",
     "packets dropped as the program gave no buffer"},
};
inline constexpr std::string_view kPortDowned = "accelerator_nvidia_infiniband_link_downed";
inline constexpr std::string_view kRate = "accelerator_nvidia_infiniband_rate_bytes_per_second";
inline constexpr std::string_view kPortUp = "accelerator_nvidia_infiniband_link_up";
inline constexpr auto kMetrics = [] {
  std::array<MetricType, std::size(kCounters) + 3> metrics{};
  std::size_t at = 0;
  for (const CounterRow& row : kCounters) {
    metrics[at++] = {row.metric, row.help, MetricKind::kCounter};
  }
  metrics[at++] = {kPortDowned, "times that the link went down, by device_port"};
  metrics[at++] = {kRate, "of the link now"};
  metrics[at++] = {kPortUp, "1 while the link is up"};
  return metrics;
}();

/// Adds samples, data and events of the ports, and what is wrong with them. `data` gets the JSON.
void JudgePorts(const Inputs& in, Report& report, Findings& findings, std::string& data);

}  // namespace gpud::infiniband
