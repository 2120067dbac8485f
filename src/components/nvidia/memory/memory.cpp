// SPDX-License-Identifier: Apache-2.0
// NVIDIA memory: how much of the GPUs' memory is in use.
#include "components/nvidia/gpu_report.h"
#include "platform/text.h"
#include "sources/procfs/meminfo.h"

namespace gpud::nvidia_memory {
namespace {

using nvidia::GpuId;
using nvml::GpuActivity;

constexpr std::string_view kName = "accelerator-nvidia-memory";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", kName};
constexpr const SourceType* kNeeds[] = {&nvml::kActivity, &procfs::kMeminfo};
constexpr nvidia::Gauge<GpuActivity> kRows[] = {
    {"accelerator_nvidia_memory_total_bytes", "memory of the GPU", "total_bytes", "supported",
     &GpuActivity::memory_total_bytes},
    {"accelerator_nvidia_memory_reserved_bytes", "kept back by driver and firmware",
     "reserved_bytes", "", &GpuActivity::memory_reserved_bytes},
    {"accelerator_nvidia_memory_used_bytes", "in use by programs", "used_bytes", "",
     &GpuActivity::memory_used_bytes},
    {"accelerator_nvidia_memory_free_bytes", "not in use", "free_bytes", "",
     &GpuActivity::memory_free_bytes},
};
constexpr std::string_view kUsedPercent = "accelerator_nvidia_memory_used_percent";
constexpr auto kMetrics =
    nvidia::MetricsOf<kRows>(MetricType{kUsedPercent, "in use, of all memory of the GPU"});

/// A GPU without memory of its own uses the machine's (GB10): the driver says "not supported".
GpuActivity WithSharedMemory(GpuActivity gpu, const procfs::Meminfo& memory) {
  gpu.memory_total_bytes = memory.total_bytes;
  gpu.memory_free_bytes = memory.available_bytes;
  gpu.memory_used_bytes = memory.total_bytes - std::min(memory.total_bytes, memory.available_bytes);
  gpu.memory_reserved_bytes = Fail(ErrorCode::kUnsupported, "shared memory");
  return gpu;
}

void AddHumanized(const GpuActivity& gpu, Json::Object& row) {
  const auto add = [&](const char* name, const Result<std::uint64_t>& bytes) {
    if (bytes) row.emplace_back(name, Json{BytesText(*bytes)});
  };
  add("total_humanized", gpu.memory_total_bytes);
  add("reserved_humanized", gpu.memory_reserved_bytes);
  add("used_humanized", gpu.memory_used_bytes);
  add("free_humanized", gpu.memory_free_bytes);
}

void AddUsedPercent(nvidia::GpuReport& report, const GpuActivity& gpu, Json::Object& row) {
  if (!gpu.memory_used_bytes || gpu.memory_total_bytes.value_or(0) == 0) return;
  const double percent = 100 * static_cast<double>(*gpu.memory_used_bytes) /
                         static_cast<double>(*gpu.memory_total_bytes);
  report.Sample(kUsedPercent, GpuId(gpu), percent);
  row.emplace_back("used_percent", nvidia::PercentText(percent));
}

void Judge(nvidia::GpuReport& report) {
  const auto* activity = report.Take<nvml::Activity>();
  if (!activity) return;
  const auto& machine = report.in().Latest<procfs::Meminfo>();
  Json::Array rows;
  for (const GpuActivity& read : activity->gpus) {
    const bool unified = machine && !read.memory_total_bytes &&
                         read.memory_total_bytes.error().code == ErrorCode::kUnsupported;
    const GpuActivity gpu = unified ? WithSharedMemory(read, *machine) : read;
    Json::Object row = nvidia::RowOf(GpuId(gpu));
    report.Sample<GpuActivity>(GpuId(gpu), gpu, kRows, row);
    AddHumanized(gpu, row);
    AddUsedPercent(report, gpu, row);
    row.emplace_back("is_unified_memory", Json{unified});
    rows.push_back({std::move(row)});
  }
  report.Done("memory of all GPUs was read", {{"memories", {std::move(rows)}}});
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

}  // namespace gpud::nvidia_memory
