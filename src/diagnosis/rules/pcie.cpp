// SPDX-License-Identifier: Apache-2.0
// PCIe (2.6), of GPUs and adapters.
#include <algorithm>
#include <cmath>

#include "diagnosis/rules/shared.h"

namespace gpud::diagnosis {
namespace {

using enum Signal;

/// The same rules for the link of a GPU and that of an adapter.
struct Link {
  Signal gen, width, gen_max, width_max, replay;
};
constexpr Link kGpuLink{kGpuPcieGen, kGpuPcieWidth, kGpuPcieGenMax, kGpuPcieWidthMax,
                        kGpuPcieReplay};
constexpr Link kNicLink{kNicPcieGen, kNicPcieWidth, kNicPcieGenMax, kNicPcieWidthMax,
                        kNicPcieReplay};

void About(Look& look, bool gpu) {
  if (gpu) {
    AboutGpu(look);
    look.Device(FactsOf(look).pci);
  } else if (look.at < std::ssize(look.node.facts.nics)) {
    look.Device(look.node.facts.nics[static_cast<std::size_t>(look.at)].name);
  }
}

void Width(Look& look, const Link& link, bool gpu) {
  const double most = look.Last(link.width_max).value;
  const Value width = look.Last(link.width);
  if (!look.Must(width <= most - 1) || !look.Must(width.value < most)) return;
  if (gpu && !IsDataCentreModel(FactsOf(look).model) && !look.Must(StateOf(look).loaded)) return;
  if (width.value <= most / 2) look.draft().severity = Severity::kCritical;
  About(look, gpu);
  look.Number(width.value);
  look.Number(most);
  look.Number(look.Last(link.gen).value);
}

void Generation(Look& look, const Link& link, bool gpu) {
  const double most = look.Last(link.gen_max).value;
  const Value gen = look.Last(link.gen);
  // An idle link sleeps: that is no fault.
  const bool loaded = gpu ? StateOf(look).loaded
                          : look.Avg(kNetRx, 60).value + look.Avg(kNetTx, 60).value +
                                    look.Avg(kRdmaRx, 60).value + look.Avg(kRdmaTx, 60).value >=
                                200;
  if (!look.Must(loaded) || !look.Must(gen <= most - 1) || !look.Must(gen.value < most)) return;
  if (gen.value <= most - 2) look.draft().severity = Severity::kCritical;
  if (gpu && look.recording()) {
    bool all = look.node.store.shape().gpus > 1;
    for (int other = 0; other < look.node.store.shape().gpus; ++other) {
      all &= look.Last(link.gen, other).value == gen.value;
    }
    look.draft().cause = all ? "bios" : "link";
  }
  About(look, gpu);
  look.Number(gen.value);
  look.Number(most);
  look.Number(look.Last(link.width).value);
}

void Replay(Look& look, const Link& link, bool gpu) {
  const double width = look.Last(link.width).value, gen = look.Last(link.gen).value;
  constexpr double kPerLane[] = {0.15, 0.3, 0.48, 0.96, 1.92, 3.84};  // and minute, from gen 1 on
  const auto g = static_cast<std::size_t>(std::clamp(std::isnan(gen) ? 1.0 : gen, 1.0, 6.0));
  const double expected = std::ceil((std::isnan(width) ? 16 : width) * kPerLane[g - 1]);
  const Value per_minute = look.Rate(link.replay, 300) * 60;
  if (!look.Must(per_minute >= expected + 1e-9)) return;
  About(look, gpu);
  look.Number(per_minute.value, 1);
  look.Number(expected);
  if (look.recording()) look.draft().horizon = per_minute.value >= 10 * expected ? "days" : "weeks";
}

int SubjectOf(const NodeFacts& facts, const NodeEvent& event, bool gpu) {
  if (!gpu) return facts.NicAt(event.device);
  if (event.gpu >= 0) return event.gpu;
  for (std::size_t i = 0; i < facts.gpus.size(); ++i) {
    if (IsOnPathOf(facts.gpus[i], event.device)) return static_cast<int>(i);
  }
  return -1;
}

bool IsLost(const Look& look, int gpu) {
  return look.Last(kGpuLost, gpu).value == 1 ||
         std::ranges::any_of(look.node.events.all(), [&](const NodeEvent& event) {
           return !event.over && event.code == EventCode::kXid && event.number == 79 &&
                  event.gpu == gpu;
         });
}

// `other`: devices that are neither GPU nor adapter, all in one.
void AerStorm(Look& look, bool gpu, bool other) {
  const auto fits = [&](const NodeEvent& event) {
    if (other) {
      return SubjectOf(look.node.facts, event, true) < 0 &&
             SubjectOf(look.node.facts, event, false) < 0;
    }
    return SubjectOf(look.node.facts, event, gpu) == look.at &&
           (gpu || SubjectOf(look.node.facts, event, true) < 0);
  };
  const int corrected = look.Events(600, [&](const NodeEvent& event) {
    return event.code == EventCode::kAerCorrected && fits(event);
  });
  int fatal = 0;
  for (const NodeEvent& event : look.node.events.all()) {
    if (event.over || event.code != EventCode::kAerUncorrected || !fits(event)) continue;
    if (event.t < look.now() - 3600) continue;
    ++fatal;
    look.Note(event);
  }
  if (!look.Must(corrected >= (look.active() ? 18 : 20) || fatal > 0)) return;
  if (fatal > 0) look.draft().severity = Severity::kCritical;
  if (other) {
    for (const NodeEvent& event : look.node.events.all()) {
      if (event.code == EventCode::kAerCorrected || event.code == EventCode::kAerUncorrected) {
        if (fits(event)) look.Device(event.device);
      }
    }
  } else {
    About(look, gpu);
  }
  look.Number(corrected);
  look.Number(fatal);
  if (gpu && !other) look.Number(look.Rate(kGpuPcieReplay, 300).value * 60, 1);
}

/// What came before the loss, as far as it tells why.
std::string CauseOfLoss(const Look& g, Seconds lost) {
  const GpuFacts& facts = FactsOf(g);
  bool link = false, firmware = false;
  for (const NodeEvent& event : g.node.events.all()) {
    const bool aer =
        event.code == EventCode::kAerCorrected || event.code == EventCode::kAerUncorrected;
    if ((aer && event.t >= lost - 3600) || event.code == EventCode::kPciLinkDown) {
      link |= IsOnPathOf(facts, event.device);
    }
    firmware |= event.code == EventCode::kXid && event.gpu == g.at && event.t >= lost - 600 &&
                event.t < lost && (event.number == 119 || event.number == 120);
  }
  if (link) return "link";
  bool power = g.Max(kGpuThrottleHwPowerBrake, 120).value >= 0.1;
  for (int psu = 0; psu < g.node.store.shape().psus; ++psu) {
    power |= g.Last(kBmcPsuOk, psu).value == 0;
  }
  if (power) return "power";
  const Samples heat = g.node.store.Window(kGpuTemp, g.node.store.Row(kGpuTemp, g.at), 180);
  bool hot = false;
  heat.Each([&](float t) { hot |= static_cast<double>(t) >= facts.temp_slowdown; });
  return hot ? "heat" : firmware ? "firmware" : "unknown";
}

void GpuLost(Look& g) {
  const int gone = g.Events(7 * 86400.0, [&](const NodeEvent& event) {
    return event.code == EventCode::kXid && event.number == 79 && event.gpu == g.at;
  });
  const bool silent = g.Last(kGpuLost).value == 1;
  if (gone == 0) {
    if (!g.Must(silent)) return;
    const int path = g.Events(3600, [&](const NodeEvent& event) {
      return event.code == EventCode::kPciLinkDown && IsOnPathOf(FactsOf(g), event.device);
    });
    g.Must(g.Last(kGpuLost) == 1);
    const Value for_long = g.Frac(kGpuLost, 15, g.at, [](float v) { return v == 1; });
    if (path == 0 && !g.Must(for_long.value >= 1)) return;
    g.draft().event = true;
  }
  AboutGpu(g);
  if (!g.recording()) return;
  g.Device(FactsOf(g).pci);
  // What the driver says behind it belongs to it; its advice is the newest.
  for (const NodeEvent& event : g.node.events.all()) {
    if (event.code != EventCode::kXid || event.gpu != g.at || event.number == 79) continue;
    if (event.t >= g.draft().onset - 1 && event.t <= g.draft().onset + 300) {
      const Seconds onset = g.draft().onset;
      g.Note(event);
      g.draft().onset = onset;
    }
  }
  for (const ProcessFacts& process : g.node.processes) {
    if (process.pid > 0 && process.Uses(g.at)) {
      g.Process(static_cast<int>(&process - g.node.processes.data()));
    }
  }
  g.draft().cause = CauseOfLoss(g, g.draft().onset < 0 ? g.now() : g.draft().onset);
  g.Text(FactsOf(g).pci);
  g.Text(FactsOf(g).serial.empty() ? "?" : FactsOf(g).serial);
}

void WidthOfGpu(Look& look) {
  if (!look.Not(IsLost(look, look.at))) return;
  Width(look, kGpuLink, true);
}
void WidthOfNic(Look& look) { Width(look, kNicLink, false); }
void GenerationOfGpu(Look& look) { Generation(look, kGpuLink, true); }
void GenerationOfNic(Look& look) { Generation(look, kNicLink, false); }
void ReplayOfGpu(Look& look) { Replay(look, kGpuLink, true); }
void ReplayOfNic(Look& look) { Replay(look, kNicLink, false); }
void AerOfGpu(Look& look) {
  if (!look.Not(IsLost(look, look.at) && !look.active())) return;
  AerStorm(look, true, false);
}
void AerOfNic(Look& look) { AerStorm(look, false, false); }
void AerOfOther(Look& look) { AerStorm(look, false, true); }

constexpr EventCode kAer[] = {EventCode::kAerCorrected, EventCode::kAerUncorrected};
constexpr Rule kRules[] = {
    {"pcie.link_width", Scope::kGpu, Severity::kWarning, 0.95, 60, WidthOfGpu},
    {"pcie.link_width", Scope::kNic, Severity::kWarning, 0.95, 60, WidthOfNic},
    {"pcie.link_gen", Scope::kGpu, Severity::kWarning, 0.9, 60, GenerationOfGpu},
    {"pcie.link_gen", Scope::kNic, Severity::kWarning, 0.9, 60, GenerationOfNic},
    {"pcie.replay_high", Scope::kGpu, Severity::kWarning, 0.8, 300, ReplayOfGpu},
    {"pcie.replay_high", Scope::kNic, Severity::kWarning, 0.8, 300, ReplayOfNic},
    {"pcie.aer_storm", Scope::kGpu, Severity::kWarning, 0.85, 0, AerOfGpu, 5, kAer},
    {"pcie.aer_storm", Scope::kNic, Severity::kWarning, 0.85, 0, AerOfNic, 5, kAer},
    {"pcie.aer_storm", Scope::kNode, Severity::kWarning, 0.85, 0, AerOfOther, 5, kAer},
    {"pcie.gpu_lost", Scope::kGpu, Severity::kFatal, 0.98, 0, GpuLost},
};

}  // namespace

std::span<const Rule> PcieRules() { return kRules; }

}  // namespace gpud::diagnosis
