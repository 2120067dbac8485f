// SPDX-License-Identifier: Apache-2.0
// The driver's sample buffers: a reading each 50 ms of the last seconds. A scenario has one value a
// step; the samples within it are that value.
#include "nvml/driver.h"
#include "nvml/put.h"
#include "sources/nvml/abi/functions.h"

namespace gpud::sim_nvml {
namespace {

constexpr double kEverySeconds = 0.05;
constexpr std::int64_t kMostSamples = 120;

struct Source {
  std::string_view signal;
  double scale = 1;
};

std::optional<Source> SourceOf(const Gpu& gpu, nvmlSamplingType_t type) {
  switch (type) {
    case NVML_TOTAL_POWER_SAMPLES:
      return Source{"gpu.power", 1000};
    case NVML_GPU_UTILIZATION_SAMPLES:
      return Source{"gpu.util"};
    case NVML_MEMORY_UTILIZATION_SAMPLES:
      return Source{"gpu.mem_util"};
    case NVML_PROCESSOR_CLK_SAMPLES:
      return Source{"gpu.clock_sm"};
    case NVML_MEMORY_CLK_SAMPLES:
      return Source{"gpu.clock_mem", gpu.board().memory_mhz / 2619.0};
  }
  return std::nullopt;
}

std::vector<nvmlSample_t> Buffer(Gpu& gpu, const Source& source, unsigned long long last_seen) {
  std::vector<nvmlSample_t> samples;
  const scenario::Series* series = gpu.Find(source.signal);
  if (!series) return samples;
  const Moment& now = gpu.moment();
  const double step = gpu.node().scenario().step_s;
  const auto newest = static_cast<std::int64_t>(now.t / kEverySeconds + 1e-9);
  for (std::int64_t i = std::max<std::int64_t>(0, newest - kMostSamples + 1); i <= newest; ++i) {
    const double t = static_cast<double>(i) * kEverySeconds;
    const std::uint64_t time = Driver::The().clock().MicrosAt(t);
    const auto value = series->Recent(static_cast<std::int64_t>(t / step + 1e-9));
    if (!value || time <= last_seen) continue;
    nvmlSample_t& sample = samples.emplace_back();
    sample.timeStamp = time;
    sample.sampleValue.uiVal = static_cast<unsigned>(std::lround(*value * source.scale));
  }
  return samples;
}

}  // namespace

extern "C" nvmlReturn_t nvmlDeviceGetSamples(nvmlDevice_t device, nvmlSamplingType_t type,
                                             unsigned long long last_seen,
                                             nvmlValueType_t* value_type, unsigned* count,
                                             nvmlSample_t* samples) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (!value_type || !count) return NVML_ERROR_INVALID_ARGUMENT;
    const auto source = SourceOf(gpu, type);
    if (!source || gpu.mig_instances() > 0) return NVML_ERROR_NOT_SUPPORTED;
    *value_type = NVML_VALUE_TYPE_UNSIGNED_INT;
    if (!samples) return Put(count, kMostSamples);  // a question for the room that is needed
    std::vector<nvmlSample_t> rows = Buffer(gpu, *source, last_seen);
    if (rows.empty()) return NVML_ERROR_NOT_FOUND;
    if (rows.size() > *count) rows.erase(rows.begin(), rows.end() - *count);  // the newest
    return PutRows(rows, count, samples);
  });
}

}  // namespace gpud::sim_nvml
