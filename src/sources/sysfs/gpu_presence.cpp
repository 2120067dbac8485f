// SPDX-License-Identifier: Apache-2.0
#include "sources/sysfs/gpu_presence.h"

#include <algorithm>
#include <cstdlib>

#include "sources/sysfs/value_file.h"

namespace gpud::sysfs {
namespace {

constexpr std::string_view kDeviceFiles[] = {"/dev/nvidiactl", "/dev/kfd", "/dev/dri"};
constexpr std::uint64_t kMakers[] = {0x10de, 0x1002, 0x8086};  // NVIDIA, AMD, Intel
constexpr std::uint64_t kDisplay = 0x03;                       // PCI base class

bool OnBus(const Root& root) {
  const std::string bus = "/sys/bus/pci/devices";
  const auto names = root.List(bus);
  if (!names) return false;
  return std::any_of(names->begin(), names->end(), [&](const std::string& name) {
    const auto device_class = ReadUnsigned(root, bus + '/' + name + "/class");
    if (!device_class || *device_class >> 16 != kDisplay) return false;
    const auto maker = ReadUnsigned(root, bus + '/' + name + "/vendor");
    return maker && std::find(std::begin(kMakers), std::end(kMakers), *maker) != std::end(kMakers);
  });
}

}  // namespace

bool HasGpu(const Root& root) {
  const char* library = std::getenv("GPUD_NVML_LIBRARY_PATH");
  return (library && *library) ||
         std::any_of(std::begin(kDeviceFiles), std::end(kDeviceFiles),
                     [&](std::string_view file) { return root.Exists(file); }) ||
         OnBus(root);
}

}  // namespace gpud::sysfs
