// SPDX-License-Identifier: Apache-2.0
// /proc/net/{snmp,netstat,sockstat,softnet_stat} and conntrack: how the kernel's network stack is
// doing.
#pragma once

#include <optional>
#include <string_view>

#include "sources/source.h"

namespace gpud::procfs {

/// Counters since boot of all of the machine's network name space; nothing where this kernel does
/// not count it.
struct NetStack {
  using Count = std::optional<std::uint64_t>;
  // TCP
  Count segments_received, segments_sent, segments_retransmitted, segments_bad;
  Count resets_sent, connections_failed, connections_reset;
  Count listen_overflows;  ///< a program did not take its connections in time
  Count listen_drops;      ///< overflows, and for want of memory
  Count timeouts, lost_retransmits, backlog_drops, memory_aborts;
  // UDP
  Count udp_errors, udp_buffer_errors;
  /// Packets that a processor dropped as its queue was full, and the times its turn was too short.
  Count softnet_dropped, softnet_squeezed;
  // Now:
  Count tcp_established, tcp_time_wait, tcp_orphans, sockets;
  std::optional<std::uint64_t> tcp_memory_bytes;
  Count conntrack_entries, conntrack_limit;  ///< nothing where connections are not tracked

  static constexpr auto Fields() {
    using N = NetStack;
    return std::tuple{Field{"segments_received", &N::segments_received},
                      Field{"segments_sent", &N::segments_sent},
                      Field{"segments_retransmitted", &N::segments_retransmitted},
                      Field{"segments_bad", &N::segments_bad},
                      Field{"resets_sent", &N::resets_sent},
                      Field{"connections_failed", &N::connections_failed},
                      Field{"connections_reset", &N::connections_reset},
                      Field{"listen_overflows", &N::listen_overflows},
                      Field{"listen_drops", &N::listen_drops},
                      Field{"timeouts", &N::timeouts},
                      Field{"lost_retransmits", &N::lost_retransmits},
                      Field{"backlog_drops", &N::backlog_drops},
                      Field{"memory_aborts", &N::memory_aborts},
                      Field{"udp_errors", &N::udp_errors},
                      Field{"udp_buffer_errors", &N::udp_buffer_errors},
                      Field{"softnet_dropped", &N::softnet_dropped},
                      Field{"softnet_squeezed", &N::softnet_squeezed},
                      Field{"tcp_established", &N::tcp_established},
                      Field{"tcp_time_wait", &N::tcp_time_wait},
                      Field{"tcp_orphans", &N::tcp_orphans},
                      Field{"sockets", &N::sockets},
                      Field{"tcp_memory_bytes", &N::tcp_memory_bytes},
                      Field{"conntrack_entries", &N::conntrack_entries},
                      Field{"conntrack_limit", &N::conntrack_limit}};
  }
};

/// Takes what it knows of /proc/net/snmp or netstat: pairs of lines, names and numbers. False when
/// there is no such pair. Source: proc_pid_net(5), net/ipv4/proc.c, RFC 2013 and 4022.
bool ParseSnmp(std::string_view text, NetStack& into);
/// "TCP: inuse 5 orphan 0 tw 2 alloc 7 mem 1", mem in pages.
void ParseSockstat(std::string_view text, std::uint64_t page_bytes, NetStack& into);
/// A line of hexadecimal numbers for each processor: packets, dropped, squeezed ...
void ParseSoftnet(std::string_view text, NetStack& into);

/// Error in place of the snapshot: kUnsupported without /proc/net/snmp, kParse.
extern const SourceType kNetStack;

}  // namespace gpud::procfs
