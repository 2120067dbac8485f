// SPDX-License-Identifier: Apache-2.0
// NVIDIA confidential computing: is the GPUs' memory shut off from the host? It is a choice, and
// judged as none; but it explains transfers that are slow.
#include "components/nvidia/gpu_report.h"

namespace gpud::nvidia_confidential_compute {
namespace {

constexpr std::string_view kName = "accelerator-nvidia-confidential-compute";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", kName};
constexpr const SourceType* kNeeds[] = {&nvml::kDevices};
constexpr MetricType kMetrics[] = {
    {"accelerator_nvidia_confidential_compute_enabled", "1 while confidential computing is on"},
};

void Judge(nvidia::GpuReport& report) {
  const auto* devices = report.Take<nvml::Devices>();
  if (!devices) return;
  const bool* on = report.ReadOfAll("confidential computing", devices->confidential_compute);
  if (!on) return report.Done("confidential computing is not supported here");
  report.SampleOfAll(kMetrics[0].name, *on ? 1 : 0);
  report.Done(*on ? "confidential computing is on" : "confidential computing is off",
              {{"enabled", Json{*on}}});
}

}  // namespace

extern constinit const ComponentType kType{
    .name = kName,
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .supported = nvidia::SupportOf<kName, Judge>,
    .check = nvidia::CheckOf<kName, Judge>,
};

}  // namespace gpud::nvidia_confidential_compute
