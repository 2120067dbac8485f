// SPDX-License-Identifier: Apache-2.0
#include "daemon/machine_gpus.h"

#include <algorithm>

#include "components/vendor_support.h"
#include "sources/nvml/devices.h"
#include "sources/nvml/product_name.h"
#include "sources/sysfs/pci.h"

namespace gpud::daemon {
namespace {

constexpr const SourceType* kSources[] = {&nvml::kDevices, &sysfs::kPci};

/// As the original's clients expect it: the number with as many factors of 1000 as divide it turned
/// into a suffix ("80G", "85520809984").
std::string QuantityText(std::uint64_t bytes) {
  constexpr std::uint64_t kStep = 1000;
  constexpr std::string_view kSuffixes = "kMGTPE";
  std::size_t steps = 0;
  while (bytes > 0 && bytes % kStep == 0 && steps < kSuffixes.size()) {
    bytes /= kStep;
    ++steps;
  }
  std::string text = std::to_string(bytes);
  if (steps > 0) text += kSuffixes[steps - 1];
  return text;
}

GpuInstance InstanceOf(const nvml::Device& device) {
  return {.uuid = device.uuid,
          .bus_id = device.bus_id,
          .serial = device.serial.value_or(""),
          .minor_id = device.minor_number ? std::to_string(*device.minor_number) : "-1",
          .board_id = device.board_id.value_or(0),
          .problem = device.answers ? "" : device.answers.error().what};
}

void DescribeNvidia(const nvml::Devices& found, MachineInfo& machine, GpuInfo& gpus) {
  machine.gpu_driver_version = found.session.driver_version;
  machine.cuda_version = found.session.cuda_version;
  for (const nvml::Device& device : found.devices) {
    gpus.gpus.push_back(InstanceOf(device));
    // The first GPU that tells speaks for all.
    if (gpus.product.empty() && device.name) {
      gpus.product = nvml::ProductName(*device.name);
      gpus.manufacturer = "NVIDIA";
      gpus.architecture = device.architecture.value_or("");
      if (device.memory_total_bytes) gpus.memory = QuantityText(*device.memory_total_bytes);
    }
    if (device.chassis_serial && machine.chassis_serial.empty()) {
      machine.chassis_serial = *device.chassis_serial;
    }
    if (device.fabric && machine.cluster_uuid.empty()) {
      machine.cluster_uuid = device.fabric->cluster_uuid;
      machine.clique_id = device.fabric->clique_id;
    }
  }
}

/// NVIDIA's GPUs on the bus that its driver does not list.
void AddUnlisted(const sysfs::PciDevices& pci, GpuInfo& gpus) {
  for (const sysfs::PciDevice& device : pci.devices) {
    if (!IsNvidiasToDrive(device)) continue;
    const bool listed =
        std::any_of(gpus.gpus.begin(), gpus.gpus.end(),
                    [&](const GpuInstance& gpu) { return gpu.bus_id == device.address; });
    if (!listed) {
      gpus.gpus.push_back({.bus_id = device.address,
                           .minor_id = "-1",
                           .problem = "on the PCI bus, but the NVIDIA driver does not list it"});
    }
  }
}

}  // namespace

constinit const std::span<const SourceType* const> kGpuSources = kSources;

bool TellsOfGpus(const SourceType& source) {
  return std::find(kGpuSources.begin(), kGpuSources.end(), &source) != kGpuSources.end();
}

void DescribeGpus(const Inputs& in, MachineInfo& machine) {
  GpuInfo gpus;
  const auto& nvidia = in.Latest<nvml::Devices>();
  if (nvidia) DescribeNvidia(*nvidia, machine, gpus);
  // Before the driver has been asked there is no list in which a GPU could be missing.
  const bool asked = nvidia || nvidia.error().code != ErrorCode::kNotFound;
  const auto& pci = in.Latest<sysfs::PciDevices>();
  if (asked && pci) AddUnlisted(*pci, gpus);
  if (!gpus.gpus.empty()) machine.gpu_info = std::move(gpus);
}

}  // namespace gpud::daemon
