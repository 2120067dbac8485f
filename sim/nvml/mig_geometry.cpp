// SPDX-License-Identifier: Apache-2.0
#include "nvml/mig_geometry.h"

#include <algorithm>
#include <cmath>

#include "scenario/sha256.h"

namespace gpud::sim_nvml {
namespace {

// Source: NVIDIA MIG User Guide, profiles of A100, H100, H200 and B200: the same slices and ids.
constexpr MigProfile kProfiles[] = {
    {.slices = 7,
     .number = NVML_GPU_INSTANCE_PROFILE_7_SLICE,
     .id = 0,
     .memory_slices = 8,
     .most = 1,
     .first_id = 0},
    {.slices = 4,
     .number = NVML_GPU_INSTANCE_PROFILE_4_SLICE,
     .id = 5,
     .memory_slices = 4,
     .most = 1,
     .first_id = 2},
    {.slices = 3,
     .number = NVML_GPU_INSTANCE_PROFILE_3_SLICE,
     .id = 9,
     .memory_slices = 4,
     .most = 2,
     .first_id = 1},
    {.slices = 2,
     .number = NVML_GPU_INSTANCE_PROFILE_2_SLICE,
     .id = 14,
     .memory_slices = 2,
     .most = 3,
     .first_id = 3},
    {.slices = 1,
     .number = NVML_GPU_INSTANCE_PROFILE_1_SLICE,
     .id = 19,
     .memory_slices = 1,
     .most = 7,
     .first_id = 7},
};

MigProfile OnBoard(const Gpu& gpu, MigProfile profile) {
  const double total = gpu.FactNumber("mem_total").value_or(0);
  profile.memory_mib =
      static_cast<unsigned long long>(total * static_cast<double>(profile.memory_slices) / 8);
  // The whole GPU has the multiprocessors that do not make a slice, too.
  profile.multiprocessors = profile.slices == 7 ? gpu.board().multiprocessors
                                                : profile.slices * gpu.board().mig_sms_per_slice;
  return profile;
}

std::optional<MigProfile> Find(const Gpu& gpu, unsigned value, unsigned MigProfile::*key) {
  const auto found = std::ranges::find(kProfiles, value, key);
  if (found == std::end(kProfiles) || gpu.board().mig_sms_per_slice == 0) return std::nullopt;
  return OnBoard(gpu, *found);
}

}  // namespace

MigProfile MigProfileOf(const Gpu& gpu) {
  const auto wanted = static_cast<unsigned>(std::max(1, gpu.mig_instances()));
  const auto fits = std::ranges::find_if(
      kProfiles, [&](const MigProfile& profile) { return profile.most >= wanted; });
  return OnBoard(gpu, *fits);
}

std::optional<MigProfile> MigProfileByNumber(const Gpu& gpu, unsigned number) {
  return Find(gpu, number, &MigProfile::number);
}

std::optional<MigProfile> MigProfileById(const Gpu& gpu, unsigned id) {
  return Find(gpu, id, &MigProfile::id);
}

std::string MigProfileName(const Gpu& gpu, const MigProfile& profile) {
  // Names go by the advertised size: 80 GB for 81,559 MiB.
  const double advertised = std::ceil(gpu.FactNumber("mem_total").value_or(0) / 1024);
  const double share = advertised * static_cast<double>(profile.memory_slices) / 8;
  return "MIG " + std::to_string(profile.slices) + "g." + std::to_string(std::lround(share)) + "gb";
}

std::string MigProfileName(const Gpu& gpu) { return MigProfileName(gpu, MigProfileOf(gpu)); }

std::string MigUuid(const Gpu& gpu, int instance) {
  const std::string h =
      scenario::Hex(scenario::Sha256(gpu.FactText("uuid") + "|mig|" + std::to_string(instance)));
  return "MIG-" + h.substr(0, 8) + "-" + h.substr(8, 4) + "-" + h.substr(12, 4) + "-" +
         h.substr(16, 4) + "-" + h.substr(20, 12);
}

unsigned GpuInstanceId(const Gpu& gpu, int instance) {
  return MigProfileOf(gpu).first_id + static_cast<unsigned>(instance);
}

}  // namespace gpud::sim_nvml
