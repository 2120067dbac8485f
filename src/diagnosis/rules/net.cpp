// SPDX-License-Identifier: Apache-2.0
// Network and RDMA (2.8).
#include <algorithm>

#include "diagnosis/rules/shared.h"

namespace gpud::diagnosis {
namespace {

using enum Signal;

/// False for the place behind the last adapter, where records are that name an unknown one.
bool About(Look& look) {
  if (look.at >= std::ssize(look.node.facts.nics)) return false;
  look.Device(look.node.facts.nics[static_cast<std::size_t>(look.at)].name);
  look.Text(look.node.facts.nics[static_cast<std::size_t>(look.at)].name);
  return true;
}

bool IsMine(const Look& look, const NodeEvent& event) {
  const int nic = look.node.facts.NicAt(event.device);
  return nic < 0 ? look.at == std::ssize(look.node.facts.nics) : nic == look.at;
}

int Lines(Look& look, EventCode code, Seconds within) {
  return look.node.events.Has(code)
             ? look.Events(within,
                           [&](const NodeEvent& event) {
                             return event.code == code && IsMine(look, event) && !event.echo;
                           })
             : 0;
}

void LinkDown(Look& n) {
  const auto down = [](float v) { return v == 0; };
  if (!n.Must(n.Last(kNetLink) == 0) || !n.Must(n.at < std::ssize(n.node.facts.nics))) return;
  // A port that nobody ever used is not down.
  if (!n.active() && !n.Must(n.Max(kNetLink, 3600).value == 1 ||
                             n.Over(Stat::kDelta, kNetCarrierChanges, 3600, n.at, 0).value > 0)) {
    bool was_up = false;
    n.node.store.Window(kNetLink, n.node.store.Row(kNetLink, n.at), 3600).Each([&](float v) {
      was_up |= v == 1;
    });
    if (!was_up) return;
    n.draft().truth = Truth::kYes;
  }
  if (!n.active() && !n.Must(n.Frac(kNetLink, 240, n.at, down).value >= 1)) return;
  About(n);
  n.Number(n.node.facts.nics[static_cast<std::size_t>(n.at)].rail);
  n.Number(240);
}

/// Times that the link came back after at least `least` seconds.
int Returns(const Look& look, Seconds least) {
  const SignalStore& store = look.node.store;
  const Samples samples = store.Window(kNetLink, store.Row(kNetLink, look.at), 3600);
  int returns = 0, down = 0;
  bool was_up = false;
  for (int i = 0; i < samples.count(); ++i) {
    if (std::isnan(samples[i])) continue;
    if (samples[i] == 0) {
      ++down;
      continue;
    }
    if (was_up && down > 0 && down * store.StepOf(kNetLink) >= least) ++returns;
    was_up = true;
    down = 0;
  }
  return returns;
}

void LinkFlap(Look& n) {
  const SignalStore& store = n.node.store;
  const int row = store.Row(kNetCarrierChanges, n.at);
  const bool changes = row >= 0 && store.GrewAt(row) >= n.now() - 86400;
  const int link_row = store.Row(kNetLink, n.at);
  if (!changes && link_row >= 0 && store.Last(kNetLink, link_row) == 1 && n.at >= 0) {
    // The link itself may tell what the counter does not.
    if (!n.Must(Returns(n, 25) >= 3)) return;
  } else if (Returns(n, 25) < 3 &&
             !n.Any({n.Delta(kNetCarrierChanges, 3600) >= 6, n.Day(kNetCarrierChanges) >= 10})) {
    return;
  }
  if (!n.Must(About(n))) return;
  n.Number(n.Delta(kNetCarrierChanges, 3600).value);
  n.Number(Returns(n, 0));
}

void SpeedLow(Look& n) {
  const double most = n.Last(kNetSpeedMax).value;
  const Value speed = n.Last(kNetSpeed);
  if (!n.Must(speed <= 0.99 * most) || !n.Must(n.Last(kNetLink).value != 0)) return;
  int peers = 0, fast = 0;
  for (int nic = 0; nic < n.node.store.shape().nics; ++nic) {
    if (nic == n.at) continue;
    ++peers;
    fast += n.Last(kNetSpeed, nic).value >= 0.99 * n.Last(kNetSpeedMax, nic).value ? 1 : 0;
  }
  // All alike is how it was built.
  if (peers > 0 && !n.Must(fast > 0)) return;
  if (peers == 0) ++n.draft().untested;
  About(n);
  n.Number(speed.value);
  n.Number(most);
}

void RdmaRetrans(Look& n) {
  const SignalStore& store = n.node.store;
  const auto grew = [&](Signal s) {
    const int row = store.Row(s, n.at);
    return row >= 0 && (store.GrewAt(row) >= n.now() - 300 || store.SeenAt(row) < 0);
  };
  const int lines = Lines(n, EventCode::kIbRetryExceeded, 900);
  if (lines == 0) {
    if (!n.Must(grew(kRdmaSeqErr) || grew(kRdmaAckTimeout) || grew(kRdmaOutOfSeq))) return;
    const Value errors = n.Rate(kRdmaSeqErr, 300) + n.Rate(kRdmaOutOfSeq, 300);
    const Value timeouts = n.Rate(kRdmaAckTimeout, 300);
    if (!n.Any({errors >= 10, timeouts >= 0.1})) return;
    // Adaptive routing sends packets out of order by design.
    const bool real = n.Rate(kRdmaSeqErr, 300).value >= 1 || timeouts.value >= 0.02 || n.active();
    if (errors.IsKnown() && !n.Must(real)) return;
  }
  if (!(n.Not(n.Rate(kRdmaCnpHandled, 300) >= 1000) && n.Not(n.Rate(kRdmaPauseUs, 300) >= 50000))) {
    return;
  }
  if (n.Rate(kRdmaAckTimeout, 300).value >= 0.1 || lines > 0) {
    n.draft().severity = Severity::kCritical;
  }
  if (!About(n) && n.recording()) n.Text("?");
  n.Number(n.Rate(kRdmaSeqErr, 300).value, 1);
  n.Number(n.Rate(kRdmaAckTimeout, 300).value, 2);
  n.Number(n.Avg(kRdmaTx, 300).value);
  n.Number(n.Delta(kRdmaSymbolErr, 300).value);
}

void Congestion(Look& n) {
  if (!n.Any({n.Rate(kRdmaCnpHandled, 300) >= 1000, n.Rate(kRdmaPauseUs, 300) >= 50000})) return;
  const double line = n.Last(kNetSpeed).value * 125;  // MB/s
  if (!n.Must(n.Avg(kRdmaTx, 300) <= 0.7 * line, 0.3)) return;
  if (!n.Must(About(n))) return;
  n.Number(n.Rate(kRdmaCnpHandled, 300).value);
  n.Number(n.Rate(kRdmaPauseUs, 300).value / 10000, 1);
  n.Number(n.Avg(kRdmaTx, 300).value);
}

void Optics(Look& n) {
  const Value level = n.Avg(kOpticRxPower, 300);
  const SignalStore& store = n.node.store;
  std::vector<double> others;
  for (int nic = 0; nic < store.shape().nics; ++nic) {
    if (nic != n.at) others.push_back(n.Avg(kOpticRxPower, 300, nic).value);
  }
  const double median = MedianOf(others);
  const bool dark = level.value <= (n.active() ? -7.2 : -8);
  const bool below = !std::isnan(median) && level.value <= median - (n.active() ? 2.7 : 3);
  Value slope{.signal = kOpticRxPower, .stat = Stat::kSlope, .seconds = 3600, .a = n.at};
  bool falls = false;
  if (!dark && !below && level.value <= -2) {
    // An hour of noise looks like a little slope: only a clear one counts.
    slope = n.Over(Stat::kSlope, kOpticRxPower, 3600, n.at, 0) * 24;
    falls = slope.value <= (n.active() ? -3.6 : -4) && store.watched() >= 2400;
  }
  if (!level.IsKnown()) {
    n.Must(level <= -8);
    return;
  }
  if (!n.Must(dark || below || falls)) return;
  if (falls) {
    n.Must(slope <= -4);
  } else {
    n.Must(level <= (dark ? -8 : median - 3));
  }
  n.Adds(n.Delta(kRdmaSymbolErr, 3600) >= 1, 0.1);
  n.Adds(n.Delta(kNetErrors, 3600) >= 1, 0.1);
  if (!n.Must(About(n))) return;
  n.Number(level.value, 1);
  n.Number(std::isnan(median) ? -8 : median, 1);
  n.Number(n.Delta(kRdmaSymbolErr, 3600).value);
  if (n.recording()) n.draft().horizon = "days";
}

void TcpRetrans(Look& n) {
  if (!n.Must(n.Avg(kTcpRetrans, 300) >= 2)) return;
  double sent = 0, drops = 0;
  bool known = false;
  for (int nic = 0; nic < n.node.store.shape().nics; ++nic) {
    const double tx = n.Avg(kNetTx, 300, nic).value;
    known |= !std::isnan(tx);
    sent += std::isnan(tx) ? 0 : tx;
    const double lost = n.Delta(kNetDrops, 300, nic).value;
    drops += std::isnan(lost) ? 0 : lost;
  }
  if (!n.Must(Value{.value = known ? sent : static_cast<double>(kAbsent),
                    .signal = kNetTx,
                    .seconds = 300} >= 10,
              0.3)) {
    return;
  }
  n.Number(n.Avg(kTcpRetrans, 300).value, 1);
  n.Number(sent);
  if (n.recording()) n.draft().cause = drops > 0 ? "host" : "path";
}

void NicFailed(Look& n) {
  const int lines = Lines(n, EventCode::kNetHealth, 7 * 86400.0);
  const bool known = n.at < std::ssize(n.node.facts.nics);
  const bool gone = known && !n.node.facts.nics[static_cast<std::size_t>(n.at)].present;
  if (!n.Must(lines > 0 || gone)) return;
  if (lines == 0) n.draft().event = true;
  if (!About(n) && n.recording()) {
    for (const NodeEvent& event : n.node.events.all()) {
      if (event.code == EventCode::kNetHealth && IsMine(n, event)) {
        n.Device(event.device);
        n.Text(event.device);
        break;
      }
    }
  }
  n.Number(lines);
  n.Number(known ? n.node.facts.nics[static_cast<std::size_t>(n.at)].rail : -1);
}

void ModuleFault(Look& n) {
  const int lines =
      Lines(n, EventCode::kNetCable, 86400) + Lines(n, EventCode::kNetTemperature, 86400);
  if (!n.Must(lines > 0)) return;
  if (!About(n) && n.recording()) {
    for (const NodeEvent& event : n.node.events.all()) {
      if (!IsMine(n, event)) continue;
      n.Device(event.device);
      n.Text(event.device);
      break;
    }
  }
  n.Number(lines);
  n.Number(n.Last(kOpticTemp).value);
}

constexpr EventCode kModule[] = {EventCode::kNetCable, EventCode::kNetTemperature};
constexpr Rule kRules[] = {
    {"net.link_down", Scope::kNic, Severity::kCritical, 0.9, 0, LinkDown},
    {"net.link_flap", Scope::kNic, Severity::kCritical, 0.9, 0, LinkFlap, 15},
    {"net.speed_low", Scope::kNic, Severity::kWarning, 0.9, 120, SpeedLow, 15},
    {"net.rdma_retrans", Scope::kNic, Severity::kWarning, 0.8, 120, RdmaRetrans},
    {"net.congestion", Scope::kNic, Severity::kWarning, 0.7, 300, Congestion},
    {"net.optics_degrading", Scope::kNic, Severity::kWarning, 0.7, 60, Optics, 60},
    {"net.tcp_retrans", Scope::kNode, Severity::kWarning, 0.65, 300, TcpRetrans, 15},
    {"net.nic_failed", Scope::kNic, Severity::kFatal, 0.95, 0, NicFailed},
    {"net.module_fault", Scope::kNic, Severity::kWarning, 0.85, 0, ModuleFault, 5, kModule},
};

}  // namespace

std::span<const Rule> NetRules() { return kRules; }

}  // namespace gpud::diagnosis
