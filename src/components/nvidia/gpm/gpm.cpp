// SPDX-License-Identifier: Apache-2.0
// NVIDIA GPM: which parts of the GPUs work, from Hopper on. It judges nothing: diagnosis does.
#include "components/nvidia/gpu_report.h"

namespace gpud::nvidia_gpm {
namespace {

using nvidia::GpuId;
using nvml::Gpm;

constexpr std::string_view kName = "accelerator-nvidia-gpm";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", kName};
constexpr const SourceType* kNeeds[] = {&nvml::kActivity};
// The members of `data` are the numbers of NVML_GPM_METRIC_*.
constexpr nvidia::Gauge<Gpm> kRows[] = {
    {"accelerator_nvidia_gpm_gpu_sm_active_percent", "multiprocessors with work", "2", "",
     &Gpm::sm_active},
    {"accelerator_nvidia_gpm_gpu_sm_occupancy_percent",
     "warps on the multiprocessors, of the most that they hold", "3", "", &Gpm::sm_occupancy},
    {"accelerator_nvidia_gpm_gpu_int_util_percent", "time in which integer pipes worked", "4", "",
     &Gpm::integer},
    {"accelerator_nvidia_gpm_gpu_any_tensor_util_percent",
     "time in which matrix pipes worked, any of them", "5", "", &Gpm::tensor},
    {"accelerator_nvidia_gpm_gpu_dfma_tensor_util_percent",
     "time in which matrix pipes worked on 64-bit floats", "6", "", &Gpm::tensor_fp64},
    {"accelerator_nvidia_gpm_gpu_hmma_tensor_util_percent",
     "time in which matrix pipes worked on short floats", "7", "", &Gpm::tensor_half},
    {"accelerator_nvidia_gpm_gpu_imma_tensor_util_percent",
     "time in which matrix pipes worked on integers", "9", "", &Gpm::tensor_integer},
    {"accelerator_nvidia_gpm_gpu_dram_active_percent", "memory bandwidth in use", "10", "",
     &Gpm::dram_active},
    {"accelerator_nvidia_gpm_gpu_fp64_util_percent", "time in which 64-bit float pipes worked",
     "11", "", &Gpm::fp64},
    {"accelerator_nvidia_gpm_gpu_fp32_util_percent", "time in which 32-bit float pipes worked",
     "12", "", &Gpm::fp32},
    {"accelerator_nvidia_gpm_gpu_fp16_util_percent", "time in which 16-bit float pipes worked",
     "13", "", &Gpm::fp16},
};
constexpr auto kMetrics = nvidia::MetricsOf<kRows>();

void Judge(nvidia::GpuReport& report) {
  const auto* activity = report.Take<nvml::Activity>();
  if (!activity) return;
  Json::Array rows;
  for (const nvml::GpuActivity& gpu : activity->gpus) {
    const Gpm* gpm = report.Read(GpuId(gpu), "profiling", gpu.gpm);
    if (!gpm) continue;
    Json::Object metrics;
    report.Sample<Gpm>(GpuId(gpu), *gpm, kRows, metrics);
    rows.push_back({Json::Object{{"uuid", Json{gpu.uuid}},
                                 {"sample_duration_seconds", Json{gpm->seconds}},
                                 {"metrics", Json{std::move(metrics)}}}});
  }
  const bool supported = report.support().supported;
  report.Done(supported ? "profiling shares of the GPUs were read" : "GPM is not supported here",
              {{"gpm_supported", Json{supported}}, {"gpm_metrics", {std::move(rows)}}});
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

}  // namespace gpud::nvidia_gpm
