// SPDX-License-Identifier: Apache-2.0
#include "components/gpu_inventory/present.h"

#include <algorithm>

namespace gpud::gpu_inventory {
namespace {

constexpr std::uint32_t kFabricCompleted = 3;  // NVML_GPU_FABRIC_STATE_COMPLETED

void CountLinks(const nvml::GpuErrors& read, PresentGpu& present) {
  if (!read.links) return;
  const auto& links = *read.links;
  present.links_read = std::all_of(links.begin(), links.end(),
                                   [](const nvml::Link& link) { return link.active.has_value(); });
  present.gpu.nvlinks = static_cast<std::uint32_t>(
      std::count_if(links.begin(), links.end(),
                    [](const nvml::Link& link) { return link.active.value_or(false); }));
}

template <class List>
auto Find(const List& list, const std::string& bus_id) {
  return std::find_if(list.begin(), list.end(),
                      [&](const auto& one) { return one.bus_id == bus_id; });
}

}  // namespace

Result<std::vector<PresentGpu>> Present(const Inputs& in) {
  const auto& devices = in.Latest<nvml::Devices>();
  if (!devices) return tl::unexpected<Error>(devices.error());
  const auto& activity = in.Latest<nvml::Activity>();
  const auto& errors = in.Latest<nvml::Errors>();
  std::vector<PresentGpu> present;
  for (const nvml::Device& device : devices->devices) {
    if (!device.answers) continue;
    PresentGpu one{.gpu = {.bus_id = device.bus_id,
                           .name = device.name.value_or(""),
                           .memory_bytes = device.memory_total_bytes.value_or(0)}};
    one.fabric_read = device.fabric.has_value();
    one.gpu.fabric = device.fabric && device.fabric->state == kFabricCompleted;
    if (activity) {
      const auto now = Find(activity->gpus, device.bus_id);
      if (now != activity->gpus.end()) one.gpu.pcie_width = now->pcie_width.value_or(0);
    }
    if (errors) {
      const auto now = Find(errors->gpus, device.bus_id);
      if (now != errors->gpus.end()) CountLinks(*now, one);
    }
    present.push_back(std::move(one));
  }
  const auto& pci = in.Latest<sysfs::PciDevices>();
  if (!devices->session.asleep.empty() && pci) {
    for (const sysfs::PciDevice& device : pci->devices) {
      const bool known = std::any_of(present.begin(), present.end(), [&](const PresentGpu& one) {
        return one.gpu.bus_id == device.address;
      });
      if (!known && device.vendor == sysfs::kNvidiaVendor && IsGpu(device)) {
        present.push_back({.gpu = {.bus_id = device.address}});
      }
    }
  }
  std::sort(present.begin(), present.end(),
            [](const PresentGpu& a, const PresentGpu& b) { return a.gpu.bus_id < b.gpu.bus_id; });
  return present;
}

bool Learn(const std::vector<PresentGpu>& now, Inventory& known) {
  const Inventory before = known;
  for (const auto& [gpu, links_read, fabric_read] : now) {
    const auto at = std::lower_bound(
        known.gpus.begin(), known.gpus.end(), gpu.bus_id,
        [](const ExpectedGpu& one, const std::string& bus_id) { return one.bus_id < bus_id; });
    if (at == known.gpus.end() || at->bus_id != gpu.bus_id) {
      known.gpus.insert(at, gpu);
      continue;
    }
    if (at->name != gpu.name && !gpu.name.empty()) {  // another board in the slot
      *at = gpu;
      continue;
    }
    at->memory_bytes = std::max(at->memory_bytes, gpu.memory_bytes);
    at->pcie_width = std::max(at->pcie_width, gpu.pcie_width);
    at->nvlinks = std::max(at->nvlinks, gpu.nvlinks);
    at->fabric = at->fabric || gpu.fabric;
  }
  return !(known == before);
}

}  // namespace gpud::gpu_inventory
