// SPDX-License-Identifier: Apache-2.0
#include "sources/amdgpu/gpus.h"

#include <algorithm>
#include <cerrno>

#include "platform/text.h"
#include "sources/sysfs/value_file.h"

namespace gpud::amdgpu {
namespace {

using Base = drm::Gpu;

constexpr drm::NumberFile kFiles[] = {
    {"gpu_busy_percent", &Base::gpu_percent},
    {"mem_busy_percent", &Base::memory_percent},
    {"mem_info_vram_total", &Base::memory_total_bytes},
    {"mem_info_vram_used", &Base::memory_used_bytes},
    {"mem_info_vis_vram_total", &Base::visible_total_bytes},
    {"mem_info_vis_vram_used", &Base::visible_used_bytes},
    {"mem_info_gtt_total", &Base::host_total_bytes},
    {"mem_info_gtt_used", &Base::host_used_bytes},
    {"pcie_replay_count", &Base::pcie_replays},
};

struct TextFile {
  std::string_view file;
  Result<std::string> Gpu::*member;
};
constexpr TextFile kTexts[] = {
    {"serial_number", &Gpu::serial},
    {"vbios_version", &Gpu::vbios_version},
    {"current_compute_partition", &Gpu::compute_partition},
    {"current_memory_partition", &Gpu::memory_partition},
};

/// What sysfs and hwmon lack, the table of the power controller has.
struct Substitute {
  drm::Reading reading;
  Result<double> Metrics::*from;
};
constexpr Substitute kSubstitutes[] = {
    {&Base::gpu_percent, &Metrics::gfx_percent},
    {&Base::memory_percent, &Metrics::umc_percent},
    {&Base::hotspot_celsius, &Metrics::hotspot_celsius},
    {&Base::memory_celsius, &Metrics::memory_celsius},
    {&Base::power_mw, &Metrics::power_mw},
    {&Base::energy_mj, &Metrics::energy_mj},
    {&Base::graphics_clock_mhz, &Metrics::graphics_clock_mhz},
    {&Base::memory_clock_mhz, &Metrics::memory_clock_mhz},
    {&Base::pcie_replays, &Metrics::pcie_replays},
    {&Base::thermal_throttled, &Metrics::thermal_throttled},
    {&Base::power_throttled, &Metrics::power_throttled},
};

/// As ReadText, with kUnsupported for a file that is not there or empty.
Result<std::string> Text(const Root& root, const std::string& path) {
  auto text = sysfs::ReadText(root, path);
  const bool is_absent =
      text ? text->empty()
           : text.error().code == ErrorCode::kNotFound || text.error().sys == EINVAL;
  if (is_absent) return Fail(ErrorCode::kUnsupported, path + ": not there, or empty");
  return text;
}

void ReadClock(const Root& root, const std::string& path, Result<double>& now,
               Result<double>& max) {
  ClockSteps steps = ParseClockSteps(Text(root, path));
  now = std::move(steps.now_mhz);
  max = std::move(steps.max_mhz);
}

void ReadAwake(const Root& root, const drm::Card& card, Gpu& gpu) {
  drm::ReadNumbers(root, card.folder, kFiles, gpu.base);
  ReadClock(root, card.folder + "pp_dpm_sclk", gpu.base.graphics_clock_mhz,
            gpu.base.graphics_clock_max_mhz);
  ReadClock(root, card.folder + "pp_dpm_mclk", gpu.base.memory_clock_mhz,
            gpu.base.memory_clock_max_mhz);
  drm::ReadHwmon(root, card, gpu.base);
  for (const TextFile& row : kTexts) {
    gpu.*row.member = Text(root, card.folder + std::string(row.file));
  }
  gpu.ras = ReadRas(root, card);
  gpu.bad_pages = ReadBadPages(root, card, gpu.base.memory_total_bytes);
  auto table = root.Read(card.folder + "gpu_metrics", 1 << 16);
  if (table) {
    gpu.metrics = ParseMetrics(*table);
  } else {
    Error error = std::move(table).error();
    if (error.code == ErrorCode::kNotFound) error.code = ErrorCode::kUnsupported;
    gpu.metrics = tl::unexpected<Error>(std::move(error));
  }
  if (gpu.metrics) {
    gpu.base.integrated = gpu.base.integrated || gpu.metrics->of_apu;
    for (const Substitute& row : kSubstitutes) {
      drm::FillIn(gpu.base.*row.reading, (*gpu.metrics).*row.from);
    }
  }
  drm::ReadLink(root, card, gpu.base);
}

Gpu ReadGpu(const Root& root, const drm::Card& card) {
  Gpu gpu{.base = drm::StartOf(card, drm::kAmdVendor)};
  // These two come out of the driver's memory, not from the board: no reading wakes it.
  if (const auto id = Text(root, card.folder + "unique_id")) gpu.base.uuid = *id;
  if (const auto name = Text(root, card.folder + "product_name")) gpu.base.name = *name;
  if (!card.asleep) {
    ReadAwake(root, card, gpu);
    return gpu;
  }
  const auto asleep = Fail(ErrorCode::kUnsupported, card.name + ": asleep, not read");
  for (const TextFile& row : kTexts) gpu.*row.member = asleep;
  gpu.ras = asleep;
  gpu.bad_pages = asleep;
  gpu.metrics = asleep;
  return gpu;
}

void AddKfd(const Result<std::map<std::string, KfdGpu>>& kfd, Gpu& gpu) {
  if (!kfd) {
    gpu.processes = tl::unexpected<Error>(kfd.error());
    return;
  }
  const auto found = kfd->find(gpu.base.bus_id);
  if (found == kfd->end()) {
    gpu.processes = Fail(ErrorCode::kUnsupported, "KFD does not know " + gpu.base.bus_id);
    return;
  }
  const KfdGpu& known = found->second;
  gpu.processes = known.processes;
  gpu.xgmi_peers.assign(known.peers.begin(), known.peers.end());
  if (known.hive_id != 0) gpu.hive = std::to_string(known.hive_id);
}

Result<Gpus> ReadGpus(const Root& root) {
  auto cards = drm::ListCards(root, drm::kAmdVendor);
  if (!cards) return tl::unexpected<Error>(std::move(cards).error());
  Gpus all{
      .driver_version = sysfs::ReadText(root, "/sys/module/amdgpu/version").value_or(std::string()),
      .module_loaded = root.Exists("/sys/module/amdgpu"),
      .undriven = std::move(cards->undriven)};
  const auto kfd = ReadKfd(root);
  for (const drm::Card& card : cards->cards) {
    Gpu gpu = ReadGpu(root, card);
    AddKfd(kfd, gpu);
    all.gpus.push_back(std::move(gpu));
  }
  return all;
}

}  // namespace

ClockSteps ParseClockSteps(const Result<std::string>& text) {
  if (!text) {
    const tl::unexpected<Error> error(text.error());
    return {error, error};
  }
  ClockSteps steps{Fail(ErrorCode::kUnsupported, "no clock is marked as the one now"),
                   Fail(ErrorCode::kUnsupported, "no clocks are told")};
  std::string_view rest = *text;
  for (std::string_view line; NextLine(rest, line);) {
    const auto words = SplitBlanks(line);
    if (words.size() < 2) continue;
    std::string_view clock = words[1];
    if (!ToLower(clock).ends_with("mhz")) continue;
    clock.remove_suffix(3);
    const auto mhz = ParseNumber<double>(clock);
    if (!mhz) continue;
    if (words.size() > 2 && words[2] == "*") steps.now_mhz = *mhz;
    steps.max_mhz = std::max(steps.max_mhz.value_or(0), *mhz);
  }
  return steps;
}

constinit const SourceType kGpus{
    .name = "amdgpu/gpus",
    .lane = Lane::kGpu,
    .deadline = std::chrono::seconds(10),  // eight boards, each asks its power controller
    .snapshot = &kSnapshot<Gpus>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadGpus(host.root)); },
};

}  // namespace gpud::amdgpu
