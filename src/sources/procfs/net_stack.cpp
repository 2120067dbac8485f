// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/net_stack.h"

#include <unistd.h>

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "platform/text.h"
#include "sources/procfs/net_file.h"

namespace gpud::procfs {
namespace {

struct Row {
  std::string_view family, name;
  NetStack::Count NetStack::*member;
};

constexpr Row kSnmp[] = {
    {"Tcp:", "InSegs", &NetStack::segments_received},
    {"Tcp:", "OutSegs", &NetStack::segments_sent},
    {"Tcp:", "RetransSegs", &NetStack::segments_retransmitted},
    {"Tcp:", "InErrs", &NetStack::segments_bad},
    {"Tcp:", "OutRsts", &NetStack::resets_sent},
    {"Tcp:", "AttemptFails", &NetStack::connections_failed},
    {"Tcp:", "EstabResets", &NetStack::connections_reset},
    {"Tcp:", "CurrEstab", &NetStack::tcp_established},
    {"Udp:", "InErrors", &NetStack::udp_errors},
    {"Udp:", "RcvbufErrors", &NetStack::udp_buffer_errors},
    {"TcpExt:", "ListenOverflows", &NetStack::listen_overflows},
    {"TcpExt:", "ListenDrops", &NetStack::listen_drops},
    {"TcpExt:", "TCPTimeouts", &NetStack::timeouts},
    {"TcpExt:", "TCPLostRetransmit", &NetStack::lost_retransmits},
    {"TcpExt:", "TCPBacklogDrop", &NetStack::backlog_drops},
    {"TcpExt:", "TCPAbortOnMemory", &NetStack::memory_aborts},
};

constexpr Row kSockstat[] = {
    {"sockets:", "used", &NetStack::sockets},
    {"TCP:", "orphan", &NetStack::tcp_orphans},
    {"TCP:", "tw", &NetStack::tcp_time_wait},
    {"TCP:", "mem", &NetStack::tcp_memory_bytes},
};

/// Where the number of this name belongs; null when nobody wants it.
NetStack::Count* Place(std::span<const Row> rows, std::string_view family, std::string_view name,
                       NetStack& into) {
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const Row& candidate) {
    return candidate.family == family && candidate.name == name;
  });
  return row == rows.end() ? nullptr : &(into.*row->member);
}

Result<NetStack> ReadNetStack(const Root& root) {
  const auto snmp = ReadNetFile(root, "snmp");
  if (!snmp) {
    if (snmp.error().code != ErrorCode::kNotFound) return Pass(snmp, "network stack");
    return Fail(ErrorCode::kUnsupported, "/proc/net/snmp: this kernel has no such file");
  }
  NetStack stack;
  if (!ParseSnmp(*snmp, stack)) {
    return Fail(ErrorCode::kParse, "/proc/net/snmp: no line of names and one of numbers");
  }
  // What follows is not in every kernel and name space.
  if (const auto text = ReadNetFile(root, "netstat")) ParseSnmp(*text, stack);
  if (const auto text = ReadNetFile(root, "sockstat")) {
    ParseSockstat(*text, static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)), stack);
  }
  if (const auto text = ReadNetFile(root, "softnet_stat")) ParseSoftnet(*text, stack);
  const auto number = [&](const std::string& path) -> NetStack::Count {
    const auto text = root.Read(path);
    return text ? ParseNumber<std::uint64_t>(Trim(*text)) : std::nullopt;
  };
  stack.conntrack_entries = number("/proc/sys/net/netfilter/nf_conntrack_count");
  stack.conntrack_limit = number("/proc/sys/net/netfilter/nf_conntrack_max");
  return stack;
}

}  // namespace

bool ParseSnmp(std::string_view text, NetStack& into) {
  bool any = false;
  std::vector<std::string_view> names;
  for (std::string_view line; NextLine(text, line);) {
    auto words = SplitBlanks(line);
    if (words.empty()) continue;
    if (names.empty() || names.front() != words.front()) {
      names = std::move(words);
      continue;
    }
    for (std::size_t i = 1; i < std::min(names.size(), words.size()); ++i) {
      NetStack::Count* const place = Place(kSnmp, names.front(), names[i], into);
      if (place) *place = ParseNumber<std::uint64_t>(words[i]);
    }
    names.clear();
    any = true;
  }
  return any;
}

void ParseSockstat(std::string_view text, std::uint64_t page_bytes, NetStack& into) {
  for (std::string_view line; NextLine(text, line);) {
    const auto words = SplitBlanks(line);
    for (std::size_t i = 1; i + 1 < words.size(); i += 2) {
      NetStack::Count* const place = Place(kSockstat, words.front(), words[i], into);
      if (place) *place = ParseNumber<std::uint64_t>(words[i + 1]);
    }
  }
  if (into.tcp_memory_bytes) *into.tcp_memory_bytes *= page_bytes;
}

void ParseSoftnet(std::string_view text, NetStack& into) {
  constexpr int kHexadecimal = 16;
  constexpr std::size_t kDropped = 1, kSqueezed = 2;
  for (std::string_view line; NextLine(text, line);) {
    const auto words = SplitBlanks(line);
    if (words.size() <= kSqueezed) continue;
    const auto dropped = ParseNumber<std::uint64_t>(words[kDropped], kHexadecimal);
    const auto squeezed = ParseNumber<std::uint64_t>(words[kSqueezed], kHexadecimal);
    if (!dropped || !squeezed) continue;
    into.softnet_dropped = into.softnet_dropped.value_or(0) + *dropped;
    into.softnet_squeezed = into.softnet_squeezed.value_or(0) + *squeezed;
  }
}

constinit const SourceType kNetStack{
    .name = "procfs/net_stack",
    .snapshot = &kSnapshot<NetStack>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadNetStack(host.root)); },
};

}  // namespace gpud::procfs
