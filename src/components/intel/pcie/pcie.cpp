// SPDX-License-Identifier: Apache-2.0
// Pcie of Intel's GPUs: is the link to the machine as wide and as fast as card and slot can?
#include "components/drm_gpu.h"
#include "sources/intel_gpu/gpus.h"

namespace gpud::intel_pcie {
namespace {

constexpr std::string_view kTags[] = {"accelerator", "gpu", "intel", "accelerator-intel-pcie"};
constexpr const SourceType* kNeeds[] = {&intel_gpu::kGpus};
constexpr MetricType kMetrics[] = {
    {"accelerator_intel_pcie_speed_gts", "speed of the link, GT/s"},
    {"accelerator_intel_pcie_max_speed_gts", "the highest that card and slot can"},
    {"accelerator_intel_pcie_width", "lanes of the link"},
    {"accelerator_intel_pcie_max_width", "the most that card and slot can"},
};
constexpr drm::Reading kReadings[] = {
    &drm::Gpu::pcie_gts,
    &drm::Gpu::pcie_gts_max,
    &drm::Gpu::pcie_width,
    &drm::Gpu::pcie_width_max,
};
constexpr GpuCheck kCheck{
    .component = "accelerator-intel-pcie",
    .pairs = IntelPairs,
    .metrics = kMetrics,
    .readings = kReadings,
    .list = "links",
    .good = "each Intel GPU has the PCIe link that card and slot can",
    .judge = JudgeLink,
};

}  // namespace

extern constinit const ComponentType kType{
    .name = kCheck.component,
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .period = std::chrono::seconds(15),
    .supported = IntelSupport,
    .check = [](const Inputs& in) { return CheckGpus(in, kCheck); },
};

}  // namespace gpud::intel_pcie
