// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sources/gpu/vendors.h"
#include "sources/nvml/devices.h"
#include "sources/nvml/processes.h"

namespace gpud::gpu {
namespace {

const nvml::Device* DeviceOf(const Inputs& vendors, const std::string& bus_id) {
  const auto& devices = vendors.Latest<nvml::Devices>();
  if (!devices) return nullptr;
  const auto found = std::find_if(devices->devices.begin(), devices->devices.end(),
                                  [&](const nvml::Device& d) { return d.bus_id == bus_id; });
  return found == devices->devices.end() ? nullptr : &*found;
}

std::optional<MigPart> PartOf(const nvml::GpuProcess& process, const nvml::Device* device) {
  if (!process.gpu_instance) return std::nullopt;
  MigPart part{.gpu_instance = *process.gpu_instance,
               .compute_instance = process.compute_instance.value_or(0)};
  if (!device || !device->mig_instances) return part;
  for (const nvml::MigInstance& instance : *device->mig_instances) {
    if (instance.gpu_instance == part.gpu_instance &&
        instance.compute_instance == part.compute_instance) {
      part.uuid = instance.uuid;
    }
  }
  return part;
}

void AddOne(const nvml::GpuProcess& process, Process use, std::vector<Process>& uses) {
  const auto known = std::find_if(uses.begin(), uses.end(), [&](const Process& other) {
    return other.pid == use.pid && other.mig == use.mig;
  });
  if (process.memory_bytes) use.memory_bytes = *process.memory_bytes;
  if (process.sm_percent) use.sm_percent = *process.sm_percent;
  if (known == uses.end()) {
    uses.push_back(std::move(use));
    return;
  }
  // Both entries tell the whole of the process's memory.
  if (known->kind.find(use.kind) == std::string::npos) known->kind += '+' + use.kind;
  known->memory_bytes = std::max(known->memory_bytes, use.memory_bytes);
  known->sm_percent = std::max(known->sm_percent, use.sm_percent);
}

}  // namespace

void AddNvidia(const Inputs& vendors, Processes& all) {
  const auto& read = vendors.Latest<nvml::Processes>();
  if (!read) {
    if (read.error().code != ErrorCode::kUnsupported) {
      all.problems.push_back({Vendor::kNvidia, {}, read.error().what});
    }
    return;
  }
  all.simulated = read->session.simulated;
  for (const nvml::GpuProcesses& gpu : read->gpus) {
    if (!gpu.processes) {
      all.problems.push_back({Vendor::kNvidia, gpu.bus_id, gpu.processes.error().what});
      continue;
    }
    const nvml::Device* device = DeviceOf(vendors, gpu.bus_id);
    Gpu place{.gpu = gpu.index, .uuid = gpu.uuid, .bus_id = gpu.bus_id};
    if (device && device->minor_number) place.minor = *device->minor_number;
    std::vector<Process> uses;
    for (const nvml::GpuProcess& process : *gpu.processes) {
      Process use;
      static_cast<Gpu&>(use) = place;
      use.pid = process.pid;
      use.mig = PartOf(process, device);
      use.kind = process.kind;
      AddOne(process, std::move(use), uses);
    }
    std::move(uses.begin(), uses.end(), std::back_inserter(all.processes));
    all.gpus.push_back(std::move(place));
  }
}

}  // namespace gpud::gpu
