// SPDX-License-Identifier: Apache-2.0
// Utilization of Intel's GPUs: how much of the time they work. The drivers tell for how long a GPU
// slept, and to each program that has it open how long its engines worked.
#include <algorithm>
#include <map>

#include "components/drm_gpu.h"
#include "sources/drm/clients.h"
#include "sources/intel_gpu/gpus.h"

namespace gpud::intel_utilization {
namespace {

constexpr std::string_view kName = "accelerator-intel-utilization";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "intel", kName};
constexpr const SourceType* kNeeds[] = {&intel_gpu::kGpus, &drm::kClients};
constexpr std::string_view kUsed = "accelerator_intel_utilization_gpu_util_percent";
constexpr std::string_view kAwake = "accelerator_intel_utilization_awake_percent";
constexpr MetricType kMetrics[] = {
    {kUsed, "share of time in which its busiest kind of engine worked"},
    {kAwake, "share of time in which it was not in deep sleep (RC6)"},
};
constexpr GpuCheck kCheck{.component = kName,
                          .pairs = IntelPairs,
                          .metrics = kMetrics,
                          .list = "utilizations",
                          .good = "work of each Intel GPU was looked at"};

const drm::Client* Find(const drm::Clients& clients, const drm::Client& wanted) {
  for (const drm::Client& client : clients.clients) {
    if (client.id == wanted.id && client.bus_id == wanted.bus_id) return &client;
  }
  return nullptr;
}

std::uint64_t Get(const std::map<std::string, std::uint64_t>& numbers, const std::string& name) {
  const auto found = numbers.find(name);
  return found == numbers.end() ? 0 : found->second;
}

double Growth(std::uint64_t now, std::uint64_t then) {
  return now > then ? static_cast<double>(now - then) : 0;
}

/// Adds up what a program's engines did between two readings, as shares of one engine's time.
void AddShares(const drm::Client& now, const drm::Client& then, double elapsed_ns,
               std::map<std::string, double>& shares) {
  const auto add = [&](const std::string& engine, double share) {
    shares[engine] +=
        share / static_cast<double>(std::max<std::uint64_t>(1, Get(now.engine_capacity, engine)));
  };
  for (const auto& [engine, ns] : now.engine_ns) {
    add(engine, Growth(ns, Get(then.engine_ns, engine)) / elapsed_ns);
  }
  for (const auto& [engine, cycles] : now.engine_cycles) {
    const double total =
        Growth(Get(now.engine_total_cycles, engine), Get(then.engine_total_cycles, engine));
    if (total > 0) add(engine, Growth(cycles, Get(then.engine_cycles, engine)) / total);
  }
}

void AddUsed(const Inputs& in, const drm::Gpu& gpu, Report& report) {
  const auto& clients = in.Latest<drm::Clients>();
  const auto* before = in.Previous<drm::Clients>();
  const std::chrono::duration<double, std::nano> elapsed = in.Elapsed<drm::Clients>();
  if (!clients || !before || elapsed.count() <= 0) return;
  std::map<std::string, double> shares;
  for (const drm::Client& client : clients->clients) {
    const drm::Client* then = client.bus_id == gpu.bus_id ? Find(*before, client) : nullptr;
    if (then) AddShares(client, *then, elapsed.count(), shares);
  }
  double most = 0;
  for (const auto& [engine, share] : shares) most = std::max(most, share);
  AddGpuSample(report, kUsed, gpu, std::min(1.0, most) * 100);
}

/// The units of a GPU sleep apart; the one that slept least counts.
void AddAwake(const Inputs& in, const intel_gpu::Gpu& gpu, Report& report) {
  const auto* previous = in.Previous<intel_gpu::Gpus>();
  const std::chrono::duration<double, std::milli> elapsed = in.Elapsed<intel_gpu::Gpus>();
  if (!previous || elapsed.count() <= 0) return;
  const auto before = std::find_if(
      previous->gpus.begin(), previous->gpus.end(),
      [&](const intel_gpu::Gpu& other) { return other.base.bus_id == gpu.base.bus_id; });
  if (before == previous->gpus.end() || before->units.size() != gpu.units.size()) return;
  std::optional<double> awake;
  for (std::size_t i = 0; i < gpu.units.size(); ++i) {
    const auto& now = gpu.units[i].asleep_ms;
    const auto& then = before->units[i].asleep_ms;
    if (!now || !then || *now < *then) continue;
    const double share = 1 - (*now - *then) / elapsed.count();
    awake = std::max(awake.value_or(0), std::clamp(share, 0.0, 1.0));
  }
  if (awake) AddGpuSample(report, kAwake, gpu.base, *awake * 100);
}

Report Check(const Inputs& in) {
  Report report = CheckGpus(in, kCheck);
  AddUnreadable(report, "accelerator-intel-utilization/clients", in.Latest<drm::Clients>());
  const auto& gpus = in.Latest<intel_gpu::Gpus>();
  if (!gpus) return report;
  for (const intel_gpu::Gpu& gpu : gpus->gpus) {
    AddUsed(in, gpu.base, report);
    AddAwake(in, gpu, report);
  }
  return report;
}

}  // namespace

extern constinit const ComponentType kType{
    .name = kName,
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .period = std::chrono::seconds(15),
    .supported = IntelSupport,
    .check = Check,
};

}  // namespace gpud::intel_utilization
