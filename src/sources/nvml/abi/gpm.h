// SPDX-License-Identifier: Apache-2.0
// NVML's C interface: GPU performance monitoring, from Hopper on (see abi/base.h).
#pragma once

#include "sources/nvml/abi/structs.h"

namespace gpud::nvml_abi {

enum nvmlGpmMetricId_t : unsigned {
  NVML_GPM_METRIC_GRAPHICS_UTIL = 1,
  NVML_GPM_METRIC_SM_UTIL = 2,
  NVML_GPM_METRIC_SM_OCCUPANCY = 3,
  NVML_GPM_METRIC_INTEGER_UTIL = 4,
  NVML_GPM_METRIC_ANY_TENSOR_UTIL = 5,
  NVML_GPM_METRIC_DFMA_TENSOR_UTIL = 6,
  NVML_GPM_METRIC_HMMA_TENSOR_UTIL = 7,
  NVML_GPM_METRIC_IMMA_TENSOR_UTIL = 9,
  NVML_GPM_METRIC_DRAM_BW_UTIL = 10,
  NVML_GPM_METRIC_FP64_UTIL = 11,
  NVML_GPM_METRIC_FP32_UTIL = 12,
  NVML_GPM_METRIC_FP16_UTIL = 13,
  NVML_GPM_METRIC_PCIE_TX_PER_SEC = 20,
  NVML_GPM_METRIC_PCIE_RX_PER_SEC = 21,
  NVML_GPM_METRIC_NVLINK_TOTAL_RX_PER_SEC = 60,
  NVML_GPM_METRIC_NVLINK_TOTAL_TX_PER_SEC = 61,
  NVML_GPM_METRIC_NVLINK_L0_RX_PER_SEC = 62,
  NVML_GPM_METRIC_NVLINK_L17_TX_PER_SEC = 97,
};

struct nvmlGpmMetric_t {
  unsigned metricId;
  nvmlReturn_t nvmlReturn;
  double value;
  struct {
    char* shortName;
    char* longName;
    char* unit;
  } metricInfo;
};

/// `metrics` grows with every release of the interface (210 in 12.9, 477 in 13.5) while the version
/// stays 1: only the first `numMetrics` may be touched.
struct nvmlGpmMetricsGet_t {
  unsigned version;
  unsigned numMetrics;
  nvmlGpmSample_t sample1, sample2;
  nvmlGpmMetric_t metrics[210];
};

struct nvmlGpmSupport_t {
  unsigned version;
  unsigned isSupportedDevice;
};

constexpr unsigned NVML_GPM_METRICS_GET_VERSION = 1;
constexpr unsigned NVML_GPM_SUPPORT_VERSION = 1;

}  // namespace gpud::nvml_abi
