// SPDX-License-Identifier: Apache-2.0
// GPU inventory: are all GPUs there that this machine is expected to have, with all of their memory
// and links? What a machine never had is never missed.
#include <algorithm>

#include "components/component.h"
#include "components/findings.h"
#include "components/gpu_inventory/present.h"
#include "model/json_codec.h"

namespace gpud::gpu_inventory {
namespace {

constexpr std::string_view kTags[] = {"accelerator", "gpu", "gpu-inventory"};
constexpr MetricType kMetrics[] = {
    {"gpu_inventory_expected", "GPUs that this machine is expected to have"},
    {"gpu_inventory_present", "of these, GPUs that answer"},
};
// What is kept back of a GPU's memory differs a little between drivers.
constexpr double kSameMemory = 0.98;
// The width of an idle link says nothing on boards that save power by it.
constexpr double kBusyPercent = 20;

bool IsBusy(const Inputs& in, const std::string& bus_id) {
  const auto& activity = in.Latest<nvml::Activity>();
  if (!activity) return false;
  return std::any_of(activity->gpus.begin(), activity->gpus.end(), [&](const auto& gpu) {
    return gpu.bus_id == bus_id && gpu.gpu_percent.value_or(0) >= kBusyPercent;
  });
}

/// Where a missing GPU was seen last: still on the bus, or gone from it.
std::string WhereIs(const Inputs& in, const std::string& bus_id) {
  const auto& devices = in.Latest<nvml::Devices>();
  for (const nvml::Device& device : devices->devices) {
    if (device.bus_id == bus_id) return "does not answer (" + device.answers.error().what + ")";
  }
  const auto& pci = in.Latest<sysfs::PciDevices>();
  if (!pci) return "is not listed by the driver";
  const bool on_bus = std::any_of(pci->devices.begin(), pci->devices.end(),
                                  [&](const auto& device) { return device.address == bus_id; });
  return on_bus ? "is on the PCI bus, but the driver does not list it" : "is gone from the PCI bus";
}

const PresentGpu* Find(const std::vector<PresentGpu>& present, const std::string& bus_id) {
  const auto at = std::find_if(present.begin(), present.end(),
                               [&](const auto& one) { return one.gpu.bus_id == bus_id; });
  return at == present.end() ? nullptr : &*at;
}

void Compare(const Inputs& in, const ExpectedGpu& expected, const PresentGpu& present,
             Findings& findings) {
  const ExpectedGpu& now = present.gpu;
  const std::string gpu = "GPU " + expected.bus_id;
  const auto less = [&](const std::string& what, auto is, auto was) {
    findings.Add(Health::kDegraded,
                 gpu + " has " + std::to_string(is) + ' ' + what + " of " + std::to_string(was),
                 RepairAction::kInspectHardware);
  };
  if (now.memory_bytes > 0 && static_cast<double>(now.memory_bytes) <
                                  kSameMemory * static_cast<double>(expected.memory_bytes)) {
    constexpr std::uint64_t kMib = 1 << 20;
    less("MiB of memory", now.memory_bytes / kMib, expected.memory_bytes / kMib);
  }
  if (now.pcie_width > 0 && now.pcie_width < expected.pcie_width && IsBusy(in, expected.bus_id)) {
    less("PCIe lanes", now.pcie_width, expected.pcie_width);
  }
  if (present.links_read && now.nvlinks < expected.nvlinks)
    less("NVLinks up", now.nvlinks, expected.nvlinks);
  if (expected.fabric && present.fabric_read && !now.fabric) {
    findings.Add(Health::kDegraded, gpu + " is no longer part of its NVLink fabric",
                 RepairAction::kReboot);
  }
}

Report Check(const Inputs& in) {
  const auto& expectation = in.Latest<Expectation>();
  const Inventory expected = expectation ? expectation->inventory : Inventory();
  const auto present = Present(in);
  if (!present && !AbsentByDesign(present.error())) {
    return Unreadable("gpu-inventory", present.error());
  }
  Findings findings;
  double there = 0;
  for (const ExpectedGpu& gpu : expected.gpus) {
    const PresentGpu* now = present ? Find(*present, gpu.bus_id) : nullptr;
    if (now) {
      ++there;
      Compare(in, gpu, *now, findings);
    } else {
      findings.Add(Health::kUnhealthy,
                   "GPU " + gpu.bus_id + (gpu.name.empty() ? "" : " (" + gpu.name + ')') + ' ' +
                       (present ? WhereIs(in, gpu.bus_id) : present.error().what),
                   RepairAction::kReboot);
    }
  }
  const std::size_t count = expected.gpus.size();
  const std::string good =
      count == 0 ? "nothing is expected yet"
                 : "all " + std::to_string(count) +
                       (expectation->declared ? " declared GPUs are there"
                                              : " GPUs that were ever seen here are there");
  Report report;
  report.states.push_back(findings.ToState("gpu-inventory", good));
  report.states.front().extra_info["data"] = ToJson(expected);
  report.samples.push_back(
      {.metric = "gpu_inventory_expected", .labels = {}, .value = static_cast<double>(count)});
  report.samples.push_back({.metric = "gpu_inventory_present", .labels = {}, .value = there});
  return report;
}

Support IsSupported(const Inputs& in) {
  const auto& expectation = in.Latest<Expectation>();
  if (expectation && !expectation->inventory.gpus.empty()) return {};
  const auto& devices = in.Latest<nvml::Devices>();
  if (devices || !AbsentByDesign(devices.error())) return {};
  return {false, "no GPU is expected here, and there is none"};
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "gpu-inventory",
    .tags = kTags,
    .needs = kSources,
    .metrics = kMetrics,
    .clearable = true,  // what is expected is forgotten, and learned anew
    .supported = IsSupported,
    .check = Check,
};

}  // namespace gpud::gpu_inventory
