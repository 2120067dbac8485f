// SPDX-License-Identifier: Apache-2.0
// Names and units: dcgm_fields.h and default-counters.csv of NVIDIA's DCGM and dcgm-exporter.
#include "export/dcgm.h"

#include <optional>
#include <string_view>

#include "sources/nvml/activity.h"
#include "sources/nvml/devices.h"
#include "sources/nvml/errors.h"

namespace gpud::dcgm {
namespace {

using Number = std::optional<double>;

constexpr double kMib = 1 << 20;
constexpr double kMegabyte = 1e6;
constexpr double kPercent = 100;

/// One GPU's snapshots; a null one is missing.
struct Gpu {
  const nvml::Device* device = nullptr;
  const nvml::GpuActivity* activity = nullptr;
  const nvml::GpuErrors* errors = nullptr;
  std::optional<unsigned> last_xid;  ///< 0: none
};

struct Row {
  std::string_view name, help;
  MetricKind kind;
  Number (*value)(const Gpu&);
};

template <class T>
Number Value(const Result<T>& reading, double unit = 1) {
  return reading ? Number(static_cast<double>(*reading) / unit) : std::nullopt;
}

/// Reading `member` of the activity, in units of `unit`.
template <auto member, int unit = 1>
Number Now(const Gpu& gpu) {
  return gpu.activity ? Value(gpu.activity->*member, unit) : std::nullopt;
}

template <auto member>
Number Throttled(const Gpu& gpu) {
  constexpr double kNanosPerMicro = 1000;
  return gpu.activity ? Value(gpu.activity->throttle.*member, kNanosPerMicro) : std::nullopt;
}

/// A profiling share, 0..1.
template <auto member>
Number Share(const Gpu& gpu) {
  return gpu.activity && gpu.activity->gpm ? Value((*gpu.activity->gpm).*member, kPercent)
                                           : std::nullopt;
}

/// Traffic in bytes per second.
template <auto member>
Number Traffic(const Gpu& gpu) {
  const Number megabytes =
      gpu.activity && gpu.activity->gpm ? Value((*gpu.activity->gpm).*member) : std::nullopt;
  return megabytes ? Number(*megabytes * kMegabyte) : std::nullopt;
}

template <auto member>
Number Rows(const Gpu& gpu) {
  if (!gpu.device || !gpu.device->remapped_rows) return std::nullopt;
  return static_cast<double>((*gpu.device->remapped_rows).*member);
}

template <auto member>
Number Retired(const Gpu& gpu) {
  if (!gpu.device || !gpu.device->retired_pages) return std::nullopt;
  return static_cast<double>((*gpu.device->retired_pages).*member);
}

template <auto counts, auto member>
Number Ecc(const Gpu& gpu) {
  if (!gpu.errors || !(gpu.errors->*counts)) return std::nullopt;
  for (const nvml::EccCount& count : *(gpu.errors->*counts)) {
    if (count.location == "total") return Value(count.*member);
  }
  return std::nullopt;
}

/// Summed over the links that count it.
template <auto member>
Number Links(const Gpu& gpu) {
  if (!gpu.errors || !gpu.errors->links) return std::nullopt;
  Number sum;
  for (const nvml::Link& link : *gpu.errors->links) {
    if (const Number one = Value(link.*member)) sum = sum.value_or(0) + *one;
  }
  return sum;
}

using A = nvml::GpuActivity;
using E = nvml::GpuErrors;
using G = nvml::Gpm;
using L = nvml::Link;
using R = nvml::RemappedRows;
using T = nvml::ThrottleTime;
constexpr auto kGauge = MetricKind::kGauge;
constexpr auto kCounter = MetricKind::kCounter;
constexpr int kMilli = 1000;

constexpr Row kRows[] = {
    {"DCGM_FI_DEV_SM_CLOCK", "SM clock frequency (in MHz).", kGauge, Now<&A::sm_clock_mhz>},
    {"DCGM_FI_DEV_MEM_CLOCK", "Memory clock frequency (in MHz).", kGauge,
     Now<&A::memory_clock_mhz>},
    {"DCGM_FI_DEV_MEMORY_TEMP", "Memory temperature (in C).", kGauge, Now<&A::memory_celsius>},
    {"DCGM_FI_DEV_GPU_TEMP", "GPU temperature (in C).", kGauge, Now<&A::celsius>},
    {"DCGM_FI_DEV_FAN_SPEED", "Fan speed (in %).", kGauge, Now<&A::fan_percent>},
    {"DCGM_FI_DEV_POWER_USAGE", "Power draw (in W).", kGauge, Now<&A::power_mw, kMilli>},
    {"DCGM_FI_DEV_POWER_MGMT_LIMIT", "Power limit as set (in W).", kGauge,
     Now<&A::power_limit_mw, kMilli>},
    {"DCGM_FI_DEV_ENFORCED_POWER_LIMIT", "Power limit that holds (in W).", kGauge,
     Now<&A::power_limit_enforced_mw, kMilli>},
    {"DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "Energy used since the driver was loaded (in mJ).",
     kCounter, Now<&A::energy_mj>},
    {"DCGM_FI_DEV_PSTATE", "Performance state.", kGauge, Now<&A::performance_state>},
    {"DCGM_FI_DEV_CLOCK_THROTTLE_REASONS", "Why the clocks are held down, as bits.", kGauge,
     Now<&A::clock_reasons>},
    {"DCGM_FI_DEV_PCIE_REPLAY_COUNTER", "Number of PCIe retries.", kCounter, Now<&A::pcie_replays>},
    {"DCGM_FI_DEV_PCIE_LINK_GEN", "PCIe generation of the link.", kGauge, Now<&A::pcie_gen>},
    {"DCGM_FI_DEV_PCIE_LINK_WIDTH", "PCIe lanes of the link.", kGauge, Now<&A::pcie_width>},
    {"DCGM_FI_DEV_GPU_UTIL", "GPU utilization (in %).", kGauge, Now<&A::gpu_percent>},
    {"DCGM_FI_DEV_MEM_COPY_UTIL", "Memory utilization (in %).", kGauge, Now<&A::memory_percent>},
    {"DCGM_FI_DEV_ENC_UTIL", "Encoder utilization (in %).", kGauge, Now<&A::encoder_percent>},
    {"DCGM_FI_DEV_DEC_UTIL", "Decoder utilization (in %).", kGauge, Now<&A::decoder_percent>},
    {"DCGM_FI_DEV_FB_TOTAL", "Framebuffer memory (in MiB).", kGauge,
     Now<&A::memory_total_bytes, int(kMib)>},
    {"DCGM_FI_DEV_FB_FREE", "Framebuffer memory free (in MiB).", kGauge,
     Now<&A::memory_free_bytes, int(kMib)>},
    {"DCGM_FI_DEV_FB_USED", "Framebuffer memory used (in MiB).", kGauge,
     Now<&A::memory_used_bytes, int(kMib)>},
    {"DCGM_FI_DEV_FB_RESERVED", "Framebuffer memory reserved (in MiB).", kGauge,
     Now<&A::memory_reserved_bytes, int(kMib)>},
    {"DCGM_FI_DEV_BAR1_TOTAL", "BAR1 memory (in MiB).", kGauge,
     Now<&A::bar1_total_bytes, int(kMib)>},
    {"DCGM_FI_DEV_BAR1_USED", "BAR1 memory used (in MiB).", kGauge,
     Now<&A::bar1_used_bytes, int(kMib)>},
    {"DCGM_FI_DEV_POWER_VIOLATION", "Time held down by the power limit (in us).", kCounter,
     Throttled<&T::power_cap_ns>},
    {"DCGM_FI_DEV_THERMAL_VIOLATION", "Time held down by heat (in us).", kCounter,
     Throttled<&T::hw_thermal_ns>},
    {"DCGM_FI_DEV_SYNC_BOOST_VIOLATION", "Time held down by sync boost (in us).", kCounter,
     Throttled<&T::sync_boost_ns>},
    {"DCGM_FI_DEV_ECC_SBE_VOL_TOTAL", "Single-bit errors since the driver was loaded.", kCounter,
     Ecc<&E::ecc_volatile, &nvml::EccCount::corrected>},
    {"DCGM_FI_DEV_ECC_DBE_VOL_TOTAL", "Double-bit errors since the driver was loaded.", kCounter,
     Ecc<&E::ecc_volatile, &nvml::EccCount::uncorrected>},
    {"DCGM_FI_DEV_ECC_SBE_AGG_TOTAL", "Single-bit errors in the board's life.", kCounter,
     Ecc<&E::ecc_aggregate, &nvml::EccCount::corrected>},
    {"DCGM_FI_DEV_ECC_DBE_AGG_TOTAL", "Double-bit errors in the board's life.", kCounter,
     Ecc<&E::ecc_aggregate, &nvml::EccCount::uncorrected>},
    {"DCGM_FI_DEV_RETIRED_SBE", "Pages retired for single-bit errors.", kCounter,
     Retired<&nvml::RetiredPages::single_bit>},
    {"DCGM_FI_DEV_RETIRED_DBE", "Pages retired for double-bit errors.", kCounter,
     Retired<&nvml::RetiredPages::double_bit>},
    {"DCGM_FI_DEV_RETIRED_PENDING", "1 while pages wait to be retired.", kCounter,
     Retired<&nvml::RetiredPages::pending>},
    {"DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS", "Rows remapped for uncorrectable errors.", kCounter,
     Rows<&R::uncorrectable>},
    {"DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS", "Rows remapped for correctable errors.", kCounter,
     Rows<&R::correctable>},
    {"DCGM_FI_DEV_ROW_REMAP_FAILURE", "1 when a remapping has failed.", kGauge, Rows<&R::failed>},
    {"DCGM_FI_DEV_ROW_REMAP_PENDING", "1 while a remapping waits for a reset.", kGauge,
     Rows<&R::pending>},
    {"DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL", "NVLink flow-control CRC errors.", kCounter,
     Links<&L::crc_flit>},
    {"DCGM_FI_DEV_NVLINK_CRC_DATA_ERROR_COUNT_TOTAL", "NVLink data CRC errors.", kCounter,
     Links<&L::crc_data>},
    {"DCGM_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL", "NVLink retries.", kCounter,
     Links<&L::replays>},
    {"DCGM_FI_DEV_NVLINK_RECOVERY_ERROR_COUNT_TOTAL", "NVLink recovery errors.", kCounter,
     Links<&L::recoveries>},
    {"DCGM_FI_DEV_XID_ERRORS", "Value of the last XID error.", kGauge,
     [](const Gpu& gpu) { return gpu.last_xid ? Number(*gpu.last_xid) : std::nullopt; }},
    {"DCGM_FI_PROF_SM_ACTIVE", "Share of SMs that had a warp (0 to 1).", kGauge,
     Share<&G::sm_active>},
    {"DCGM_FI_PROF_SM_OCCUPANCY", "Share of the possible warps that were there (0 to 1).", kGauge,
     Share<&G::sm_occupancy>},
    {"DCGM_FI_PROF_PIPE_TENSOR_ACTIVE", "Share of time of the matrix pipe (0 to 1).", kGauge,
     Share<&G::tensor>},
    {"DCGM_FI_PROF_DRAM_ACTIVE", "Share of time of the memory (0 to 1).", kGauge,
     Share<&G::dram_active>},
    {"DCGM_FI_PROF_PIPE_FP64_ACTIVE", "Share of time of the FP64 pipe (0 to 1).", kGauge,
     Share<&G::fp64>},
    {"DCGM_FI_PROF_PIPE_FP32_ACTIVE", "Share of time of the FP32 pipe (0 to 1).", kGauge,
     Share<&G::fp32>},
    {"DCGM_FI_PROF_PIPE_FP16_ACTIVE", "Share of time of the FP16 pipe (0 to 1).", kGauge,
     Share<&G::fp16>},
    {"DCGM_FI_PROF_PCIE_TX_BYTES", "PCIe traffic sent (in bytes per second).", kGauge,
     Traffic<&G::pcie_tx_mb>},
    {"DCGM_FI_PROF_PCIE_RX_BYTES", "PCIe traffic received (in bytes per second).", kGauge,
     Traffic<&G::pcie_rx_mb>},
    {"DCGM_FI_PROF_NVLINK_TX_BYTES", "NVLink traffic sent (in bytes per second).", kGauge,
     Traffic<&G::nvlink_tx_mb>},
    {"DCGM_FI_PROF_NVLINK_RX_BYTES", "NVLink traffic received (in bytes per second).", kGauge,
     Traffic<&G::nvlink_rx_mb>},
};

template <class List>
auto* ByBusId(List& list, const std::string& bus_id) {
  for (auto& one : list) {
    if (one.bus_id == bus_id) return &one;
  }
  return static_cast<decltype(&*list.begin())>(nullptr);
}

/// As the exporter spells it: "00000000:19:00.0".
std::string BusId(const std::string& address) { return "0000" + address; }

Labels LabelsOf(const nvml::Device& device, const nvml::Session& session, const Context& context) {
  Labels labels = {
      {"gpu", std::to_string(device.index)}, {"UUID", device.uuid},
      {"pci_bus_id", BusId(device.bus_id)},  {"modelName", device.name.value_or("")},
      {"Hostname", context.hostname},        {"DCGM_FI_DRIVER_VERSION", session.driver_version}};
  if (device.minor_number) labels["device"] = "nvidia" + std::to_string(*device.minor_number);
  const auto holder = context.holders.find(device.uuid);
  if (holder != context.holders.end()) {
    labels.insert(holder->second.begin(), holder->second.end());
  }
  return labels;
}

}  // namespace

std::vector<prometheus::Family> Families(const Inputs& in, const Context& context) {
  std::vector<prometheus::Family> families;
  const auto& devices = in.Latest<nvml::Devices>();
  if (!devices) return families;
  const auto& activity = in.Latest<nvml::Activity>();
  const auto& errors = in.Latest<nvml::Errors>();
  // What was read before the driver was left alone is no reading of now.
  const bool awake = activity && activity->session.asleep.empty();

  std::vector<std::pair<Gpu, Labels>> gpus;
  for (const nvml::Device& device : devices->devices) {
    Gpu gpu{.device = &device};
    if (awake) gpu.activity = ByBusId(activity->gpus, device.bus_id);
    if (awake && errors) gpu.errors = ByBusId(errors->gpus, device.bus_id);
    if (context.last_xids) {
      const auto xid = context.last_xids->find(device.bus_id);
      gpu.last_xid = xid == context.last_xids->end() ? 0 : xid->second;
    }
    gpus.emplace_back(gpu, LabelsOf(device, devices->session, context));
  }
  for (const Row& row : kRows) {
    prometheus::Family family{.type = {row.name, row.help, row.kind}, .series = {}};
    for (const auto& [gpu, labels] : gpus) {
      if (const Number value = row.value(gpu)) family.series.emplace_back(labels, *value);
    }
    if (!family.series.empty()) families.push_back(std::move(family));
  }
  return families;
}

}  // namespace gpud::dcgm
