// SPDX-License-Identifier: Apache-2.0
// What GPUs do now. One batch of field values for what has a field, single calls for the rest; a
// field that the driver lacks falls back to the function that told it before.
#include <algorithm>
#include <iterator>

#include "sources/nvml/field_values.h"
#include "sources/nvml/read_devices.h"

namespace gpud::nvml {
namespace {

using namespace nvml_abi;

constexpr NumberRow<GpuActivity> kNumbers[] = {
    {&Symbols::power, &GpuActivity::power_mw},
    {&Symbols::fan, &GpuActivity::fan_percent},
    {&Symbols::pcie_gen, &GpuActivity::pcie_gen},
    {&Symbols::pcie_width, &GpuActivity::pcie_width},
};

struct ClockRow {
  nvmlClockType_t type;
  Result<std::uint32_t> GpuActivity::*into;
};
constexpr ClockRow kClocks[] = {
    {NVML_CLOCK_GRAPHICS, &GpuActivity::graphics_clock_mhz},
    {NVML_CLOCK_SM, &GpuActivity::sm_clock_mhz},
    {NVML_CLOCK_MEM, &GpuActivity::memory_clock_mhz},
    {NVML_CLOCK_VIDEO, &GpuActivity::video_clock_mhz},
};

struct VideoRow {
  Function<decltype(nvmlDeviceGetEncoderUtilization)> Symbols::*function;
  Result<double> GpuActivity::*into;
};
constexpr VideoRow kVideo[] = {
    {&Symbols::encoder, &GpuActivity::encoder_percent},
    {&Symbols::decoder, &GpuActivity::decoder_percent},
};

// Three clock event reasons have other ids from driver 580 on, which gave theirs to other fields.
constexpr int kReleaseOfMove = 580;
constexpr unsigned kMovedBy = 18;

struct ThrottleRow {
  unsigned field;
  bool moved;
  Result<std::uint64_t> ThrottleTime::*into;
  nvmlPerfPolicyType_t otherwise;
};
// Nothing else tells it.
constexpr auto kNoPolicy = static_cast<nvmlPerfPolicyType_t>(~0U);
constexpr ThrottleRow kThrottle[] = {
    {NVML_FI_DEV_PERF_POLICY_POWER, false, &ThrottleTime::power_cap_ns, NVML_PERF_POLICY_POWER},
    {NVML_FI_DEV_PERF_POLICY_SYNC_BOOST, false, &ThrottleTime::sync_boost_ns,
     NVML_PERF_POLICY_SYNC_BOOST},
    // Older drivers count heat as one, whoever acted on it.
    {NVML_FI_DEV_CLOCKS_EVENT_REASON_SW_THERM_SLOWDOWN, true, &ThrottleTime::sw_thermal_ns,
     NVML_PERF_POLICY_THERMAL},
    {NVML_FI_DEV_CLOCKS_EVENT_REASON_HW_THERM_SLOWDOWN, true, &ThrottleTime::hw_thermal_ns,
     kNoPolicy},
    {NVML_FI_DEV_CLOCKS_EVENT_REASON_HW_POWER_BRAKE_SLOWDOWN, true, &ThrottleTime::power_brake_ns,
     kNoPolicy},
};

std::uint32_t Narrow(std::uint64_t value) { return static_cast<std::uint32_t>(value); }

Result<std::uint64_t> Violation(Gpu& gpu, nvmlPerfPolicyType_t policy) {
  nvmlViolationTime_t time{};
  return gpu.Call(gpu.symbols().violation, policy, &time).map([&] {
    return std::uint64_t{time.violationTime};
  });
}

bool IsUnsupported(const Error& error) { return error.code == ErrorCode::kUnsupported; }

void ReadFields(Gpu& gpu, GpuActivity& into) {
  FieldValues fields;
  const auto memory_celsius = fields.Add(NVML_FI_DEV_MEMORY_TEMP);
  const auto energy = fields.Add(NVML_FI_DEV_TOTAL_ENERGY_CONSUMPTION);
  const auto replays = fields.Add(NVML_FI_DEV_PCIE_REPLAY_COUNTER);
  const auto pcie_tx = fields.Add(NVML_FI_DEV_PCIE_COUNT_TX_BYTES);
  const auto pcie_rx = fields.Add(NVML_FI_DEV_PCIE_COUNT_RX_BYTES);
  const auto limit = fields.Add(NVML_FI_DEV_POWER_REQUESTED_LIMIT);
  const auto enforced = fields.Add(NVML_FI_DEV_POWER_CURRENT_LIMIT);
  const auto link_tx_kib = fields.Add(NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_TX, kAllLinks);
  const auto link_rx_kib = fields.Add(NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_RX, kAllLinks);
  std::size_t throttle[std::size(kThrottle)];
  const bool moved = gpu.driver_release() >= kReleaseOfMove;
  for (std::size_t i = 0; i < std::size(kThrottle); ++i) {
    throttle[i] = fields.Add(kThrottle[i].field + (moved && kThrottle[i].moved ? kMovedBy : 0));
  }
  fields.Read(gpu);

  into.memory_celsius = fields.Signed(memory_celsius).map([](std::int64_t celsius) {
    return static_cast<std::int32_t>(celsius);
  });
  into.energy_mj = fields.Whole(energy);
  into.pcie_replays = fields.Whole(replays);
  into.pcie_tx_bytes = fields.Whole(pcie_tx);
  into.pcie_rx_bytes = fields.Whole(pcie_rx);
  into.power_limit_mw = fields.Whole(limit).map(Narrow);
  into.power_limit_enforced_mw = fields.Whole(enforced).map(Narrow);
  const auto bytes = [](std::uint64_t kib) { return kib * 1024; };
  into.nvlink_tx_bytes = fields.Whole(link_tx_kib).map(bytes);
  into.nvlink_rx_bytes = fields.Whole(link_rx_kib).map(bytes);
  for (std::size_t i = 0; i < std::size(kThrottle); ++i) {
    auto& time = into.throttle.*kThrottle[i].into;
    time = fields.Whole(throttle[i]);
    if (!time && IsUnsupported(time.error()) && kThrottle[i].otherwise != kNoPolicy) {
      time = Violation(gpu, kThrottle[i].otherwise);
    }
  }

  // Functions of drivers before these fields.
  Symbols& symbols = gpu.symbols();
  if (!into.energy_mj && IsUnsupported(into.energy_mj.error())) {
    into.energy_mj =
        gpu.Get(symbols.energy).map([](unsigned long long mj) -> std::uint64_t { return mj; });
  }
  if (!into.pcie_replays && IsUnsupported(into.pcie_replays.error())) {
    into.pcie_replays =
        gpu.Get(symbols.pcie_replays).map([](unsigned count) -> std::uint64_t { return count; });
  }
  if (!into.power_limit_mw && IsUnsupported(into.power_limit_mw.error())) {
    into.power_limit_mw = gpu.Get(symbols.power_limit);
  }
  if (!into.power_limit_enforced_mw && IsUnsupported(into.power_limit_enforced_mw.error())) {
    into.power_limit_enforced_mw = gpu.Get(symbols.power_limit_enforced);
  }
}

void ReadMemory(Gpu& gpu, GpuActivity& into) {
  nvmlMemory_v2_t memory{};
  memory.version = VersionWord<nvmlMemory_v2_t>(2);
  auto done = gpu.Call(gpu.symbols().memory_v2, &memory);
  if (done) {
    into.memory_reserved_bytes = std::uint64_t{memory.reserved};
  } else {
    into.memory_reserved_bytes = tl::unexpected<Error>(done.error());
    const auto old = gpu.Get(gpu.symbols().memory);
    done = old.map([](const nvmlMemory_t&) {});
    if (old) memory = {.total = old->total, .free = old->free, .used = old->used};
  }
  into.memory_total_bytes = done.map([&] { return std::uint64_t{memory.total}; });
  into.memory_used_bytes = done.map([&] { return std::uint64_t{memory.used}; });
  into.memory_free_bytes = done.map([&] { return std::uint64_t{memory.free}; });

  const auto bar1 = gpu.Get(gpu.symbols().bar1);
  into.bar1_total_bytes =
      bar1.map([](const nvmlBAR1Memory_t& bar) { return std::uint64_t{bar.bar1Total}; });
  into.bar1_used_bytes =
      bar1.map([](const nvmlBAR1Memory_t& bar) { return std::uint64_t{bar.bar1Used}; });
}

struct Extremes {
  double least = 0, most = 0;
};

// The driver's buffer since `seen`, which it moves on.
Result<Extremes> ReadSamples(Driver& driver, Gpu& gpu, nvmlSamplingType_t type,
                             unsigned long long& seen) {
  nvmlValueType_t value_type{};
  unsigned count = 0;
  auto& samples = driver.samples;
  if (samples.empty()) {
    if (auto done = gpu.Call(gpu.symbols().samples, type, 0, &value_type, &count, nullptr); !done) {
      return tl::unexpected<Error>(std::move(done).error());
    }
    samples.resize(std::max(count, 120U));
  }
  count = static_cast<unsigned>(samples.size());
  if (auto done = gpu.Call(gpu.symbols().samples, type, seen, &value_type, &count, samples.data());
      !done) {
    return tl::unexpected<Error>(std::move(done).error());
  }
  std::optional<Extremes> found;
  for (unsigned i = 0; i < std::min<std::size_t>(count, samples.size()); ++i) {
    const auto value = ValueOf(value_type, samples[i].sampleValue);
    if (!value || samples[i].timeStamp <= seen) continue;
    if (!found) found = Extremes{*value, *value};
    found->least = std::min(found->least, *value);
    found->most = std::max(found->most, *value);
  }
  for (unsigned i = 0; i < std::min<std::size_t>(count, samples.size()); ++i) {
    seen = std::max(seen, samples[i].timeStamp);
  }
  if (!found) return Fail(ErrorCode::kNotFound, "no new sample");
  return *found;
}

void ReadUse(Driver& driver, Gpu& gpu, GpuActivity& into) {
  const auto use = gpu.Get(gpu.symbols().utilization);
  into.gpu_percent = use.map([](const nvmlUtilization_t& u) -> double { return u.gpu; });
  into.memory_percent = use.map([](const nvmlUtilization_t& u) -> double { return u.memory; });
  for (const VideoRow& row : kVideo) {
    unsigned percent = 0;
    unsigned period_us = 0;
    const auto done = gpu.Call(gpu.symbols().*row.function, &percent, &period_us);
    into.*row.into = done.map([&] { return static_cast<double>(percent); });
  }
  const auto busy = ReadSamples(driver, gpu, NVML_GPU_UTILIZATION_SAMPLES, gpu.utilization_seen);
  into.gpu_percent_min = busy.map([](const Extremes& seen) { return seen.least; });
  into.gpu_percent_max = busy.map([](const Extremes& seen) { return seen.most; });
  into.power_max_mw = ReadSamples(driver, gpu, NVML_TOTAL_POWER_SAMPLES, gpu.power_seen)
                          .map([](const Extremes& seen) { return seen.most; });
}

void ReadClocks(Gpu& gpu, GpuActivity& into) {
  for (const ClockRow& row : kClocks) {
    unsigned mhz = 0;
    const auto done = gpu.Call(gpu.symbols().clock, row.type, &mhz);
    into.*row.into = done.map([&] { return std::uint32_t{mhz}; });
  }
  into.clock_reasons =
      gpu.Get(gpu.symbols().clock_reasons).map([](unsigned long long bits) -> std::uint64_t {
        return bits;
      });
  const auto state = gpu.Get(gpu.symbols().performance_state);
  into.performance_state = state.map([](nvmlPstates_t s) { return static_cast<std::uint32_t>(s); });
  if (state && *state == NVML_PSTATE_UNKNOWN) {
    into.performance_state = Fail(ErrorCode::kUnsupported, "not known to the driver");
  }
}

void ReadHeat(Gpu& gpu, GpuActivity& into) {
  unsigned celsius = 0;
  into.celsius = gpu.Call(gpu.symbols().temperature, NVML_TEMPERATURE_GPU, &celsius).map([&] {
    return static_cast<std::int32_t>(celsius);
  });
  nvmlMarginTemperature_v1_t margin{};
  margin.version = VersionWord<nvmlMarginTemperature_v1_t>(1);
  into.margin_celsius = gpu.Call(gpu.symbols().margin, &margin).map([&] {
    return std::int32_t{margin.marginTemperature};
  });
}

GpuActivity ReadGpu(Driver& driver, Gpu& gpu) {
  GpuActivity into{.index = gpu.index, .uuid = gpu.uuid, .bus_id = gpu.bus_id};
  ReadUse(driver, gpu, into);
  ReadMemory(gpu, into);
  ReadClocks(gpu, into);
  for (const auto& row : kNumbers) into.*row.into = gpu.Get(gpu.symbols().*row.function);
  ReadHeat(gpu, into);
  ReadFields(gpu, into);
  into.gpm = ReadGpm(gpu);
  into.slowest_call_ms = std::chrono::duration<double, std::milli>(gpu.slowest).count();
  into.slowest_call = gpu.slowest_call;
  gpu.slowest = {};
  return into;
}

}  // namespace

Activity ReadActivity(Driver& driver, const Host&) {
  Activity activity{.session = driver.session};
  for (Gpu& gpu : driver.gpus) activity.gpus.push_back(ReadGpu(driver, gpu));
  return activity;
}

}  // namespace gpud::nvml
