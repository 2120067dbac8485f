// SPDX-License-Identifier: Apache-2.0
// Driver and software (2.10).
#include <algorithm>

#include "diagnosis/rules/shared.h"

namespace gpud::diagnosis {
namespace {

using enum Signal;

void VersionMismatch(Look& n) {
  const std::string &kernel = n.node.facts.driver_kernel, &library = n.node.facts.driver_library;
  const int lines = n.Events(
      86400, [](const NodeEvent& event) { return event.code == EventCode::kDriverMismatch; });
  const bool differ = !kernel.empty() && !library.empty() && kernel != library;
  if (!n.Must(lines > 0 || differ)) return;
  n.Text(kernel.empty() ? "?" : kernel);
  n.Text(library.empty() || library == kernel ? "?" : library);
  n.Number(lines);
}

void PersistenceOff(Look& n) {
  int off = 0;
  for (std::size_t i = 0; i < n.node.facts.gpus.size(); ++i) {
    const GpuFacts& gpu = n.node.facts.gpus[i];
    if (gpu.persistence != "off" || !IsDataCentreModel(gpu.model)) continue;
    const bool used = std::ranges::any_of(n.node.processes, [&](const ProcessFacts& process) {
      return process.IsAlive() && process.Uses(static_cast<int>(i)) &&
             process.start <= n.now() - 3600;
    });
    if (used) continue;
    ++off;
    n.Gpu(static_cast<int>(i));
  }
  if (!n.Must(off > 0)) return;
  n.Number(off);
  n.Number(static_cast<double>(n.node.facts.gpus.size()));
}

void EccOff(Look& g) {
  const GpuFacts& gpu = FactsOf(g);
  if (!g.Must(gpu.ecc_mode == "off" && gpu.present && IsDataCentreModel(gpu.model))) return;
  AboutGpu(g);
  g.Text(gpu.model);
}

void GspTimeout(Look& g) {
  const auto fits = [&](const NodeEvent& event) {
    return event.code == EventCode::kXid && event.gpu == g.at &&
           (event.number == 119 || event.number == 120);
  };
  const int lines = g.Events(7 * 86400.0, fits);
  if (!g.Must(lines > 0)) return;
  bool advised = false, by_tool = true;
  for (const NodeEvent& event : g.node.events.all()) {
    if (event.over || event.code != EventCode::kXid || event.gpu != g.at) continue;
    advised |= event.number == 154;
    if (event.number == 154) g.Note(event);
    if (fits(event)) by_tool &= event.process.starts_with("nvidia-smi") || event.process == "dcgm";
  }
  // One question of a tool that got no answer, and the GPU works on.
  const double answer = g.Last(kGpuQueryMs).value;
  if (lines == 1 && !advised && by_tool && answer < 1000) g.draft().severity = Severity::kCritical;
  AboutGpu(g);
  g.Number(lines);
  g.Number(answer);
}

void Unresponsive(Look& g) {
  if (!g.Must(g.Avg(kGpuQueryMs, 60) >= 5000)) return;
  AboutGpu(g);
  g.Number(g.Avg(kGpuQueryMs, 60).value / 1000, 1);
  const std::vector<int> peers = g.pass.Peers(g.at);
  g.Number(g.pass.Median(kGpuQueryMs, 60, peers), 1);
}

constexpr Rule kRules[] = {
    {"driver.version_mismatch", Scope::kNode, Severity::kCritical, 0.98, 60, VersionMismatch},
    {"driver.persistence_off", Scope::kNode, Severity::kInfo, 0.9, 300, PersistenceOff, 60},
    {"driver.ecc_off", Scope::kGpu, Severity::kWarning, 0.95, 60, EccOff, 60},
    {"driver.gsp_timeout", Scope::kGpu, Severity::kFatal, 0.95, 0, GspTimeout},
    {"driver.unresponsive", Scope::kGpu, Severity::kCritical, 0.8, 0, Unresponsive},
};

}  // namespace

std::span<const Rule> DriverRules() { return kRules; }

}  // namespace gpud::diagnosis
