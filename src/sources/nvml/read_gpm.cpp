// SPDX-License-Identifier: Apache-2.0
// Profiling shares (GPM): the difference of two samples. The one of the reading before is kept, so
// that nobody waits between them.
#include <iterator>
#include <utility>

#include "sources/nvml/readings.h"
#include "sources/nvml/return_code.h"

namespace gpud::nvml {
namespace {

using namespace nvml_abi;

// NVML gives traffic in MiB/s.
constexpr double kMibToMb = 1024.0 * 1024.0 / 1e6;
// The driver's own counters are of no use closer together.
constexpr auto kLeastBetween = std::chrono::milliseconds(100);

struct Row {
  nvmlGpmMetricId_t metric;
  Result<double> Gpm::*into;
  double scale = 1;
};
constexpr Row kRows[] = {
    {NVML_GPM_METRIC_SM_UTIL, &Gpm::sm_active},
    {NVML_GPM_METRIC_SM_OCCUPANCY, &Gpm::sm_occupancy},
    {NVML_GPM_METRIC_INTEGER_UTIL, &Gpm::integer},
    {NVML_GPM_METRIC_ANY_TENSOR_UTIL, &Gpm::tensor},
    {NVML_GPM_METRIC_DFMA_TENSOR_UTIL, &Gpm::tensor_fp64},
    {NVML_GPM_METRIC_HMMA_TENSOR_UTIL, &Gpm::tensor_half},
    {NVML_GPM_METRIC_IMMA_TENSOR_UTIL, &Gpm::tensor_integer},
    {NVML_GPM_METRIC_FP64_UTIL, &Gpm::fp64},
    {NVML_GPM_METRIC_FP32_UTIL, &Gpm::fp32},
    {NVML_GPM_METRIC_FP16_UTIL, &Gpm::fp16},
    {NVML_GPM_METRIC_DRAM_BW_UTIL, &Gpm::dram_active},
    {NVML_GPM_METRIC_PCIE_TX_PER_SEC, &Gpm::pcie_tx_mb, kMibToMb},
    {NVML_GPM_METRIC_PCIE_RX_PER_SEC, &Gpm::pcie_rx_mb, kMibToMb},
    {NVML_GPM_METRIC_NVLINK_TOTAL_TX_PER_SEC, &Gpm::nvlink_tx_mb, kMibToMb},
    {NVML_GPM_METRIC_NVLINK_TOTAL_RX_PER_SEC, &Gpm::nvlink_rx_mb, kMibToMb},
};

// kUnsupported on boards before Hopper.
Result<void> Prepare(Gpu& gpu) {
  GpmState& state = gpu.gpm;
  if (!state.supported) {
    nvmlGpmSupport_t support{};
    support.version = NVML_GPM_SUPPORT_VERSION;
    if (auto done = gpu.Call(gpu.symbols().gpm_support, &support); !done) return done;
    state.supported = support.isSupportedDevice != 0;
  }
  if (!*state.supported) return Fail(ErrorCode::kUnsupported, "not supported");
  for (nvmlGpmSample_t* sample : {&state.before, &state.now}) {
    if (*sample) continue;
    if (auto done = gpu.CallAside(gpu.symbols().gpm_alloc, sample); !done) return done;
  }
  return {};
}

Result<Gpm> Compare(Gpu& gpu, double seconds) {
  nvmlGpmMetricsGet_t wanted{};
  wanted.version = NVML_GPM_METRICS_GET_VERSION;
  wanted.numMetrics = std::size(kRows);
  wanted.sample1 = gpu.gpm.before;
  wanted.sample2 = gpu.gpm.now;
  for (std::size_t i = 0; i < std::size(kRows); ++i) wanted.metrics[i].metricId = kRows[i].metric;
  if (auto done = gpu.CallAside(gpu.symbols().gpm_metrics, &wanted); !done) {
    return tl::unexpected<Error>(std::move(done).error());
  }
  Gpm gpm{.seconds = seconds};
  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    const nvmlGpmMetric_t& metric = wanted.metrics[i];
    if (metric.nvmlReturn == NVML_SUCCESS) {
      gpm.*kRows[i].into = metric.value * kRows[i].scale;
    } else {
      gpm.*kRows[i].into =
          tl::unexpected<Error>(ErrorOf(metric.nvmlReturn, "GPM", gpu.driver_version()));
    }
  }
  return gpm;
}

}  // namespace

Result<Gpm> ReadGpm(Gpu& gpu) {
  if (auto ready = Prepare(gpu); !ready) return tl::unexpected<Error>(std::move(ready).error());
  GpmState& state = gpu.gpm;
  const BootTime now = gpu.clock().Boot();
  if (state.taken && now - *state.taken < kLeastBetween) {
    return Fail(ErrorCode::kNotFound, "too soon after the sample before");
  }
  if (auto done = gpu.Call(gpu.symbols().gpm_sample, state.now); !done) {
    state.taken.reset();
    return tl::unexpected<Error>(std::move(done).error());
  }
  Result<Gpm> gpm = Fail(ErrorCode::kNotFound, "no earlier sample");
  if (state.taken) gpm = Compare(gpu, std::chrono::duration<double>(now - *state.taken).count());
  std::swap(state.before, state.now);
  state.taken = now;
  return gpm;
}

}  // namespace gpud::nvml
