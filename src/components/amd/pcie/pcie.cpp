// SPDX-License-Identifier: Apache-2.0
// Pcie of AMD's GPUs: is the link to the machine as wide and as fast as card and slot can?
#include "components/drm_gpu.h"
#include "sources/amdgpu/gpus.h"

namespace gpud::amd_pcie {
namespace {

constexpr std::string_view kTags[] = {"accelerator", "gpu", "amd", "accelerator-amd-pcie"};
constexpr const SourceType* kNeeds[] = {&amdgpu::kGpus};
constexpr MetricType kMetrics[] = {
    {"accelerator_amd_pcie_speed_gts", "speed of the link, GT/s"},
    {"accelerator_amd_pcie_max_speed_gts", "the highest that card and slot can"},
    {"accelerator_amd_pcie_width", "lanes of the link"},
    {"accelerator_amd_pcie_max_width", "the most that card and slot can"},
    {"accelerator_amd_pcie_replays_total", "packets that were sent again", MetricKind::kCounter},
};
constexpr drm::Reading kReadings[] = {
    &drm::Gpu::pcie_gts,       &drm::Gpu::pcie_gts_max, &drm::Gpu::pcie_width,
    &drm::Gpu::pcie_width_max, &drm::Gpu::pcie_replays,
};
constexpr GpuCheck kCheck{
    .component = "accelerator-amd-pcie",
    .pairs = AmdPairs,
    .metrics = kMetrics,
    .readings = kReadings,
    .list = "links",
    .good = "each AMD GPU has the PCIe link that card and slot can",
    .judge = JudgeLink,
};

}  // namespace

extern constinit const ComponentType kType{
    .name = kCheck.component,
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .period = std::chrono::seconds(15),
    .supported = AmdSupport,
    .check = [](const Inputs& in) { return CheckGpus(in, kCheck); },
};

}  // namespace gpud::amd_pcie
