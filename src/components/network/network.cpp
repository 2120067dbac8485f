// SPDX-License-Identifier: Apache-2.0
// Network: is the kernel's network stack well? TCP, UDP, queues of the processors, and the table of
// tracked connections, beyond which new ones are dropped.
#include "components/component.h"
#include "components/findings.h"
#include "components/line_table.h"
#include "components/presence.h"
#include "sources/procfs/net_stack.h"

namespace gpud::network {
namespace {

using procfs::NetStack;

constexpr std::string_view kTags[] = {"network"};
constexpr const SourceType* kNeeds[] = {&procfs::kNetStack};
constexpr auto kCounter = MetricKind::kCounter;

constexpr std::string_view kRetransmittedPercent = "network_tcp_retransmitted_percent";

/// A number that is exported as it was read.
struct Row {
  MetricType metric;
  NetStack::Count NetStack::*member;
};
constexpr Row kRows[] = {
    {{"network_tcp_segments_received_total", "TCP segments received", kCounter},
     &NetStack::segments_received},
    {{"network_tcp_segments_sent_total", "TCP segments sent", kCounter}, &NetStack::segments_sent},
    {{"network_tcp_segments_retransmitted_total", "of these, sent again", kCounter},
     &NetStack::segments_retransmitted},
    {{"network_tcp_segments_bad_total", "TCP segments received broken", kCounter},
     &NetStack::segments_bad},
    {{"network_tcp_resets_sent_total", "connections refused or cut off", kCounter},
     &NetStack::resets_sent},
    {{"network_tcp_connections_failed_total", "connections that did not come about", kCounter},
     &NetStack::connections_failed},
    {{"network_tcp_connections_reset_total", "connections that broke off", kCounter},
     &NetStack::connections_reset},
    {{"network_tcp_listen_overflows_total", "connections that a program did not take in time",
      kCounter},
     &NetStack::listen_overflows},
    {{"network_tcp_listen_drops_total", "connections dropped before a program saw them", kCounter},
     &NetStack::listen_drops},
    {{"network_tcp_timeouts_total", "waits for an acknowledgement in vain", kCounter},
     &NetStack::timeouts},
    {{"network_tcp_lost_retransmits_total", "segments lost a second time", kCounter},
     &NetStack::lost_retransmits},
    {{"network_tcp_backlog_drops_total", "segments dropped as a socket's queue was full", kCounter},
     &NetStack::backlog_drops},
    {{"network_tcp_memory_aborts_total", "connections cut off for want of memory", kCounter},
     &NetStack::memory_aborts},
    {{"network_udp_receive_errors_total", "UDP packets that were dropped", kCounter},
     &NetStack::udp_errors},
    {{"network_udp_buffer_errors_total", "of these, as a socket's queue was full", kCounter},
     &NetStack::udp_buffer_errors},
    {{"network_softnet_dropped_total", "packets dropped as a processor's queue was full", kCounter},
     &NetStack::softnet_dropped},
    {{"network_softnet_squeezed_total", "turns that were too short for all packets", kCounter},
     &NetStack::softnet_squeezed},
    {{"network_tcp_established", "TCP connections"}, &NetStack::tcp_established},
    {{"network_tcp_time_wait", "TCP connections that have ended and are remembered"},
     &NetStack::tcp_time_wait},
    {{"network_tcp_orphans", "TCP connections that belong to no program"}, &NetStack::tcp_orphans},
    {{"network_tcp_memory_bytes", "memory of TCP's queues"}, &NetStack::tcp_memory_bytes},
    {{"network_sockets", "sockets of all kinds"}, &NetStack::sockets},
    {{"network_conntrack_entries", "connections in the table of tracked ones"},
     &NetStack::conntrack_entries},
    {{"network_conntrack_limit", "how many it can hold"}, &NetStack::conntrack_limit},
};

constexpr auto MakeMetrics() {
  std::array<MetricType, std::size(kRows) + 1> metrics{};
  for (std::size_t i = 0; i < std::size(kRows); ++i) metrics[i] = kRows[i].metric;
  metrics.back() = {kRetransmittedPercent, "share of the segments sent since the check before"};
  return metrics;
}
constexpr auto kMetrics = MakeMetrics();

/// A percentage of a few segments says nothing.
constexpr std::uint64_t kEnoughSegments = 1000;

void AddRetransmitted(const NetStack* before, const NetStack& now, Report& report) {
  if (!before || !before->segments_sent || !now.segments_sent || !before->segments_retransmitted ||
      !now.segments_retransmitted || *now.segments_sent < *before->segments_sent ||
      *now.segments_retransmitted < *before->segments_retransmitted) {
    return;
  }
  const std::uint64_t sent = *now.segments_sent - *before->segments_sent;
  const std::uint64_t again = *now.segments_retransmitted - *before->segments_retransmitted;
  // OutSegs is without those that hold nothing but what was sent before (RFC 4022).
  if (sent < kEnoughSegments) return;
  report.samples.push_back(
      {.metric = std::string(kRetransmittedPercent),
       .value = 100.0 * static_cast<double>(again) / static_cast<double>(sent + again)});
}

// net/netfilter/nf_conntrack_core.c
constexpr LineRule kRules[] = {
    {.needle = "nf_conntrack: ",
     .form = "nf_conntrack: table full, dropping packet",
     .code = "conntrack_full",
     .action = Advice::kInvestigateHost},
};
constexpr auto kNeedles = NeedlesOf(kRules);

void JudgeConntrack(const NetStack& stack, Findings& findings) {
  if (!stack.conntrack_entries || !stack.conntrack_limit || *stack.conntrack_limit == 0) return;
  constexpr std::uint64_t kNearlyFullPercent = 95;
  if (*stack.conntrack_entries * 100 < *stack.conntrack_limit * kNearlyFullPercent) return;
  findings.Add(Health::kDegraded,
               "the table of tracked connections (nf_conntrack_max " +
                   std::to_string(*stack.conntrack_limit) +
                   ") is full but for 5 %: new connections will be dropped",
               RepairAction::kCheckUserApp);
}

Report Check(const Inputs& in) {
  const auto& stack = in.Latest<NetStack>();
  if (!stack) return WithoutReading("network", stack.error());
  Report report;
  for (const Row& row : kRows) {
    const NetStack::Count& value = (*stack).*row.member;
    if (!value) continue;
    report.samples.push_back(
        {.metric = std::string(row.metric.name), .value = static_cast<double>(*value)});
  }
  AddRetransmitted(in.Previous<NetStack>(), *stack, report);
  Findings findings;
  JudgeConntrack(*stack, findings);
  report.states.push_back(findings.ToState("network"));
  return report;
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "network",
    .tags = kTags,
    .needs = kNeeds,
    .needles = kNeedles,
    .metrics = kMetrics,
    .period = std::chrono::seconds(15),
    .supported = [](const Inputs& in) { return SupportBy(in.Latest<NetStack>()); },
    .check = Check,
    .create_matcher = [] { return TableMatcher("net", kRules); },
};

}  // namespace gpud::network
