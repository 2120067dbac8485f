// SPDX-License-Identifier: Apache-2.0
// Parts of a GPU (MIG), and the fabric that it is a part of.
#include <algorithm>
#include <cstdio>

#include "sources/nvml/readings.h"

namespace gpud::nvml {
namespace {

using namespace nvml_abi;

// "NVIDIA A100-SXM4-80GB MIG 1g.10gb" -> "1g.10gb".
std::string ProfileOf(const std::string& name) {
  constexpr std::string_view kBefore = "MIG ";
  const std::size_t at = name.rfind(kBefore);
  return at == std::string::npos ? "" : name.substr(at + kBefore.size());
}

Result<MigInstance> ReadInstance(Gpu& gpu, nvmlDevice_t part) {
  Symbols& symbols = gpu.symbols();
  const auto uuid = gpu.GetTextOn(part, symbols.uuid);
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  MigInstance instance{.uuid = *uuid};
  instance.profile = ProfileOf(gpu.GetTextOn(part, symbols.name).value_or(""));
  const auto gpu_instance = gpu.GetOn(part, symbols.gpu_instance_id);
  const auto compute_instance = gpu.GetOn(part, symbols.compute_instance_id);
  for (const auto* id : {&gpu_instance, &compute_instance}) {
    if (!*id) return tl::unexpected<Error>(id->error());
  }
  instance.gpu_instance = *gpu_instance;
  instance.compute_instance = *compute_instance;
  if (const auto attributes = gpu.GetOn(part, symbols.attributes)) {
    instance.multiprocessors = attributes->multiprocessorCount;
    instance.memory_total_bytes = std::uint64_t{attributes->memorySizeMB} << 20;
  }
  const auto memory = gpu.GetOn(part, symbols.memory);
  instance.memory_used_bytes =
      memory.map([](const nvmlMemory_t& bytes) -> std::uint64_t { return bytes.used; });
  if (instance.memory_total_bytes == 0 && memory) instance.memory_total_bytes = memory->total;
  return instance;
}

std::string ClusterUuid(const unsigned char (&bytes)[16]) {
  if (std::all_of(std::begin(bytes), std::end(bytes), [](unsigned char b) { return b == 0; })) {
    return "";
  }
  std::string text;
  for (std::size_t i = 0; i < std::size(bytes); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    char two[3];
    std::snprintf(two, sizeof two, "%02x", bytes[i]);
    text += two;
  }
  return text;
}

// What all versions have.
template <class Info>
Fabric FabricOf(const Info& info) {
  return {.state = info.state,
          .status = static_cast<std::uint32_t>(info.status),
          .cluster_uuid = ClusterUuid(info.clusterUuid),
          .clique_id = info.cliqueId};
}

}  // namespace

Result<std::vector<MigInstance>> ReadMigInstances(Gpu& gpu, unsigned most) {
  std::vector<MigInstance> instances;
  for (unsigned index = 0; index < most; ++index) {
    nvmlDevice_t part = nullptr;
    if (auto done = gpu.Call(gpu.symbols().mig_handle, index, &part); !done) {
      if (done.error().code == ErrorCode::kNotFound) continue;  // none in this place
      return tl::unexpected<Error>(std::move(done).error());
    }
    auto instance = ReadInstance(gpu, part);
    if (!instance) return tl::unexpected<Error>(std::move(instance).error());
    instances.push_back(std::move(*instance));
  }
  return instances;
}

Result<Fabric> ReadFabric(Gpu& gpu) {
  // Version 2 is the beginning of version 3.
  for (const unsigned version : {3U, 2U}) {
    nvmlGpuFabricInfo_v3_t info{};
    info.version = version == 3 ? VersionWord<nvmlGpuFabricInfo_v3_t>(3)
                                : VersionWord<nvmlGpuFabricInfo_v2_t>(2);
    if (!gpu.Call(gpu.symbols().fabric_info_v, &info)) continue;
    Fabric fabric = FabricOf(info);
    fabric.health_mask = info.healthMask;
    if (version == 3) fabric.health_summary = info.healthSummary;
    return fabric;
  }
  return gpu.Get(gpu.symbols().fabric_info).map(FabricOf<nvmlGpuFabricInfo_t>);
}

}  // namespace gpud::nvml
