// SPDX-License-Identifier: Apache-2.0
#include "sources/drm/gpu.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "platform/text.h"
#include "sources/sysfs/value_file.h"

namespace gpud::drm {
namespace {

constexpr double kMilli = 1e-3;

// --- hwmon -----------------------------------------------------------------------------------

constexpr NumberFile kHwmonFiles[] = {
    {"power1_cap", &Gpu::power_limit_mw, kMilli},  // hwmon tells microwatts and microjoules
    {"power1_cap_default", &Gpu::power_limit_default_mw, kMilli},
    {"power1_cap_max", &Gpu::power_limit_max_mw, kMilli},
    {"energy1_input", &Gpu::energy_mj, kMilli},
    {"fan1_input", &Gpu::fan_rpm},
};
// Intel's limit over seconds (PL1) is what AMD calls the cap.
constexpr NumberFile kIntelLimits[] = {
    {"power1_max", &Gpu::power_limit_mw, kMilli},
    {"power1_rated_max", &Gpu::power_limit_default_mw, kMilli},
};

struct Place {
  std::string_view label, unlabelled_file;
  Reading value, crit;
};
constexpr Place kPlaces[] = {
    {"edge", "", &Gpu::celsius, &Gpu::celsius_crit},
    {"junction", "", &Gpu::hotspot_celsius, &Gpu::hotspot_celsius_crit},
    {"mem", "", &Gpu::memory_celsius, &Gpu::memory_celsius_crit},
    {"pkg", "temp2", &Gpu::celsius, &Gpu::celsius_crit},
    {"vram", "temp3", &Gpu::memory_celsius, &Gpu::memory_celsius_crit},
    {"", "temp1", &Gpu::celsius, &Gpu::celsius_crit},  // i915: the only one it has
};

void ReadTemperatures(const Root& root, const std::string& hwmon, Gpu& gpu) {
  for (const std::string sensor : {"temp1", "temp2", "temp3"}) {
    const std::string label =
        sysfs::ReadText(root, hwmon + sensor + "_label").value_or(std::string());
    for (const Place& place : kPlaces) {
      const bool is_it = label.empty() ? place.unlabelled_file == sensor : place.label == label;
      if (!is_it || gpu.*place.value) continue;
      gpu.*place.value = ReadNumber(root, hwmon + sensor + "_input", kMilli);
      gpu.*place.crit = ReadNumber(root, hwmon + sensor + "_crit", kMilli);
    }
  }
}

/// The driver's own hwmon folder: i915 has others beside it, one for each part of the GPU.
std::string HwmonFolder(const Root& root, const Card& card) {
  const std::string parent = card.folder + "hwmon/";
  for (const std::string& name : root.List(parent).value_or(std::vector<std::string>{})) {
    std::string folder = parent + name + "/";
    if (sysfs::ReadText(root, folder + "name").value_or(std::string()) == card.driver) {
      return folder;
    }
  }
  return {};
}

// --- the link --------------------------------------------------------------------------------

std::string PciFolder(const std::string& address) {
  return "/sys/bus/pci/devices/" + address + "/";
}

/// Where on the path from the root port to the GPU the card begins. Many cards have a switch of
/// their maker's between slot and GPU; the link behind it says nothing of the slot (2.5 GT/s x1 on
/// Intel's). The first on the path is the root port, which can be of the same maker.
std::size_t CardBegin(const Root& root, const Card& card, std::uint64_t vendor) {
  constexpr std::uint64_t kBridge = 0x0604;
  std::size_t begin = card.on_path.size() - 1;
  while (begin > 1) {
    const std::string above = PciFolder(card.on_path[begin - 1]);
    if (sysfs::ReadUnsigned(root, above + "vendor").value_or(0) != vendor ||
        sysfs::ReadUnsigned(root, above + "class").value_or(0) >> 8 != kBridge) {
      break;
    }
    --begin;
  }
  return begin;
}

/// A width of 0 is a device without a link; 63 is what an unreachable device's registers read as.
Result<double> Width(Result<double> width) {
  constexpr double kMostLanes = 32;
  if (width && *width == 0) return Fail(ErrorCode::kUnsupported, "no PCIe link");
  if (width && *width > kMostLanes) {
    return Fail(ErrorCode::kDeviceLost,
                "PCIe link width " + NumberText(*width) + ": the device does not answer");
  }
  return width;
}

void Lower(Result<double>& card, const Result<double>& slot) {
  if (card && slot) card = std::min(*card, *slot);
}

}  // namespace

Result<double> ReadNumber(const Root& root, const std::string& path, double factor) {
  auto text = sysfs::ReadText(root, path);
  if (!text) {
    Error error = std::move(text).error();
    const bool is_absent =
        error.code == ErrorCode::kNotFound || error.sys == EINVAL || error.sys == ENODATA;
    if (is_absent) error.code = ErrorCode::kUnsupported;
    return tl::unexpected<Error>(std::move(error));
  }
  const std::string_view word = std::string_view(*text).substr(0, text->find_first_of(" \t\n"));
  if (word == "Unknown") return Fail(ErrorCode::kUnsupported, path + ": unknown");
  const auto number = ParseNumber<double>(word);
  if (!number) {
    return Fail(ErrorCode::kParse, path + ": \"" + text->substr(0, 40) + "\" is not a number");
  }
  return *number * factor;
}

void ReadNumbers(const Root& root, const std::string& folder, std::span<const NumberFile> table,
                 Gpu& gpu) {
  for (const NumberFile& row : table) {
    gpu.*row.reading = ReadNumber(root, folder + std::string(row.file), row.factor);
  }
}

void SetAll(Gpu& gpu, const Error& error) {
  ForEachField<Gpu>([&](const auto& field) {
    auto& member = gpu.*field.member;
    if constexpr (std::is_same_v<std::decay_t<decltype(member)>, Result<double>>) {
      member = tl::unexpected<Error>(error);
    }
  });
}

void FillIn(Result<double>& reading, const Result<double>& other) {
  if (!reading && reading.error().code == ErrorCode::kUnsupported && other) reading = other;
}

Gpu StartOf(const Card& card, std::uint32_t vendor) {
  std::array<char, 16> ids;
  std::snprintf(ids.data(), ids.size(), "%04x:%04x", vendor & 0xffff, card.device_id & 0xffff);
  Gpu gpu{.card = card.name,
          .bus_id = card.bus_id(),
          .uuid = card.bus_id(),
          .name = ids.data(),
          .driver = card.driver,
          .integrated = vendor == kIntelVendor && card.bus_id() == kIntegratedIntel,
          .asleep = card.asleep};
  SetAll(gpu, {ErrorCode::kUnsupported, card.asleep
                                            ? card.name + ": asleep, not read"
                                            : "the driver " + card.driver + " does not tell it"});
  return gpu;
}

void ReadHwmon(const Root& root, const Card& card, Gpu& gpu) {
  const std::string hwmon = HwmonFolder(root, card);
  if (hwmon.empty()) return;
  ReadNumbers(root, hwmon, kHwmonFiles, gpu);
  if (card.driver != "amdgpu") ReadNumbers(root, hwmon, kIntelLimits, gpu);
  gpu.power_mw = ReadNumber(root, hwmon + "power1_average", kMilli);
  FillIn(gpu.power_mw, ReadNumber(root, hwmon + "power1_input", kMilli));
  ReadTemperatures(root, hwmon, gpu);
}

void ReadLink(const Root& root, const Card& card, Gpu& gpu) {
  if (gpu.integrated) return;
  const auto vendor = sysfs::ReadUnsigned(root, card.folder + "vendor").value_or(0);
  const std::size_t begin = CardBegin(root, card, vendor);
  const std::string end = PciFolder(card.on_path[begin]);
  gpu.pcie_gts = ReadNumber(root, end + "current_link_speed");
  gpu.pcie_gts_max = ReadNumber(root, end + "max_link_speed");
  gpu.pcie_width = Width(ReadNumber(root, end + "current_link_width"));
  gpu.pcie_width_max = Width(ReadNumber(root, end + "max_link_width"));
  if (begin == 0) return;  // in a virtual machine: the slot is not to be seen
  const std::string slot = PciFolder(card.on_path[begin - 1]);
  Lower(gpu.pcie_gts_max, ReadNumber(root, slot + "max_link_speed"));
  Lower(gpu.pcie_width_max, Width(ReadNumber(root, slot + "max_link_width")));
}

}  // namespace gpud::drm
