// SPDX-License-Identifier: Apache-2.0
// XGMI, the links between AMD's GPUs: is each linked to all others of its group, and how much goes
// over them?
#include <algorithm>

#include "components/drm_gpu.h"
#include "sources/amdgpu/gpus.h"

namespace gpud::amd_xgmi {
namespace {

constexpr std::string_view kName = "accelerator-amd-xgmi";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "amd", kName};
constexpr const SourceType* kNeeds[] = {&amdgpu::kGpus};
constexpr auto kCounter = MetricKind::kCounter;
constexpr std::string_view kPeers = "accelerator_amd_xgmi_peers";
constexpr MetricType kMetrics[] = {
    {"accelerator_amd_xgmi_width", "lanes of a link"},
    {"accelerator_amd_xgmi_gbps", "speed of a lane, Gbit/s"},
    {"accelerator_amd_xgmi_read_bytes_total", "read over all links", kCounter},
    {"accelerator_amd_xgmi_written_bytes_total", "written over all links", kCounter},
    {kPeers, "GPUs that it is linked to"},
};
constexpr Result<double> amdgpu::Metrics::*kReadings[] = {
    &amdgpu::Metrics::xgmi_width, &amdgpu::Metrics::xgmi_gbps, &amdgpu::Metrics::xgmi_read_bytes,
    &amdgpu::Metrics::xgmi_written_bytes};

/// How many others of its group a GPU of it is linked to at most: fewer is a link lost, whatever
/// the shape of the group.
std::size_t MostPeers(const amdgpu::Gpus& gpus, const std::string& hive) {
  std::size_t most = 0;
  for (const amdgpu::Gpu& gpu : gpus.gpus) {
    if (gpu.hive == hive) most = std::max(most, gpu.xgmi_peers.size());
  }
  return most;
}

Report Check(const Inputs& in) {
  constexpr GpuCheck kCheck{.component = kName,
                            .metrics = kMetrics,
                            .list = "gpus",
                            .good = "no XGMI link between AMD GPUs is missing"};
  const auto& gpus = in.Latest<amdgpu::Gpus>();
  if (!gpus) return CheckGpus(in, kCheck);
  Findings findings;
  Report samples;
  for (const amdgpu::Gpu& gpu : gpus->gpus) {
    for (std::size_t i = 0; gpu.metrics && i < std::size(kReadings); ++i) {
      const Result<double>& reading = (*gpu.metrics).*kReadings[i];
      if (reading) AddGpuSample(samples, kMetrics[i].name, gpu.base, *reading);
    }
    if (gpu.hive.empty()) continue;
    AddGpuSample(samples, kPeers, gpu.base, static_cast<double>(gpu.xgmi_peers.size()));
    const std::size_t most = MostPeers(*gpus, gpu.hive);
    if (gpu.xgmi_peers.size() >= most) continue;
    findings.Add(Health::kDegraded,
                 GpuText(gpu.base) + " is linked to " + std::to_string(gpu.xgmi_peers.size()) +
                     " GPUs by XGMI, others of its group to " + std::to_string(most),
                 Advice::kInvestigateLink);
  }
  Report report = CheckGpus(in, kCheck, std::move(findings));
  report.samples = std::move(samples.samples);
  return report;
}

}  // namespace

extern constinit const ComponentType kType{
    .name = kName,
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .supported = AmdSupport,
    .check = Check,
};

}  // namespace gpud::amd_xgmi
