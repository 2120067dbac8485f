// SPDX-License-Identifier: Apache-2.0
#include "sources/intel_gpu/gpus.h"

#include <algorithm>

#include "sources/sysfs/value_file.h"

namespace gpud::intel_gpu {
namespace {

struct UnitFile {
  std::string_view file;
  Result<double> Unit::*member;
};

/// Where a driver keeps what; throttle reasons are files of 0 or 1 with a common beginning.
struct Layout {
  std::string_view driver;
  std::string_view throttle_folder, throttle_prefix;
  UnitFile files[4];
};
constexpr Layout kLayouts[] = {
    {"i915",
     "",
     "throttle_reason_",
     {{"rps_act_freq_mhz", &Unit::clock_mhz},
      {"rps_RP0_freq_mhz", &Unit::clock_max_mhz},
      {"rc6_residency_ms", &Unit::asleep_ms},
      {"throttle_reason_status", &Unit::throttled}}},
    {"xe",
     "freq0/throttle/",
     "reason_",
     {{"freq0/act_freq", &Unit::clock_mhz},
      {"freq0/rp0_freq", &Unit::clock_max_mhz},
      {"gtidle/idle_residency_ms", &Unit::asleep_ms},
      {"freq0/throttle/status", &Unit::throttled}}},
};

bool IsNumbered(std::string_view name, std::string_view prefix) {
  return name.starts_with(prefix) && name.size() > prefix.size() &&
         name.find_first_not_of("0123456789", prefix.size()) == std::string_view::npos;
}

std::vector<std::string> Numbered(const Root& root, const std::string& folder,
                                  std::string_view prefix) {
  auto names = root.List(folder).value_or(std::vector<std::string>{});
  std::erase_if(names, [&](const std::string& name) { return !IsNumbered(name, prefix); });
  return names;
}

Unit ReadUnit(const Root& root, const Layout& layout, const std::string& folder, std::string name) {
  Unit unit{.name = std::move(name)};
  for (const UnitFile& row : layout.files) {
    unit.*row.member = drm::ReadNumber(root, folder + std::string(row.file));
  }
  if (unit.throttled.value_or(0) == 0) return unit;
  const std::string reasons = folder + std::string(layout.throttle_folder);
  for (const std::string& file : root.List(reasons).value_or(std::vector<std::string>{})) {
    if (!file.starts_with(layout.throttle_prefix) || file.ends_with("_status")) continue;
    if (drm::ReadNumber(root, reasons + file).value_or(0) == 0) continue;
    unit.throttled_by.push_back(file.substr(layout.throttle_prefix.size()));
  }
  return unit;
}

std::vector<Unit> ReadUnits(const Root& root, const drm::Card& card) {
  std::vector<Unit> units;
  for (const Layout& layout : kLayouts) {
    if (layout.driver != card.driver) continue;
    if (card.driver == "i915") {
      const std::string parent = "/sys/class/drm/" + card.name + "/gt/";
      for (const std::string& gt : Numbered(root, parent, "gt")) {
        units.push_back(ReadUnit(root, layout, parent + gt + "/", gt));
      }
      continue;
    }
    for (const std::string& tile : Numbered(root, card.folder, "tile")) {
      for (const std::string& gt : Numbered(root, card.folder + tile, "gt")) {
        const std::string name = tile + "/" + gt;
        units.push_back(ReadUnit(root, layout, card.folder + name + "/", name));
      }
    }
  }
  return units;
}

/// Heat by any sensor, or the outside signal for it; the other reasons are limits of power.
bool IsHeat(const std::string& reason) {
  return reason.find("therm") != std::string::npos || reason == "prochot";
}

/// What the units tell of the GPU as a whole.
void SumUp(const std::vector<Unit>& units, drm::Gpu& gpu) {
  if (units.empty()) return;
  gpu.graphics_clock_mhz = units.front().clock_mhz;  // the others are copies of it, or media
  gpu.graphics_clock_max_mhz = units.front().clock_max_mhz;
  gpu.thermal_throttled = gpu.power_throttled = units.front().throttled;
  if (!gpu.thermal_throttled) return;
  gpu.thermal_throttled = gpu.power_throttled = 0.0;
  for (const Unit& unit : units) {
    for (const std::string& reason : unit.throttled_by) {
      (IsHeat(reason) ? gpu.thermal_throttled : gpu.power_throttled) = 1.0;
    }
  }
}

/// xe tells the size of its memory by tile; no driver tells in sysfs how much is used.
Result<double> MemoryBytes(const Root& root, const drm::Card& card) {
  Result<double> sum = Fail(ErrorCode::kUnsupported, "the driver does not tell it in sysfs");
  for (const std::string& tile : Numbered(root, card.folder, "tile")) {
    const auto bytes = sysfs::ReadUnsigned(root, card.folder + tile + "/physical_vram_size_bytes");
    if (bytes) sum = sum.value_or(0) + static_cast<double>(*bytes);
  }
  return sum;
}

Gpu ReadGpu(const Root& root, const drm::Card& card) {
  Gpu gpu{.base = drm::StartOf(card, drm::kIntelVendor)};
  if (card.asleep) return gpu;
  gpu.units = ReadUnits(root, card);
  SumUp(gpu.units, gpu.base);
  gpu.base.memory_total_bytes = MemoryBytes(root, card);
  drm::ReadHwmon(root, card, gpu.base);
  drm::ReadLink(root, card, gpu.base);
  return gpu;
}

Result<Gpus> ReadGpus(const Root& root) {
  auto cards = drm::ListCards(root, drm::kIntelVendor);
  if (!cards) return tl::unexpected<Error>(std::move(cards).error());
  Gpus all{.module_loaded = root.Exists("/sys/module/i915") || root.Exists("/sys/module/xe"),
           .undriven = std::move(cards->undriven)};
  for (const drm::Card& card : cards->cards) all.gpus.push_back(ReadGpu(root, card));
  return all;
}

}  // namespace

constinit const SourceType kGpus{
    .name = "intel_gpu/gpus",
    .lane = Lane::kGpu,
    .snapshot = &kSnapshot<Gpus>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadGpus(host.root)); },
};

}  // namespace gpud::intel_gpu
