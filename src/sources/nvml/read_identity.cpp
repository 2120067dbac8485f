// SPDX-License-Identifier: Apache-2.0
// What a GPU is: what does not change while the driver is open is read once.
#include <algorithm>
#include <cstring>

#include "platform/text.h"
#include "sources/nvml/read_devices.h"

namespace gpud::nvml {
namespace {

using namespace nvml_abi;

constexpr std::string_view kBrands[] = {"Unknown",
                                        "Quadro",
                                        "Tesla",
                                        "NVS",
                                        "GRID",
                                        "GeForce",
                                        "TITAN",
                                        "NVIDIA vApps",
                                        "NVIDIA Virtual PC",
                                        "NVIDIA Virtual Compute Server",
                                        "NVIDIA Virtual Workstation",
                                        "NVIDIA Cloud Gaming",
                                        "Quadro RTX",
                                        "NVIDIA RTX",
                                        "NVIDIA",
                                        "GeForce RTX",
                                        "TITAN RTX"};

std::string BrandText(nvmlBrandType_t brand) {
  return brand < std::size(kBrands) ? std::string(kBrands[brand])
                                    : "UnknownBrand(" + std::to_string(brand) + ")";
}

std::string_view ArchitectureOf(int major, int minor) {
  switch (major) {
    case 1:
      return "tesla";
    case 2:
      return "fermi";
    case 3:
      return "kepler";
    case 5:
      return "maxwell";
    case 6:
      return "pascal";
    case 7:
      return minor < 5 ? "volta" : "turing";
    case 8:
      return minor < 9 ? "ampere" : "ada-lovelace";
    case 9:
      return "hopper";
    case 10:
    case 12:
      return "blackwell";
    default:
      return "undefined";
  }
}

struct TextRow {
  Text Symbols::*function;
  Result<std::string> Device::*into;
};
constexpr TextRow kTexts[] = {
    {&Symbols::name, &Device::name},
    {&Symbols::serial, &Device::serial},
    {&Symbols::part_number, &Device::part_number},
    {&Symbols::vbios_version, &Device::vbios_version},
    {&Symbols::inforom_version, &Device::inforom_version},
};
constexpr NumberRow<Device> kNumbers[] = {
    {&Symbols::minor_number, &Device::minor_number},
    {&Symbols::board_id, &Device::board_id},
    {&Symbols::module_id, &Device::module_id},
    {&Symbols::pcie_gen_device_max, &Device::pcie_gen_device_max},
};

void ReadCapability(Gpu& gpu, Device& device) {
  int major = 0;
  int minor = 0;
  if (auto done = gpu.Call(gpu.symbols().compute_capability, &major, &minor); !done) {
    device.architecture = device.compute_capability = tl::unexpected<Error>(done.error());
    return;
  }
  device.architecture = std::string(ArchitectureOf(major, minor));
  device.compute_capability = std::to_string(major) + "." + std::to_string(minor);
}

void ReadFirmware(Gpu& gpu, Device& device) {
  unsigned enabled = 0;
  unsigned by_default = 0;
  if (auto done = gpu.Call(gpu.symbols().gsp_mode, &enabled, &by_default); done) {
    device.gsp_enabled = enabled != 0;
  } else {
    device.gsp_enabled = tl::unexpected<Error>(done.error());
  }
  char version[kNameSize] = "";  // the interface asks for 0x40
  if (auto done = gpu.Call(gpu.symbols().gsp_version, version); done) {
    version[sizeof version - 1] = '\0';
    device.gsp_version = std::string(version);
  } else {
    device.gsp_version = tl::unexpected<Error>(done.error());
  }
}

Result<std::string> ChassisSerial(Gpu& gpu) {
  nvmlPlatformInfo_v2_t info{};
  info.version = VersionWord<nvmlPlatformInfo_v2_t>(2);
  if (auto done = gpu.Call(gpu.symbols().platform_info, &info); !done) {
    return tl::unexpected<Error>(done.error());
  }
  const auto* text = reinterpret_cast<const char*>(info.chassisSerialNumber);
  return std::string(text, ::strnlen(text, sizeof info.chassisSerialNumber));
}

// The kernel writes -1 where the slot belongs to no node.
Result<std::int32_t> NumaNode(const Gpu& gpu, const Host& host) {
  const auto text = host.root.Read("/sys/bus/pci/devices/" + gpu.bus_id + "/numa_node");
  if (!text) return tl::unexpected<Error>(text.error());
  const auto node = ParseNumber<std::int32_t>(Trim(*text));
  if (!node) return Fail(ErrorCode::kParse, gpu.bus_id + ": numa_node is no number");
  if (*node < 0) return Fail(ErrorCode::kUnsupported, "no NUMA node");
  return *node;
}

}  // namespace

Device Identify(Gpu& gpu, const Host& host) {
  if (gpu.identity) {
    gpu.identity->index = gpu.index;
    return *gpu.identity;
  }
  Device device{.index = gpu.index, .uuid = gpu.uuid, .bus_id = gpu.bus_id};
  for (const TextRow& row : kTexts) {
    device.*row.into = gpu.GetText(gpu.symbols().*row.function);
  }
  for (const auto& row : kNumbers) device.*row.into = gpu.Get(gpu.symbols().*row.function);
  device.brand = gpu.Get(gpu.symbols().brand).map(BrandText);
  ReadCapability(gpu, device);
  ReadFirmware(gpu, device);
  device.chassis_serial = ChassisSerial(gpu);
  device.numa_node = NumaNode(gpu, host);
  if (gpu.Answers()) gpu.identity = device;
  return device;
}

}  // namespace gpud::nvml
