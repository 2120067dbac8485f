// SPDX-License-Identifier: Apache-2.0
// NVLink and its switches (2.7).
#include <algorithm>

#include "diagnosis/rules/shared.h"

namespace gpud::diagnosis {
namespace {

using enum Signal;

std::string LinkName(int gpu, int link) {
  return "g" + std::to_string(gpu) + "/l" + std::to_string(link);
}

/// The link of a GPU that leads to this port of a switch; (-1, -1) when the topology is not known.
std::pair<int, int> BehindPort(const NodeFacts& facts, int nvswitch, int port) {
  const std::string to = "switch " + std::to_string(nvswitch) + " port " + std::to_string(port);
  for (const NodeFacts::Peer& peer : facts.peers) {
    if (peer.to == to) return {peer.gpu, peer.link};
  }
  return {-1, -1};
}

bool IsFatalPort(const NodeEvent& event) {
  return event.code == EventCode::kSxid && event.severity == EventType::kFatal;
}

void LinkDown(Look& g) {
  const int links = g.node.store.shape().links;
  int down = 0, up = 0;
  for (int link = 0; link < links; ++link) {
    const float state = g.node.store.Last(kNvlinkState, g.node.store.Row(kNvlinkState, g.at, link));
    up += state == 1 ? 1 : 0;
    if (state != 0) continue;
    bool whole = true;
    const Samples samples =
        g.node.store.Window(kNvlinkState, g.node.store.Row(kNvlinkState, g.at, link), 30);
    samples.Each([&](float v) { whole &= v == 0; });
    if (!whole || samples.count() < 2) continue;
    ++down;
    g.Device(LinkName(g.at, link));
    if (down == 1) g.Must(g.Last(kNvlinkState, g.at, link) == 0);
  }
  if (down > 0 && up == 0) down = 0;  // all at once is something else
  const int lines = g.Events(7 * 86400.0, [&](const NodeEvent& event) {
    if (event.code != EventCode::kXid || event.gpu != g.at || event.echo) return false;
    const bool fatal = event.severity >= EventType::kCritical;
    return fatal && (event.number == 74 || event.number == 149);
  });
  int ports = 0;
  for (const NodeEvent& event : g.node.events.all()) {
    if (event.over || !IsFatalPort(event)) continue;
    const auto [gpu, link] =
        BehindPort(g.node.facts, g.node.facts.SwitchAt(event.device), event.link);
    if (gpu != g.at) continue;
    ++ports;
    g.Note(event);
    g.Device(LinkName(gpu, link));
  }
  if (!g.Must(down > 0 || lines > 0 || ports > 0)) return;
  if (g.recording()) {
    for (const NodeEvent& event : g.node.events.all()) {
      if (event.code == EventCode::kXid && event.gpu == g.at && event.link >= 0 &&
          (event.number == 74 || event.number == 149)) {
        g.Device(LinkName(g.at, event.link));
      }
    }
  }
  AboutGpu(g);
  g.Number(down > 0 ? down : std::max(1, lines + ports));
  g.Number(links);
}

// A port of which the topology does not say where it leads.
void PortDown(Look& s) {
  if (!s.Must(s.at < std::ssize(s.node.facts.switches))) return;
  Seconds first = -1;
  const int lines = s.Events(7 * 86400.0, [&](const NodeEvent& event) {
    if (!IsFatalPort(event) || s.node.facts.SwitchAt(event.device) != s.at) return false;
    if (BehindPort(s.node.facts, s.at, event.link).first >= 0) return false;
    if (first < 0) first = event.t;
    return true;
  });
  if (!s.Must(lines > 0)) return;
  s.Device(s.node.facts.switches[static_cast<std::size_t>(s.at)]);
  for (const NodeEvent& event : s.node.events.all()) {
    const bool other_end = event.code == EventCode::kXid && event.number == 74 &&
                           event.t >= first - 2 && event.t <= first + 30;
    if (other_end && event.gpu >= 0) {
      s.Gpu(event.gpu);
      s.UsersOf(event.gpu);
      if (event.link >= 0) s.Device(LinkName(event.gpu, event.link));
    }
  }
  s.Number(lines);
  s.Number(s.node.store.shape().links);
}

void SwitchFatal(Look& s) {
  if (!s.Must(s.at < std::ssize(s.node.facts.switches))) return;
  std::vector<std::pair<int, Seconds>> ports;
  bool whole = false;
  for (const NodeEvent& event : s.node.events.all()) {
    if (event.over || !IsFatalPort(event) || s.node.facts.SwitchAt(event.device) != s.at) continue;
    whole |= event.detail == "device";
    if (event.link >= 0) ports.emplace_back(event.link, event.t);
  }
  bool several = false;
  for (const auto& [port, t] : ports) {
    for (const auto& [other, u] : ports) several |= port != other && std::abs(t - u) <= 10;
  }
  if (!s.Must(whole || several)) return;
  s.Events(7 * 86400.0, [&](const NodeEvent& event) {
    return IsFatalPort(event) && s.node.facts.SwitchAt(event.device) == s.at;
  });
  s.Device(s.node.facts.switches[static_cast<std::size_t>(s.at)]);
  for (int gpu = 0; gpu < s.node.store.shape().gpus; ++gpu) s.UsersOf(gpu);
  s.Number(s.at);
  s.Number(static_cast<double>(ports.size()));
}

void Errors(Look& l) {
  const int links = l.node.store.shape().links;
  const int gpu = l.at / links, link = l.at % links;
  const SignalStore& store = l.node.store;
  const auto grew = [&](Signal s) {
    const int row = store.Row(s, gpu, link);
    return row >= 0 && store.GrewAt(row) >= l.now() - 3600;
  };
  const bool counts =
      grew(kNvlinkCrcFlit) || grew(kNvlinkCrcData) || grew(kNvlinkReplay) || grew(kNvlinkRecovery);
  const float ber = store.Last(kNvlinkBer, store.Row(kNvlinkBer, gpu, link));
  if (!counts && !(ber > 0)) {
    // Nothing ever grew; but a counter that cannot be read has not stood still.
    const int row = store.Row(kNvlinkCrcFlit, gpu, link);
    l.Must(row >= 0 && store.SeenAt(row) < 0 && std::isnan(ber)
               ? l.Given(kNvlinkCrcFlit, kAbsent) >= 0
               : l.Given(kNvlinkCrcFlit, 0) >= 1);
    return;
  }
  const Value crc = l.Rate(kNvlinkCrcFlit, 300, gpu, link) + l.Rate(kNvlinkCrcData, 300, gpu, link);
  const Value replay = l.Delta(kNvlinkReplay, 3600, gpu, link);
  const Value recovery = l.Delta(kNvlinkRecovery, 3600, gpu, link);
  const Value errors = l.Avg(kNvlinkBer, 600, gpu, link);
  bool odd = false;  // one link far above the others
  std::vector<double> all;
  double mine = 0;
  for (int other = 0; other < links; ++other) {
    double sum = 0;
    for (const Signal s : {kNvlinkCrcFlit, kNvlinkCrcData}) {
      const double grown = l.Delta(s, 3600, gpu, other).value;
      sum += std::isnan(grown) ? 0 : grown;
    }
    if (other == link) mine = sum;
    all.push_back(sum);
  }
  const double median = MedianOf(all);
  odd = mine >= 100 * std::min(1.0, l.node.store.watched() / 3600) && mine >= 100 &&
        mine >= 10 * std::max(median, 1.0);
  if (odd) {
    l.Must(Value{.value = mine,
                 .signal = kNvlinkCrcFlit,
                 .stat = Stat::kDelta,
                 .seconds = 3600,
                 .a = gpu,
                 .b = link} >= 100);
  } else if (errors.IsKnown()) {
    if (!l.Must(errors >= 1e-12)) return;
  } else if (!l.Any({crc >= 100, replay >= 100, recovery >= 2})) {
    return;
  }
  if (recovery.value >= 2) l.draft().severity = Severity::kCritical;
  l.Gpu(gpu);
  l.UsersOf(gpu);
  l.Device(LinkName(gpu, link));
  l.Text(LinkName(gpu, link));
  l.Number(crc.value);
  l.Number(replay.value);
  l.Number(recovery.value);
  if (l.recording()) l.draft().horizon = "days";
}

void FabricManagerDown(Look& s) {
  const bool is_it = s.at < std::ssize(s.node.facts.services) &&
                     s.node.facts.services[static_cast<std::size_t>(s.at)] == "fabricmanager";
  if (!(s.Must(is_it && !s.node.facts.switches.empty()) && s.Must(s.Last(kSvcActive) == 0))) return;
  int running = 0;
  for (const GpuState& gpu : s.pass.gpus) running += gpu.util60 > 5 ? 1 : 0;
  if (running == 0 && s.pass.jobs > 0) s.draft().severity = Severity::kFatal;
  s.Device("fabricmanager");
  s.Number(running);
  s.Number(static_cast<double>(s.pass.gpus.size()));
}

constexpr EventCode kSwitchLines[] = {EventCode::kSxid};
constexpr Rule kRules[] = {
    {"nvlink.link_down", Scope::kGpu, Severity::kCritical, 0.9, 15, LinkDown},
    {"nvlink.link_down", Scope::kSwitch, Severity::kCritical, 0.9, 0, PortDown, 5, kSwitchLines},
    {"nvlink.switch_fatal", Scope::kSwitch, Severity::kFatal, 0.95, 0, SwitchFatal, 5,
     kSwitchLines},
    {"nvlink.errors", Scope::kGpuLink, Severity::kWarning, 0.8, 30, Errors, 15},
    {"nvlink.fabric_manager_down", Scope::kService, Severity::kCritical, 0.95, 60,
     FabricManagerDown},
};

}  // namespace

std::span<const Rule> NvlinkRules() { return kRules; }

}  // namespace gpud::diagnosis
