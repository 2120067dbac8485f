// SPDX-License-Identifier: Apache-2.0
// NVIDIA utilization: how much of the time the GPUs work. It judges nothing: diagnosis does.
#include "components/nvidia/gpu_report.h"

namespace gpud::nvidia_utilization {
namespace {

using nvidia::GpuId;
using nvml::GpuActivity;

constexpr std::string_view kName = "accelerator-nvidia-utilization";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", kName};
constexpr const SourceType* kNeeds[] = {&nvml::kActivity};
constexpr nvidia::Gauge<GpuActivity> kRows[] = {
    {"accelerator_nvidia_utilization_gpu_util_percent", "time in which a kernel ran",
     "gpu_used_percent", "supported", &GpuActivity::gpu_percent},
    {"accelerator_nvidia_utilization_memory_util_percent",
     "time in which memory was read or written", "memory_used_percent", "",
     &GpuActivity::memory_percent},
    {"accelerator_nvidia_utilization_gpu_util_max_percent",
     "highest of the driver's own samples since the reading before", "gpu_used_max_percent", "",
     &GpuActivity::gpu_percent_max},
    {"accelerator_nvidia_utilization_encoder_percent", "time in which the video encoder worked",
     "encoder_used_percent", "", &GpuActivity::encoder_percent},
    {"accelerator_nvidia_utilization_decoder_percent", "time in which the video decoder worked",
     "decoder_used_percent", "", &GpuActivity::decoder_percent},
};
constexpr auto kMetrics = nvidia::MetricsOf<kRows>();

void Judge(nvidia::GpuReport& report) {
  const auto* activity = report.Take<nvml::Activity>();
  if (!activity) return;
  Json::Array rows;
  for (const GpuActivity& gpu : activity->gpus) {
    Json::Object row = nvidia::RowOf(GpuId(gpu));
    report.Sample<GpuActivity>(GpuId(gpu), gpu, kRows, row);
    rows.push_back({std::move(row)});
  }
  report.Done("utilization of all GPUs was read", {{"utilizations", {std::move(rows)}}});
}

}  // namespace

extern constinit const ComponentType kType{
    .name = kName,
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .period = std::chrono::seconds(5),  // so that a driver that hangs is told within ten seconds
    .supported = nvidia::SupportOf<kName, Judge>,
    .check = nvidia::CheckOf<kName, Judge>,
};

}  // namespace gpud::nvidia_utilization
