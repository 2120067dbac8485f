// SPDX-License-Identifier: Apache-2.0
#include "sources/nvml/asleep.h"

#include "sources/nvml/kernel_module.h"

namespace gpud::nvml {
namespace {

template <class T>
constexpr bool kIsResult = false;
template <class T>
constexpr bool kIsResult<Result<T>> = true;

Device UnreadDevice(const KernelModuleGpu& gpu) {
  const auto unasked = Fail(ErrorCode::kUnsupported, "asleep, not asked");
  Device device{.uuid = gpu.uuid, .bus_id = gpu.bus_id};
  ForEachField<Device>([&](const auto& field) {
    auto& member = device.*field.member;
    if constexpr (kIsResult<std::decay_t<decltype(member)>>) member = unasked;
  });
  device.answers = true;  // nothing says that it would not
  if (!gpu.name.empty()) device.name = gpu.name;
  if (!gpu.vbios_version.empty()) device.vbios_version = gpu.vbios_version;
  if (gpu.minor_number) device.minor_number = *gpu.minor_number;
  return device;
}

}  // namespace

Devices UnreadDevices(const Root& root) {
  Devices devices;
  devices.session.driver_version = KernelModuleVersion(root);
  devices.confidential_compute = Fail(ErrorCode::kUnsupported, "asleep, not asked");
  for (const KernelModuleGpu& gpu : KernelModuleGpus(root)) {
    Device& device = devices.devices.emplace_back(UnreadDevice(gpu));
    device.index = static_cast<std::uint32_t>(devices.devices.size() - 1);
  }
  return devices;
}

}  // namespace gpud::nvml
