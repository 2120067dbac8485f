// SPDX-License-Identifier: Apache-2.0
// nvmlDeviceGetFieldValues: many numbers in one call, each with its own return code.
#include <limits>

#include "nvml/driver.h"
#include "nvml/links.h"
#include "nvml/memory_errors.h"
#include "nvml/put.h"
#include "nvml/thermals.h"
#include "nvml/violations.h"
#include "sources/nvml/abi/field_ids.h"
#include "sources/nvml/abi/functions.h"

namespace gpud::sim_nvml {
namespace {

constexpr unsigned kAllLinks = std::numeric_limits<unsigned>::max();
constexpr double kMilli = 1000;
constexpr double kMb = 1e6, kMbToKib = 1e6 / 1024;

/// A number and the type in which the interface gives it.
struct Field {
  Reading reading;
  nvmlValueType_t type = NVML_VALUE_TYPE_UNSIGNED_LONG_LONG;
};

Field Count(Reading reading) { return {reading, NVML_VALUE_TYPE_UNSIGNED_LONG_LONG}; }
Field Unsigned(Reading reading, double scale = 1) {
  reading.value *= scale;
  return {reading, NVML_VALUE_TYPE_UNSIGNED_INT};
}
Field Signed(Reading reading) { return {reading, NVML_VALUE_TYPE_SIGNED_INT}; }

Reading Ecc(Gpu& gpu, bool corrected, nvmlMemoryLocation_t location) {
  return MemoryErrors(
      gpu, corrected ? NVML_MEMORY_ERROR_TYPE_CORRECTED : NVML_MEMORY_ERROR_TYPE_UNCORRECTED,
      location);
}

Field EccField(Gpu& gpu, unsigned id) {
  const auto all = [&](nvmlMemoryErrorType_t type) { return Count(AllMemoryErrors(gpu, type)); };
  switch (id) {
    case NVML_FI_DEV_ECC_CURRENT:
      return Unsigned(KnownIf(HasEcc(gpu), gpu.ecc_on()));
    case NVML_FI_DEV_ECC_PENDING:
      return Unsigned(
          KnownIf(HasEcc(gpu), gpu.FactText("ecc_mode_pending", gpu.FactText("ecc_mode")) == "on"));
    case NVML_FI_DEV_ECC_SBE_VOL_TOTAL:
    case NVML_FI_DEV_ECC_SBE_AGG_TOTAL:
      return all(NVML_MEMORY_ERROR_TYPE_CORRECTED);
    case NVML_FI_DEV_ECC_DBE_VOL_TOTAL:
    case NVML_FI_DEV_ECC_DBE_AGG_TOTAL:
      return all(NVML_MEMORY_ERROR_TYPE_UNCORRECTED);
    case NVML_FI_DEV_ECC_SBE_VOL_L2:
    case NVML_FI_DEV_ECC_SBE_AGG_L2:
      return Count(Ecc(gpu, true, NVML_MEMORY_LOCATION_L2_CACHE));
    case NVML_FI_DEV_ECC_DBE_VOL_L2:
    case NVML_FI_DEV_ECC_DBE_AGG_L2:
      return Count(Ecc(gpu, false, NVML_MEMORY_LOCATION_L2_CACHE));
    case NVML_FI_DEV_ECC_SBE_VOL_DEV:
    case NVML_FI_DEV_ECC_SBE_AGG_DEV:
      return Count(Ecc(gpu, true, NVML_MEMORY_LOCATION_DEVICE_MEMORY));
    case NVML_FI_DEV_ECC_DBE_VOL_DEV:
    case NVML_FI_DEV_ECC_DBE_AGG_DEV:
      return Count(Ecc(gpu, false, NVML_MEMORY_LOCATION_DEVICE_MEMORY));
    case NVML_FI_DEV_ECC_SBE_VOL_L1:
    case NVML_FI_DEV_ECC_SBE_AGG_L1:
      return Count(Ecc(gpu, true, NVML_MEMORY_LOCATION_L1_CACHE));
    case NVML_FI_DEV_ECC_DBE_VOL_L1:
    case NVML_FI_DEV_ECC_DBE_AGG_L1:
      return Count(Ecc(gpu, false, NVML_MEMORY_LOCATION_L1_CACHE));
    case NVML_FI_DEV_ECC_SBE_VOL_REG:
    case NVML_FI_DEV_ECC_SBE_AGG_REG:
      return Count(Ecc(gpu, true, NVML_MEMORY_LOCATION_REGISTER_FILE));
    case NVML_FI_DEV_ECC_DBE_VOL_REG:
    case NVML_FI_DEV_ECC_DBE_AGG_REG:
      return Count(Ecc(gpu, false, NVML_MEMORY_LOCATION_REGISTER_FILE));
    case NVML_FI_DEV_ECC_SBE_VOL_TEX:
    case NVML_FI_DEV_ECC_SBE_AGG_TEX:
      return Count(Ecc(gpu, true, NVML_MEMORY_LOCATION_TEXTURE_MEMORY));
    case NVML_FI_DEV_ECC_DBE_VOL_TEX:
    case NVML_FI_DEV_ECC_DBE_AGG_TEX:
      return Count(Ecc(gpu, false, NVML_MEMORY_LOCATION_TEXTURE_MEMORY));
    case NVML_FI_DEV_RETIRED_SBE:
    case NVML_FI_DEV_RETIRED_DBE:
    case NVML_FI_DEV_RETIRED_PENDING:
      return Unsigned(KnownIf(gpu.board().retires_pages, 0));
    default:
      break;
  }
  if (gpu.board().remap_banks == 0) return {};
  switch (id) {
    case NVML_FI_DEV_REMAPPED_COR:
      return Unsigned(gpu.Read("gpu.remap.corr"));
    case NVML_FI_DEV_REMAPPED_UNC:
      return Unsigned(gpu.Read("gpu.remap.unc"));
    case NVML_FI_DEV_REMAPPED_PENDING:
      return Unsigned(gpu.Read("gpu.remap.pending"));
    case NVML_FI_DEV_REMAPPED_FAILURE:
      return Unsigned(gpu.Read("gpu.remap.failure"));
    default:
      return {};
  }
}

// What the driver says must be done, by its latest announcement.
Reading RecoveryAction(const Gpu& gpu) {
  if (gpu.board().architecture < NVML_DEVICE_ARCH_AMPERE) return {};
  double action = NVML_GPU_RECOVERY_ACTION_NONE;
  for (const RecoveryChange& change : Driver::The().recovery_changes()) {
    if (change.gpu == gpu.index() && change.t <= gpu.moment().t) action = change.action;
  }
  return Known(action);
}

// Degrees between a limit and the slowdown limit: 0 there, below 0 beyond it.
Reading Below(const Gpu& gpu, nvmlTemperatureThresholds_t threshold) {
  if (gpu.board().architecture < NVML_DEVICE_ARCH_ADA) return {};
  const Reading slowdown = ThresholdOf(gpu, NVML_TEMPERATURE_THRESHOLD_SLOWDOWN);
  const Reading limit = ThresholdOf(gpu, threshold);
  if (!limit) return limit;
  return {slowdown.status, slowdown.value - limit.value};
}

// The ids of three clock event reasons moved by 18 when other fields took their place: 12.9 of the
// interface has 251 to 253, 13.5 has 269 to 271. We follow the driver's release.
unsigned WithoutMove(unsigned id) {
  constexpr unsigned kMoved = 18;
  constexpr int kReleaseOfMove = 580;
  constexpr unsigned kFirst = NVML_FI_DEV_CLOCKS_EVENT_REASON_SW_THERM_SLOWDOWN;
  constexpr unsigned kLast = NVML_FI_DEV_CLOCKS_EVENT_REASON_HW_POWER_BRAKE_SLOWDOWN;
  const bool moved = Driver::The().release() >= kReleaseOfMove;
  if (id >= kFirst && id <= kLast) return moved ? 0 : id;
  if (id >= kFirst + kMoved && id <= kLast + kMoved) return moved ? id - kMoved : 0;
  return id;
}

Field PowerField(Gpu& gpu, unsigned id) {
  const auto held = [&](nvmlPerfPolicyType_t policy) {
    return Count(ViolationNanoseconds(gpu, policy));
  };
  switch (id) {
    case NVML_FI_DEV_PERF_POLICY_POWER:
      return held(NVML_PERF_POLICY_POWER);
    case NVML_FI_DEV_PERF_POLICY_THERMAL:
      return held(NVML_PERF_POLICY_THERMAL);
    case NVML_FI_DEV_PERF_POLICY_SYNC_BOOST:
      return held(NVML_PERF_POLICY_SYNC_BOOST);
    case NVML_FI_DEV_PERF_POLICY_BOARD_LIMIT:
      return held(NVML_PERF_POLICY_BOARD_LIMIT);
    case NVML_FI_DEV_PERF_POLICY_LOW_UTILIZATION:
      return held(NVML_PERF_POLICY_LOW_UTILIZATION);
    case NVML_FI_DEV_PERF_POLICY_TOTAL_APP_CLOCKS:
      return held(NVML_PERF_POLICY_TOTAL_APP_CLOCKS);
    case NVML_FI_DEV_CLOCKS_EVENT_REASON_SW_THERM_SLOWDOWN:
      return Count(Known(gpu.Integral("gpu.throttle.sw_thermal") * 1e9));
    case NVML_FI_DEV_CLOCKS_EVENT_REASON_HW_THERM_SLOWDOWN:
      return Count(Known(gpu.Integral("gpu.throttle.hw_thermal") * 1e9));
    case NVML_FI_DEV_CLOCKS_EVENT_REASON_HW_POWER_BRAKE_SLOWDOWN:
      return Count(Known(gpu.Integral("gpu.throttle.hw_power_brake") * 1e9));
    case NVML_FI_DEV_MEMORY_TEMP:
      return Unsigned(gpu.Read("gpu.mem_temp"));
    case NVML_FI_DEV_TOTAL_ENERGY_CONSUMPTION:
    case NVML_FI_DEV_ENERGY:
      return Count(Known(gpu.Integral("gpu.power") * kMilli));
    case NVML_FI_DEV_POWER_AVERAGE:
    case NVML_FI_DEV_POWER_INSTANT:
      return Unsigned(gpu.Read("gpu.power"), kMilli);
    case NVML_FI_DEV_POWER_MIN_LIMIT:
      return Unsigned(Known(gpu.board().power_min_watts), kMilli);
    case NVML_FI_DEV_POWER_MAX_LIMIT:
      return Unsigned(Known(gpu.board().power_max_watts), kMilli);
    case NVML_FI_DEV_POWER_DEFAULT_LIMIT:
      return Unsigned(DefaultPowerLimit(gpu), kMilli);
    case NVML_FI_DEV_POWER_CURRENT_LIMIT:
    case NVML_FI_DEV_POWER_REQUESTED_LIMIT:
      return Unsigned(gpu.Read("gpu.power_limit"), kMilli);
    case NVML_FI_DEV_TEMPERATURE_SHUTDOWN_TLIMIT:
      return Signed(Below(gpu, NVML_TEMPERATURE_THRESHOLD_SHUTDOWN));
    case NVML_FI_DEV_TEMPERATURE_SLOWDOWN_TLIMIT:
      return Signed(Below(gpu, NVML_TEMPERATURE_THRESHOLD_SLOWDOWN));
    case NVML_FI_DEV_TEMPERATURE_GPU_MAX_TLIMIT:
      return Signed(Below(gpu, NVML_TEMPERATURE_THRESHOLD_GPU_MAX));
    case NVML_FI_DEV_PCIE_REPLAY_COUNTER:
      return Unsigned(gpu.Read("gpu.pcie.replay"));
    case NVML_FI_DEV_PCIE_COUNT_TX_BYTES:
      return Count(Known(gpu.Integral("gpu.pcie_tx") * kMb));
    case NVML_FI_DEV_PCIE_COUNT_RX_BYTES:
      return Count(Known(gpu.Integral("gpu.pcie_rx") * kMb));
    case NVML_FI_DEV_GET_GPU_RECOVERY_ACTION:
      return Unsigned(RecoveryAction(gpu));
    case NVML_FI_DEV_C2C_LINK_COUNT:
      return Unsigned(KnownIf(gpu.board().c2c_links > 0, gpu.board().c2c_links));
    default:
      return {};
  }
}

Reading Traffic(Gpu& gpu, bool sent, unsigned scope) {
  if (scope == kAllLinks) return Known(gpu.Integral(sent ? "gpu.nvlink_tx" : "gpu.nvlink_rx"));
  if (!HasLink(gpu, scope)) return {.status = NVML_ERROR_INVALID_ARGUMENT};
  return Known(gpu.Integral(sent ? "nvlink.link_tx" : "nvlink.link_rx", scope));
}

Reading Scaled(Reading reading, double scale) { return {reading.status, reading.value * scale}; }

// A bit error ratio as the interface packs it: mantissa in bits 8 to 11, exponent below, for
// mantissa * 10^-exponent.
Reading PackedRatio(const Reading& ratio) {
  if (!ratio || ratio.value <= 0) return ratio;
  const double exponent = std::ceil(-std::log10(ratio.value));
  const double mantissa = std::round(ratio.value * std::pow(10, exponent));
  return Known(mantissa * 256 + exponent);
}

Field ErrorField(Gpu& gpu, nvmlNvLinkErrorCounter_t counter, unsigned scope) {
  if (scope == kAllLinks) return Count(AllLinkErrors(gpu, counter));
  if (!HasLink(gpu, scope)) return {{.status = NVML_ERROR_INVALID_ARGUMENT}};
  return Count(LinkErrors(gpu, counter, static_cast<int>(scope)));
}

// The old ids have the link in them: six from L0 on, six from L6 on, and the total.
std::optional<Field> NumberedErrorField(Gpu& gpu, unsigned id) {
  struct Row {
    unsigned first, sixth, total;
    nvmlNvLinkErrorCounter_t counter;
  };
  constexpr Row kRows[] = {
      {NVML_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_L0, NVML_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_L6,
       NVML_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL, NVML_NVLINK_ERROR_DL_CRC_FLIT},
      {NVML_FI_DEV_NVLINK_CRC_DATA_ERROR_COUNT_L0, NVML_FI_DEV_NVLINK_CRC_DATA_ERROR_COUNT_L6,
       NVML_FI_DEV_NVLINK_CRC_DATA_ERROR_COUNT_TOTAL, NVML_NVLINK_ERROR_DL_CRC_DATA},
      {NVML_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_L0, NVML_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_L6,
       NVML_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL, NVML_NVLINK_ERROR_DL_REPLAY},
      {NVML_FI_DEV_NVLINK_RECOVERY_ERROR_COUNT_L0, NVML_FI_DEV_NVLINK_RECOVERY_ERROR_COUNT_L6,
       NVML_FI_DEV_NVLINK_RECOVERY_ERROR_COUNT_TOTAL, NVML_NVLINK_ERROR_DL_RECOVERY}};
  constexpr unsigned kInRow = 6;
  for (const Row& row : kRows) {
    if (id == row.total) return ErrorField(gpu, row.counter, kAllLinks);
    if (id >= row.first && id < row.first + kInRow) {
      return ErrorField(gpu, row.counter, id - row.first);
    }
    if (id >= row.sixth && id < row.sixth + kInRow) {
      return ErrorField(gpu, row.counter, id - row.sixth + kInRow);
    }
  }
  return std::nullopt;
}

Field LinkField(Gpu& gpu, unsigned id, unsigned scope) {
  const Board& board = gpu.board();
  if (board.link_version == 0) return {};
  if (const auto field = NumberedErrorField(gpu, id)) return *field;
  const bool fifth = board.link_version >= NVML_NVLINK_VERSION_5_0;
  const auto on_link = [&](auto&& answer) -> Field {
    if (!HasLink(gpu, scope)) return {{.status = NVML_ERROR_INVALID_ARGUMENT}};
    return answer();
  };
  switch (id) {
    case NVML_FI_DEV_NVLINK_LINK_COUNT:
      return Unsigned(Known(gpu.node().profile().links));
    case NVML_FI_DEV_NVSWITCH_CONNECTED_LINK_COUNT:
      return Unsigned(Known(board.fabric ? gpu.node().profile().links : 0));
    case NVML_FI_DEV_NVLINK_SPEED_MBPS_COMMON:
      return Unsigned(Known(board.link_mbps));
    case NVML_FI_DEV_NVLINK_GET_SPEED:
      return on_link([&] { return Unsigned(Known(board.link_mbps)); });
    case NVML_FI_DEV_NVLINK_GET_VERSION:
      return on_link([&] { return Unsigned(Known(board.link_version)); });
    case NVML_FI_DEV_NVLINK_GET_STATE:
      return on_link([&] { return Unsigned(gpu.Read("nvlink.state", scope)); });
    case NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_TX:
      return Count(Scaled(Traffic(gpu, true, scope), kMbToKib));
    case NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_RX:
      return Count(Scaled(Traffic(gpu, false, scope), kMbToKib));
    case NVML_FI_DEV_NVLINK_ERROR_DL_REPLAY:
      return ErrorField(gpu, NVML_NVLINK_ERROR_DL_REPLAY, scope);
    case NVML_FI_DEV_NVLINK_ERROR_DL_RECOVERY:
      return ErrorField(gpu, NVML_NVLINK_ERROR_DL_RECOVERY, scope);
    case NVML_FI_DEV_NVLINK_ERROR_DL_CRC:
      return ErrorField(gpu, NVML_NVLINK_ERROR_DL_CRC_FLIT, scope);
    default:
      break;
  }
  if (!fifth) return {};
  switch (id) {
    case NVML_FI_DEV_NVLINK_COUNT_XMIT_BYTES:
      return Count(Scaled(Traffic(gpu, true, scope), kMb));
    case NVML_FI_DEV_NVLINK_COUNT_RCV_BYTES:
      return Count(Scaled(Traffic(gpu, false, scope), kMb));
    case NVML_FI_DEV_NVLINK_COUNT_EFFECTIVE_BER:
    case NVML_FI_DEV_NVLINK_COUNT_SYMBOL_BER:
      return on_link([&] { return Count(PackedRatio(gpu.Read("nvlink.ber", scope))); });
    default:
      return {};
  }
}

bool IsLinkField(unsigned id) {
  return (id >= NVML_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_L0 && id < NVML_FI_DEV_PERF_POLICY_POWER) ||
         (id >= NVML_FI_DEV_NVLINK_SPEED_MBPS_COMMON && id <= NVML_FI_DEV_NVLINK_LINK_COUNT) ||
         (id >= NVML_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_L6 && id < NVML_FI_DEV_REMAPPED_COR) ||
         (id > NVML_FI_DEV_REMAPPED_FAILURE && id <= NVML_FI_DEV_NVLINK_GET_VERSION) ||
         (id >= NVML_FI_DEV_NVLINK_COUNT_XMIT_BYTES && id <= NVML_FI_DEV_NVLINK_COUNT_SYMBOL_BER);
}

bool IsEccField(unsigned id) {
  return id <= NVML_FI_DEV_RETIRED_PENDING ||
         (id >= NVML_FI_DEV_REMAPPED_COR && id <= NVML_FI_DEV_REMAPPED_FAILURE);
}

void Answer(Gpu& gpu, nvmlFieldValue_t& value) {
  const unsigned id = value.fieldId;
  const Field field = IsLinkField(id)  ? LinkField(gpu, id, value.scopeId)
                      : IsEccField(id) ? EccField(gpu, id)
                                       : PowerField(gpu, WithoutMove(id));
  value.timestamp = static_cast<long long>(gpu.moment().micros);
  value.latencyUsec = 0;
  value.valueType = field.type;
  value.nvmlReturn = field.reading.status;
  value.value = {};
  if (!field.reading) return;
  switch (field.type) {
    case NVML_VALUE_TYPE_UNSIGNED_INT:
      value.value.uiVal = static_cast<unsigned>(std::llround(field.reading.value));
      break;
    case NVML_VALUE_TYPE_SIGNED_INT:
      value.value.siVal = static_cast<int>(std::lround(field.reading.value));
      break;
    default:
      value.value.ullVal = static_cast<unsigned long long>(field.reading.value);
      break;
  }
}

}  // namespace

extern "C" nvmlReturn_t nvmlDeviceGetFieldValues(nvmlDevice_t device, int count,
                                                 nvmlFieldValue_t* values) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (!values || count <= 0) return NVML_ERROR_INVALID_ARGUMENT;
    for (int i = 0; i < count; ++i) Answer(gpu, values[i]);
    return NVML_SUCCESS;
  });
}

}  // namespace gpud::sim_nvml
