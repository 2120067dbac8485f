// SPDX-License-Identifier: Apache-2.0
// GPU performance monitoring: averages between two samples. A sample keeps what each signal has
// summed up to since the start of the scenario.
#include <array>

#include "nvml/driver.h"
#include "nvml/links.h"
#include "nvml/put.h"
#include "sources/nvml/abi/functions.h"

namespace gpud::sim_nvml {
namespace {

constexpr double kMbToMib = 1e6 / (1024.0 * 1024.0);

struct Metric {
  nvmlGpmMetricId_t id;
  std::string_view signal;  ///< "": always 0, see the comment at its row
  double scale;
  const char* short_name;
  const char* long_name;
  const char* unit;
};
constexpr Metric kMetrics[] = {
    {NVML_GPM_METRIC_GRAPHICS_UTIL, "gpu.util", 1, "GRAPHICS_UTIL", "Graphics Utilization", "%"},
    {NVML_GPM_METRIC_SM_UTIL, "gpu.sm_active", 1, "SM_UTIL", "SM Utilization", "%"},
    {NVML_GPM_METRIC_SM_OCCUPANCY, "gpu.sm_occupancy", 1, "SM_OCCUPANCY", "SM Occupancy", "%"},
    {NVML_GPM_METRIC_ANY_TENSOR_UTIL, "gpu.tensor_active", 1, "ANY_TENSOR_UTIL",
     "Tensor Utilization", "%"},
    // A scenario has one number for the matrix pipe and one for the other pipes (the busiest): they
    // are given to half precision matrices and to FP32, and the rest stands still.
    {NVML_GPM_METRIC_DFMA_TENSOR_UTIL, "", 1, "DFMA_TENSOR_UTIL", "DFMA Tensor Utilization", "%"},
    {NVML_GPM_METRIC_HMMA_TENSOR_UTIL, "gpu.tensor_active", 1, "HMMA_TENSOR_UTIL",
     "HMMA Tensor Utilization", "%"},
    {NVML_GPM_METRIC_IMMA_TENSOR_UTIL, "", 1, "IMMA_TENSOR_UTIL", "IMMA Tensor Utilization", "%"},
    {NVML_GPM_METRIC_DRAM_BW_UTIL, "gpu.dram_active", 1, "DRAM_BW_UTIL",
     "DRAM Bandwidth Utilization", "%"},
    {NVML_GPM_METRIC_FP64_UTIL, "", 1, "FP64_UTIL", "FP64 Utilization", "%"},
    {NVML_GPM_METRIC_FP32_UTIL, "gpu.fp_active", 1, "FP32_UTIL", "FP32 Utilization", "%"},
    {NVML_GPM_METRIC_FP16_UTIL, "", 1, "FP16_UTIL", "FP16 Utilization", "%"},
    {NVML_GPM_METRIC_PCIE_TX_PER_SEC, "gpu.pcie_tx", kMbToMib, "PCIE_TX_PER_SEC",
     "PCIe Transmit Rate", "MiB/s"},
    {NVML_GPM_METRIC_PCIE_RX_PER_SEC, "gpu.pcie_rx", kMbToMib, "PCIE_RX_PER_SEC",
     "PCIe Receive Rate", "MiB/s"},
    {NVML_GPM_METRIC_NVLINK_TOTAL_RX_PER_SEC, "gpu.nvlink_rx", kMbToMib, "NVLINK_TOTAL_RX_PER_SEC",
     "NVLink Receive Rate", "MiB/s"},
    {NVML_GPM_METRIC_NVLINK_TOTAL_TX_PER_SEC, "gpu.nvlink_tx", kMbToMib, "NVLINK_TOTAL_TX_PER_SEC",
     "NVLink Transmit Rate", "MiB/s"},
};
constexpr std::size_t kCount = std::size(kMetrics);
constexpr std::size_t kLinkRx = kCount - 2, kLinkTx = kCount - 1;

// What an nvmlGpmSample_t points to.
struct GpmSample {
  Gpu* gpu = nullptr;
  double t = 0;
  std::array<double, kCount> sums{};
};

GpmSample* ContentOf(nvmlGpmSample_t sample) { return reinterpret_cast<GpmSample*>(sample); }

bool Supports(const Gpu& gpu, const Metric& metric) {
  return !metric.signal.starts_with("gpu.nvlink") || gpu.board().link_version != 0;
}

double Mean(const GpmSample& from, const GpmSample& to, std::size_t row) {
  return (to.sums[row] - from.sums[row]) / (to.t - from.t) * kMetrics[row].scale;
}

// Traffic of one link: that of the GPU, shared by the links that are up.
Reading LinkMean(const GpmSample& from, const GpmSample& to, unsigned id) {
  Gpu& gpu = *to.gpu;
  const unsigned link = (id - NVML_GPM_METRIC_NVLINK_L0_RX_PER_SEC) / 2;
  if (!HasLink(gpu, link)) return {};
  unsigned up = 0;
  for (unsigned other = 0; HasLink(gpu, other); ++other) {
    const Reading state = gpu.Read("nvlink.state", other);
    up += state && state.value > 0;
  }
  const Reading state = gpu.Read("nvlink.state", link);
  if (!state || state.value <= 0) return {state.status, 0};
  return Known(Mean(from, to, (id - NVML_GPM_METRIC_NVLINK_L0_RX_PER_SEC) % 2 ? kLinkTx : kLinkRx) /
               up);
}

void Fill(const GpmSample& from, const GpmSample& to, nvmlGpmMetric_t& metric) {
  Reading reading;
  const auto known = std::ranges::find(kMetrics, metric.metricId,
                                       [](const Metric& m) { return static_cast<unsigned>(m.id); });
  if (metric.metricId >= NVML_GPM_METRIC_NVLINK_L0_RX_PER_SEC &&
      metric.metricId <= NVML_GPM_METRIC_NVLINK_L17_TX_PER_SEC) {
    reading = LinkMean(from, to, metric.metricId);
  } else if (known != std::end(kMetrics) && Supports(*to.gpu, *known)) {
    reading = Known(Mean(from, to, static_cast<std::size_t>(known - kMetrics)));
    // The interface has plain char pointers to texts that nobody may change.
    metric.metricInfo = {.shortName = const_cast<char*>(known->short_name),
                         .longName = const_cast<char*>(known->long_name),
                         .unit = const_cast<char*>(known->unit)};
  }
  metric.nvmlReturn = reading.status;
  metric.value = reading.value;
}

}  // namespace

extern "C" nvmlReturn_t nvmlGpmQueryDeviceSupport(nvmlDevice_t device, nvmlGpmSupport_t* support) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (!support) return NVML_ERROR_INVALID_ARGUMENT;
    if (support->version != NVML_GPM_SUPPORT_VERSION) return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    support->isSupportedDevice = gpu.board().gpm();
    return NVML_SUCCESS;
  });
}

extern "C" nvmlReturn_t nvmlGpmQueryIfStreamingEnabled(nvmlDevice_t device, unsigned* state) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    return gpu.board().gpm() ? Put(state, 0) : NVML_ERROR_NOT_SUPPORTED;
  });
}

extern "C" nvmlReturn_t nvmlGpmSampleAlloc(nvmlGpmSample_t* sample) {
  return Call(__func__, [&](Driver& driver) {
    if (!sample) return NVML_ERROR_INVALID_ARGUMENT;
    *sample = reinterpret_cast<nvmlGpmSample_t>(new GpmSample);
    driver.CountSamples(1);
    return NVML_SUCCESS;
  });
}

extern "C" nvmlReturn_t nvmlGpmSampleFree(nvmlGpmSample_t sample) {
  return Call(__func__, [&](Driver& driver) {
    if (!sample) return NVML_ERROR_INVALID_ARGUMENT;
    delete ContentOf(sample);
    driver.CountSamples(-1);
    return NVML_SUCCESS;
  });
}

extern "C" nvmlReturn_t nvmlGpmSampleGet(nvmlDevice_t device, nvmlGpmSample_t sample) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (!sample) return NVML_ERROR_INVALID_ARGUMENT;
    if (!gpu.board().gpm()) return NVML_ERROR_NOT_SUPPORTED;
    GpmSample& content = *ContentOf(sample);
    content.gpu = &gpu;
    content.t = gpu.moment().t;
    for (std::size_t row = 0; row < kCount; ++row) {
      const std::string_view signal = kMetrics[row].signal;
      content.sums[row] = signal.empty() ? 0 : gpu.Integral(signal);
    }
    return NVML_SUCCESS;
  });
}

extern "C" nvmlReturn_t nvmlGpmMigSampleGet(nvmlDevice_t device, unsigned /*instance*/,
                                            nvmlGpmSample_t sample) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    // A scenario has no signals for parts of a GPU.
    return sample && gpu.board().gpm() ? NVML_ERROR_NOT_SUPPORTED : NVML_ERROR_INVALID_ARGUMENT;
  });
}

extern "C" nvmlReturn_t nvmlGpmMetricsGet(nvmlGpmMetricsGet_t* metrics) {
  return Call(__func__, [&](Driver&) {
    if (!metrics) return NVML_ERROR_INVALID_ARGUMENT;
    if (metrics->version != NVML_GPM_METRICS_GET_VERSION) {
      return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    }
    if (!metrics->sample1 || !metrics->sample2) return NVML_ERROR_INVALID_ARGUMENT;
    const GpmSample& from = *ContentOf(metrics->sample1);
    const GpmSample& to = *ContentOf(metrics->sample2);
    if (!from.gpu || from.gpu != to.gpu || to.t <= from.t) return NVML_ERROR_INVALID_ARGUMENT;
    for (unsigned i = 0; i < metrics->numMetrics; ++i) Fill(from, to, metrics->metrics[i]);
    return NVML_SUCCESS;
  });
}

}  // namespace gpud::sim_nvml
