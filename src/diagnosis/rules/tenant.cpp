// SPDX-License-Identifier: Apache-2.0
// Several tenants on one GPU (2.12).
#include <algorithm>

#include "diagnosis/rules/shared.h"

namespace gpud::diagnosis {
namespace {

using enum Signal;

int PlaceOn(const ProcessFacts& process, int gpu) {
  for (std::size_t i = 0; i < process.gpus.size() && i < process.gpu_places.size(); ++i) {
    if (process.gpus[i] == gpu) return process.gpu_places[i];
  }
  return -1;
}

/// Mean of the samples between two moments; absent with fewer than three.
double MeanBetween(const NodeView& node, Signal s, int place, Seconds from, Seconds to) {
  const SignalStore& store = node.store;
  const Samples samples = store.Window(s, store.Row(s, place), SignalStore::kReach);
  const Seconds step = store.StepOf(s);
  double sum = 0;
  int count = 0;
  for (int i = 0; i < samples.count(); ++i) {
    const Seconds at = node.now() - step * (samples.count() - 1 - i);
    if (at < from || at > to || std::isnan(samples[i])) continue;
    sum += static_cast<double>(samples[i]);
    ++count;
  }
  return count < 3 ? static_cast<double>(kAbsent) : sum / count;
}

void NoisyNeighbour(Look& g) {
  const GpuState& gpu = StateOf(g);
  if (!(g.Must(gpu.users.size() >= 2 && FactsOf(g).mig_mode != "on") &&
        g.Must(g.Avg(kGpuUtil, 300) >= 95))) {
    return;
  }
  for (const int loud : gpu.users) {
    const ProcessFacts& neighbour = ProcessAt(g, loud);
    const Condition takes = g.Avg(kGpuProcSmUtil, 300, PlaceOn(neighbour, g.at)) >= 60;
    if (!g.Holds(takes)) continue;
    for (const int quiet : gpu.users) {
      const ProcessFacts& victim = ProcessAt(g, quiet);
      const bool one_job = victim.container == neighbour.container && victim.pod == neighbour.pod &&
                           victim.pod_namespace == neighbour.pod_namespace;
      if (quiet == loud || one_job || victim.role == Role::kOther ||
          victim.start >= neighbour.start) {
        continue;
      }
      const int place = PlaceOn(victim, g.at);
      const double before =
          MeanBetween(g.node, kGpuProcSmUtil, place, neighbour.start - 3600, neighbour.start - 1);
      // After an hour what was before is no longer known; then the verdict stands as it is.
      if (std::isnan(before)) {
        if (g.active()) g.draft().truth = Truth::kUnknown;
        continue;
      }
      // The victim may only have fewer requests: it must have fallen when the neighbour came.
      const double soon =
          MeanBetween(g.node, kGpuProcSmUtil, place, neighbour.start + 60, neighbour.start + 180);
      const Condition fell = g.Avg(kGpuProcSmUtil, 300, place) <= 0.6 * before;
      if (!g.Holds(fell) || !(soon <= 0.8 * before)) continue;
      g.Must(takes);
      g.Must(fell);
      if (g.recording()) g.draft().onset = neighbour.start;
      g.Gpu(g.at);
      g.Process(quiet);
      g.Process(loud);
      g.Text(NameOf(g, quiet));
      g.Text(NameOf(g, loud));
      g.Number(before);
      g.Number(fell.value.value);
      return;
    }
  }
  if (g.draft().truth != Truth::kUnknown) g.Must(false);
}

bool IsService(std::string_view name) {
  for (const std::string_view known :
       {"nvidia-persiste", "nv-hostengine", "dcgm", "Xorg", "gpud", "nvidia-fabric",
        "nvidia-cuda-mps", "nvidia-smi", "nvidia-imex", "gnome-shell", "rocm-smi", "amd-smi"}) {
    if (name.starts_with(known)) return true;
  }
  return false;
}

void StrayProcess(Look& g) {
  const GpuState& gpu = StateOf(g);
  const bool assigned =
      std::ranges::any_of(gpu.users, [&](int place) { return !ProcessAt(g, place).pod.empty(); });
  if (!g.Must(assigned)) return;
  for (const int place : gpu.users) {
    const ProcessFacts& process = ProcessAt(g, place);
    if (!process.container.empty() || !process.pod.empty() || IsService(process.name)) continue;
    const Condition holds = g.Avg(kGpuProcMem, 60, PlaceOn(process, g.at)) >= 500;
    if (!g.Holds(holds) || g.now() - process.start < 60) continue;
    g.Must(holds);
    g.Gpu(g.at);
    g.Process(place);
    g.Text(NameOf(g, place));
    g.Number(holds.value.value);
    g.Text(process.user);
    return;
  }
  g.Must(false);
}

void MigUnusable(Look& g) {
  const GpuFacts& gpu = FactsOf(g);
  const bool pending = !gpu.mig_pending.empty() && gpu.mig_pending != gpu.mig_mode;
  if (!g.Must((gpu.mig_mode == "on" && gpu.mig_instances == 0) || pending)) return;
  g.Gpu(g.at);
  g.Number(gpu.mig_instances);
  g.Number(gpu.memory_mib);
  if (g.recording()) g.draft().cause = pending ? "pending" : "empty";
}

constexpr Rule kRules[] = {
    {"tenant.noisy_neighbour", Scope::kGpu, Severity::kWarning, 0.75, 0, NoisyNeighbour, 15},
    {"tenant.stray_process", Scope::kGpu, Severity::kWarning, 0.9, 120, StrayProcess, 15},
    {"tenant.mig_unusable", Scope::kGpu, Severity::kWarning, 0.9, 600, MigUnusable, 15},
};

}  // namespace

std::span<const Rule> TenantRules() { return kRules; }

}  // namespace gpud::diagnosis
