// SPDX-License-Identifier: Apache-2.0
#include "sources/amdgpu/metrics.h"

#include <algorithm>
#include <cstring>
#include <optional>

namespace gpud::amdgpu {
namespace {

enum class Fold : unsigned char { kFirst, kMax, kSum };

/// Where a reading stands in the formats `major`.`from` to `major`.`to`.
struct Row {
  unsigned char major, from, to;
  unsigned char size;  ///< bytes of one number
  unsigned short offset;
  unsigned char count;  ///< numbers there
  Fold fold;
  Result<double> Metrics::*member;
  double factor = 1;
};

using M = Metrics;
constexpr double kMilliwatts = 1e3, kBytesOfKb = 1024;
constexpr double kEnergy = 15.259e-3;  // millijoules: the accumulator counts 2^-16 J
constexpr auto kFirst = Fold::kFirst;
constexpr auto kMax = Fold::kMax;
constexpr auto kSum = Fold::kSum;

// Power and heat of 2.x are left out: their units differ from chip to chip (hwmon has both). The
// energy of 1.0 to 1.3 too: in the Radeon cards that use these formats, it has no fixed unit.
constexpr Row kRows[] = {
    {1, 0, 0, 2, 18, 1, kFirst, &M::hotspot_celsius},
    {1, 1, 3, 2, 6, 1, kFirst, &M::hotspot_celsius},
    {1, 4, 8, 2, 4, 1, kFirst, &M::hotspot_celsius},
    {1, 0, 0, 2, 20, 1, kFirst, &M::memory_celsius},
    {1, 1, 3, 2, 8, 1, kFirst, &M::memory_celsius},
    {1, 4, 8, 2, 6, 1, kFirst, &M::memory_celsius},
    {1, 0, 0, 2, 28, 1, kFirst, &M::gfx_percent},
    {1, 1, 3, 2, 16, 1, kFirst, &M::gfx_percent},
    {1, 4, 8, 2, 12, 1, kFirst, &M::gfx_percent},
    {3, 0, 0, 2, 42, 1, kFirst, &M::gfx_percent},
    {1, 0, 0, 2, 30, 1, kFirst, &M::umc_percent},
    {1, 1, 3, 2, 18, 1, kFirst, &M::umc_percent},
    {1, 4, 8, 2, 14, 1, kFirst, &M::umc_percent},
    {1, 0, 0, 2, 34, 1, kFirst, &M::power_mw, kMilliwatts},
    {1, 1, 3, 2, 22, 1, kFirst, &M::power_mw, kMilliwatts},
    {1, 4, 8, 2, 10, 1, kFirst, &M::power_mw, kMilliwatts},
    {3, 0, 0, 4, 112, 1, kFirst, &M::power_mw},
    {1, 4, 4, 8, 24, 1, kFirst, &M::energy_mj, kEnergy},
    {1, 5, 5, 8, 88, 1, kFirst, &M::energy_mj, kEnergy},
    {1, 6, 6, 8, 16, 1, kFirst, &M::energy_mj, kEnergy},
    {1, 7, 8, 8, 24, 1, kFirst, &M::energy_mj, kEnergy},
    {1, 0, 3, 2, 54, 1, kFirst, &M::graphics_clock_mhz},
    {1, 4, 4, 2, 240, 8, kMax, &M::graphics_clock_mhz},
    {1, 5, 5, 2, 312, 8, kMax, &M::graphics_clock_mhz},
    {1, 6, 6, 2, 264, 8, kMax, &M::graphics_clock_mhz},
    {1, 7, 8, 2, 296, 8, kMax, &M::graphics_clock_mhz},
    {2, 0, 0, 2, 80, 1, kFirst, &M::graphics_clock_mhz},
    {2, 1, 4, 2, 76, 1, kFirst, &M::graphics_clock_mhz},
    {3, 0, 0, 2, 174, 1, kFirst, &M::graphics_clock_mhz},
    {1, 0, 3, 2, 58, 1, kFirst, &M::memory_clock_mhz},
    {1, 4, 4, 2, 280, 1, kFirst, &M::memory_clock_mhz},
    {1, 5, 5, 2, 352, 1, kFirst, &M::memory_clock_mhz},
    {1, 6, 6, 2, 304, 1, kFirst, &M::memory_clock_mhz},
    {1, 7, 8, 2, 336, 1, kFirst, &M::memory_clock_mhz},
    {2, 0, 0, 2, 84, 1, kFirst, &M::memory_clock_mhz},
    {2, 1, 4, 2, 80, 1, kFirst, &M::memory_clock_mhz},
    {3, 0, 0, 2, 186, 1, kFirst, &M::memory_clock_mhz},
    {1, 6, 6, 4, 32, 1, kFirst, &M::ticks},
    {1, 7, 8, 4, 40, 1, kFirst, &M::ticks},
    {1, 6, 6, 4, 40, 1, kFirst, &M::power_ticks},
    {1, 7, 8, 4, 48, 1, kFirst, &M::power_ticks},
    {1, 4, 4, 8, 80, 1, kFirst, &M::pcie_recoveries},
    {1, 5, 5, 8, 144, 1, kFirst, &M::pcie_recoveries},
    {1, 6, 6, 8, 96, 1, kFirst, &M::pcie_recoveries},
    {1, 7, 8, 8, 104, 1, kFirst, &M::pcie_recoveries},
    {1, 4, 4, 8, 88, 1, kFirst, &M::pcie_replays},
    {1, 5, 5, 8, 152, 1, kFirst, &M::pcie_replays},
    {1, 6, 6, 8, 104, 1, kFirst, &M::pcie_replays},
    {1, 7, 8, 8, 112, 1, kFirst, &M::pcie_replays},
    {1, 5, 5, 4, 168, 1, kFirst, &M::pcie_naks_sent},
    {1, 6, 6, 4, 120, 1, kFirst, &M::pcie_naks_sent},
    {1, 7, 8, 4, 128, 1, kFirst, &M::pcie_naks_sent},
    {1, 5, 5, 4, 172, 1, kFirst, &M::pcie_naks_received},
    {1, 6, 6, 4, 124, 1, kFirst, &M::pcie_naks_received},
    {1, 7, 8, 4, 132, 1, kFirst, &M::pcie_naks_received},
    {1, 4, 4, 2, 52, 1, kFirst, &M::xgmi_width},
    {1, 5, 5, 2, 116, 1, kFirst, &M::xgmi_width},
    {1, 6, 6, 2, 64, 1, kFirst, &M::xgmi_width},
    {1, 7, 8, 2, 72, 1, kFirst, &M::xgmi_width},
    {1, 4, 4, 2, 54, 1, kFirst, &M::xgmi_gbps},
    {1, 5, 5, 2, 118, 1, kFirst, &M::xgmi_gbps},
    {1, 6, 6, 2, 66, 1, kFirst, &M::xgmi_gbps},
    {1, 7, 8, 2, 74, 1, kFirst, &M::xgmi_gbps},
    {1, 4, 4, 8, 104, 8, kSum, &M::xgmi_read_bytes, kBytesOfKb},
    {1, 5, 5, 8, 176, 8, kSum, &M::xgmi_read_bytes, kBytesOfKb},
    {1, 6, 6, 8, 128, 8, kSum, &M::xgmi_read_bytes, kBytesOfKb},
    {1, 7, 8, 8, 136, 8, kSum, &M::xgmi_read_bytes, kBytesOfKb},
    {1, 4, 4, 8, 168, 8, kSum, &M::xgmi_written_bytes, kBytesOfKb},
    {1, 5, 5, 8, 240, 8, kSum, &M::xgmi_written_bytes, kBytesOfKb},
    {1, 6, 6, 8, 192, 8, kSum, &M::xgmi_written_bytes, kBytesOfKb},
    {1, 7, 8, 8, 200, 8, kSum, &M::xgmi_written_bytes, kBytesOfKb},
};

/// The newest content of each format that we know.
bool IsKnown(unsigned major, unsigned minor) {
  return (major == 1 && minor <= 8) || (major == 2 && minor <= 4) || (major == 3 && minor == 0);
}

/// A number in the machine's byte order, as the driver writes it; nothing beyond the table's end,
/// or for all ones, which stand for "this board does not tell".
std::optional<std::uint64_t> NumberAt(std::string_view table, std::size_t offset, unsigned size) {
  if (offset + size > table.size()) return std::nullopt;
  std::uint64_t value = 0;
  std::memcpy(&value, table.data() + offset, size);  // x86 and ARM servers: little-endian
  const std::uint64_t ones = size == 8 ? ~0ull : (1ull << (8 * size)) - 1;
  return value == ones ? std::nullopt : std::optional(value);
}

void Take(std::string_view table, const Row& row, Metrics& metrics) {
  std::optional<double> folded;
  for (unsigned i = 0; i < row.count; ++i) {
    const auto number = NumberAt(table, row.offset + std::size_t{i} * row.size, row.size);
    if (!number) continue;
    const auto value = static_cast<double>(*number) * row.factor;
    if (!folded) {
      folded = value;
    } else {
      folded = row.fold == Fold::kSum ? *folded + value : std::max(*folded, value);
    }
  }
  if (folded) metrics.*row.member = *folded;
}

/// Bits 0 to 23 are limits of power and current, 32 to 47 of heat (SMU_THROTTLER_*_BIT of
/// drivers/gpu/drm/amd/pm/swsmu/inc/amdgpu_smu.h).
void TakeThrottleStatus(std::string_view table, std::size_t offset, Metrics& metrics) {
  const auto status = NumberAt(table, offset, 8);
  if (!status) return;
  constexpr std::uint64_t kPowerBits = 0xff'ffff, kHeatBits = 0xffffull << 32;
  metrics.power_throttled = (*status & kPowerBits) != 0 ? 1.0 : 0.0;
  metrics.thermal_throttled = (*status & kHeatBits) != 0 ? 1.0 : 0.0;
}

/// An outside signal (PROCHOT) stands 4 bytes, the socket, regulators and HBM 12, 16 and 20 bytes
/// behind the tick counter.
void TakeThermalTicks(std::string_view table, std::size_t ticks_offset, Metrics& metrics) {
  std::optional<std::uint64_t> sum;
  for (const std::size_t behind : std::initializer_list<std::size_t>{4, 12, 16, 20}) {
    const auto ticks = NumberAt(table, ticks_offset + behind, 4);
    if (ticks) sum = sum.value_or(0) + *ticks;
  }
  if (sum) metrics.thermal_ticks = static_cast<double>(*sum);
}

}  // namespace

Result<Metrics> ParseMetrics(std::string_view table) {
  constexpr std::size_t kHeader = 4;
  if (table.size() < kHeader) return Fail(ErrorCode::kParse, "gpu_metrics: no header");
  const auto size = NumberAt(table, 0, 2).value_or(0);
  const auto major = static_cast<unsigned char>(table[2]);
  const auto minor = static_cast<unsigned char>(table[3]);
  if (size < kHeader || size > table.size()) {
    return Fail(ErrorCode::kParse, "gpu_metrics: " + std::to_string(table.size()) + " of " +
                                       std::to_string(size) + " bytes");
  }
  Metrics metrics{.format = std::to_string(major) + "." + std::to_string(minor),
                  .of_apu = major >= 2};
  if (!IsKnown(major, minor)) {
    return Fail(ErrorCode::kUnsupported, "gpu_metrics: format " + metrics.format + " is not known");
  }
  ForEachField<Metrics>([&](const auto& field) {
    auto& member = metrics.*field.member;
    if constexpr (std::is_same_v<std::decay_t<decltype(member)>, Result<double>>) {
      member = Fail(ErrorCode::kUnsupported, "gpu_metrics " + metrics.format + " does not tell it");
    }
  });
  table = table.substr(0, size);
  for (const Row& row : kRows) {
    if (row.major == major && row.from <= minor && minor <= row.to) Take(table, row, metrics);
  }
  if (major == 1 && minor == 3) TakeThrottleStatus(table, 112, metrics);
  if (major == 2 && minor >= 2) TakeThrottleStatus(table, 120, metrics);
  if (major == 1 && minor >= 6) TakeThermalTicks(table, minor == 6 ? 32 : 40, metrics);
  return metrics;
}

}  // namespace gpud::amdgpu
