// SPDX-License-Identifier: Apache-2.0
// How GPUs are set up: limits, modes, repair state, partitions, fabric, peers.
#include "sources/nvml/read_devices.h"

#include <iterator>

#include "sources/nvml/field_values.h"

namespace gpud::nvml {
namespace {

using namespace nvml_abi;

constexpr NumberRow<Device> kNumbers[] = {
    {&Symbols::power_limit_default, &Device::power_limit_default_mw},
    {&Symbols::pcie_gen_max, &Device::pcie_gen_max},
    {&Symbols::pcie_width_max, &Device::pcie_width_max},
    {&Symbols::mig_instances_max, &Device::mig_instances_max},
};

struct SwitchRow {
  Switch Symbols::*function;
  Result<bool> Device::*into;
};
constexpr SwitchRow kSwitches[] = {
    {&Symbols::persistence, &Device::persistence},
    {&Symbols::ecc_default, &Device::ecc_default},
    {&Symbols::display_active, &Device::display_active},
};

struct ClockRow {
  Clocks Symbols::*function;
  nvmlClockType_t type;
  Result<std::uint32_t> Device::*into;
};
constexpr ClockRow kClocks[] = {
    {&Symbols::max_clock, NVML_CLOCK_SM, &Device::sm_clock_max_mhz},
    {&Symbols::max_clock, NVML_CLOCK_MEM, &Device::memory_clock_max_mhz},
    {&Symbols::applications_clock, NVML_CLOCK_SM, &Device::application_sm_clock_mhz},
};

struct ThresholdRow {
  nvmlTemperatureThresholds_t threshold;
  Result<std::int32_t> Device::*into;
};
constexpr ThresholdRow kThresholds[] = {
    {NVML_TEMPERATURE_THRESHOLD_SHUTDOWN, &Device::shutdown_celsius},
    {NVML_TEMPERATURE_THRESHOLD_SLOWDOWN, &Device::slowdown_celsius},
    {NVML_TEMPERATURE_THRESHOLD_MEM_MAX, &Device::memory_max_celsius},
    {NVML_TEMPERATURE_THRESHOLD_GPU_MAX, &Device::gpu_max_celsius},
};

bool IsOn(nvmlEnableState_t state) { return state == NVML_FEATURE_ENABLED; }

void ReadRows(Gpu& gpu, Device& device) {
  for (const auto& row : kNumbers) device.*row.into = gpu.Get(gpu.symbols().*row.function);
  for (const SwitchRow& row : kSwitches) {
    device.*row.into = gpu.Get(gpu.symbols().*row.function).map(IsOn);
  }
  for (const ClockRow& row : kClocks) {
    unsigned mhz = 0;
    const auto done = gpu.Call(gpu.symbols().*row.function, row.type, &mhz);
    device.*row.into = done.map([&] { return std::uint32_t{mhz}; });
  }
  for (const ThresholdRow& row : kThresholds) {
    unsigned celsius = 0;
    const auto done = gpu.Call(gpu.symbols().temperature_threshold, row.threshold, &celsius);
    device.*row.into = done.map([&] { return static_cast<std::int32_t>(celsius); });
  }
}

void ReadPowerLimits(Gpu& gpu, Device& device) {
  unsigned least = 0;
  unsigned most = 0;
  const auto done = gpu.Call(gpu.symbols().power_limits, &least, &most);
  device.power_limit_min_mw = done.map([&] { return std::uint32_t{least}; });
  device.power_limit_max_mw = done.map([&] { return std::uint32_t{most}; });
}

void ReadMemorySize(Gpu& gpu, Device& device) {
  nvmlMemory_v2_t memory{};
  memory.version = VersionWord<nvmlMemory_v2_t>(2);
  if (gpu.Call(gpu.symbols().memory_v2, &memory)) {
    device.memory_total_bytes = std::uint64_t{memory.total};
    return;
  }
  device.memory_total_bytes =
      gpu.Get(gpu.symbols().memory).map([](const nvmlMemory_t& old) -> std::uint64_t {
        return old.total;
      });
}

void ReadEccMode(Gpu& gpu, Device& device) {
  nvmlEnableState_t now{};
  nvmlEnableState_t later{};
  const auto done = gpu.Call(gpu.symbols().ecc_mode, &now, &later);
  device.ecc = done.map([&] { return IsOn(now); });
  device.ecc_pending = done.map([&] { return IsOn(later); });
}

void ReadMig(Gpu& gpu, Device& device) {
  unsigned now = 0;
  unsigned later = 0;
  const auto done = gpu.Call(gpu.symbols().mig_mode, &now, &later);
  device.mig = done.map([&] { return now != 0; });
  device.mig_pending = done.map([&] { return later != 0; });
  if (!done) {
    device.mig_instances = tl::unexpected<Error>(done.error());
  } else if (now == 0) {
    device.mig_instances = Fail(ErrorCode::kUnsupported, "MIG is off");
  } else if (!device.mig_instances_max) {
    device.mig_instances = tl::unexpected<Error>(device.mig_instances_max.error());
  } else {
    device.mig_instances = ReadMigInstances(gpu, *device.mig_instances_max);
  }
}

std::string ComputeModeText(nvmlComputeMode_t mode) {
  switch (mode) {
    case NVML_COMPUTEMODE_DEFAULT:
      return "default";
    case NVML_COMPUTEMODE_PROHIBITED:
      return "prohibited";
    case NVML_COMPUTEMODE_EXCLUSIVE_PROCESS:
      return "exclusive_process";
  }
  return "unknown";
}

Result<RemappedRows> ReadRemappedRows(Gpu& gpu) {
  unsigned correctable = 0;
  unsigned uncorrectable = 0;
  unsigned pending = 0;
  unsigned failed = 0;
  if (auto done =
          gpu.Call(gpu.symbols().remapped_rows, &correctable, &uncorrectable, &pending, &failed);
      !done) {
    return tl::unexpected<Error>(std::move(done).error());
  }
  RemappedRows rows{.correctable = correctable,
                    .uncorrectable = uncorrectable,
                    .pending = pending != 0,
                    .failed = failed != 0};
  if (const auto banks = gpu.Get(gpu.symbols().row_histogram)) {
    rows.banks_max = banks->max;
    rows.banks_high = banks->high;
    rows.banks_partial = banks->partial;
    rows.banks_low = banks->low;
    rows.banks_none = banks->none;
  }
  return rows;
}

// One call for what only field values tell.
void ReadFields(Gpu& gpu, Device& device) {
  FieldValues fields;
  const auto single = fields.Add(NVML_FI_DEV_RETIRED_SBE);
  const auto two_bits = fields.Add(NVML_FI_DEV_RETIRED_DBE);
  const auto pending = fields.Add(NVML_FI_DEV_RETIRED_PENDING);
  const auto action = fields.Add(NVML_FI_DEV_GET_GPU_RECOVERY_ACTION);
  fields.Read(gpu);
  const auto narrow = [](std::uint64_t value) { return static_cast<std::uint32_t>(value); };
  device.recovery_action = fields.Whole(action).map(narrow);
  const auto pages = fields.Whole(single);
  const auto double_pages = fields.Whole(two_bits);
  const auto waiting = fields.Whole(pending);
  for (const auto* part : {&pages, &double_pages, &waiting}) {
    if (*part) continue;
    device.retired_pages = tl::unexpected<Error>(part->error());
    return;
  }
  device.retired_pages = RetiredPages{
      .single_bit = narrow(*pages), .double_bit = narrow(*double_pages), .pending = *waiting != 0};
}

// nvmlGpuP2PStatus_t; two numbers stand for "chipset not supported".
constexpr std::string_view kPeerWords[] = {"OK", "CNS", "GNS", "TNS", "DR", "NS", "U"};

void ReadPeers(Driver& driver) {
  for (Gpu& gpu : driver.gpus) gpu.peers.emplace();
  for (std::size_t one = 0; one < driver.gpus.size(); ++one) {
    Gpu& gpu = driver.gpus[one];
    if (!gpu.handle || !gpu.links || gpu.links->empty()) continue;
    for (std::size_t two = one + 1; two < driver.gpus.size(); ++two) {
      Gpu& other = driver.gpus[two];
      nvmlGpuP2PStatus_t status{};
      if (!other.handle || !gpu.Call(driver.symbols().p2p_status, other.handle,
                                     NVML_P2P_CAPS_INDEX_NVLINK, &status)) {
        continue;
      }
      const std::string word(kPeerWords[std::min<std::size_t>(status, std::size(kPeerWords) - 1)]);
      (*gpu.peers)[other.bus_id] = word;
      (*other.peers)[gpu.bus_id] = word;
    }
  }
}

Result<std::map<std::string, std::string>> PeersOf(const Gpu& gpu) {
  if (const auto answers = gpu.Answers(); !answers) return tl::unexpected<Error>(answers.error());
  if (!gpu.links || gpu.links->empty()) return Fail(ErrorCode::kUnsupported, "no NVLink");
  return gpu.peers.value_or(std::map<std::string, std::string>{});
}

Device ReadDevice(Gpu& gpu, const Host& host) {
  Device device = Identify(gpu, host);
  ReadRows(gpu, device);
  ReadPowerLimits(gpu, device);
  ReadMemorySize(gpu, device);
  ReadEccMode(gpu, device);
  ReadMig(gpu, device);
  device.compute_mode = gpu.Get(gpu.symbols().compute_mode).map(ComputeModeText);
  device.remapped_rows = ReadRemappedRows(gpu);
  ReadFields(gpu, device);
  device.fabric = ReadFabric(gpu);
  return device;
}

}  // namespace

Devices ReadDevices(Driver& driver, const Host& host) {
  Devices devices{.session = driver.session};
  for (Gpu& gpu : driver.gpus) {
    devices.devices.push_back(ReadDevice(gpu, host));
    if (!gpu.links) (void)ReadLinks(gpu, driver.links_changed);  // for whether it has any
  }
  if (std::exchange(driver.links_changed, false)) ReadPeers(driver);
  for (std::size_t i = 0; i < driver.gpus.size(); ++i) {
    devices.devices[i].nvlink_peers = PeersOf(driver.gpus[i]);
    devices.devices[i].answers = driver.gpus[i].Answers();
  }
  nvmlConfComputeSystemState_t state{};
  devices.confidential_compute = driver.calls(driver.symbols().conf_compute_state, &state).map([&] {
    return state.ccFeature != 0;
  });
  return devices;
}

}  // namespace gpud::nvml
