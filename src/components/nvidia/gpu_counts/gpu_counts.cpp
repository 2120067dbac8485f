// SPDX-License-Identifier: Apache-2.0
// NVIDIA GPU counts: are all GPUs there that are wanted, or at least all that are on the bus?
#include <algorithm>

#include "components/nvidia/gpu_report.h"
#include "components/settings.h"
#include "components/vendor_support.h"
#include "sources/sysfs/pci.h"

namespace gpud::nvidia_gpu_counts {
namespace {

constexpr std::string_view kName = "accelerator-nvidia-gpu-counts";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", kName};
constexpr const SourceType* kNeeds[] = {&nvml::kDevices, &sysfs::kPci};
constexpr MetricType kMetrics[] = {
    {"accelerator_nvidia_gpu_counts_listed", "GPUs that the driver lists and that answer"},
    {"accelerator_nvidia_gpu_counts_on_bus", "NVIDIA's GPUs on the PCI bus"},
};
constexpr std::string_view kMismatch = "gpu-count-mismatch";
constexpr std::chrono::hours kForEver{24 * 365};  // what is counted now is no history

struct Wanted {
  std::int64_t count = 0;  ///< 0 and less: not set

  static constexpr auto Fields() { return std::tuple{Field{"count", &Wanted::count}}; }
};

/// The mismatch as its own events tell it; null when they tell of none.
const Fault* OpenMismatch(const std::vector<Fault>& faults) {
  const auto open = std::find_if(faults.begin(), faults.end(),
                                 [](const Fault& fault) { return fault.code == kMismatch; });
  return open == faults.end() ? nullptr : &*open;
}

/// Tells the beginning and the end, and asks for an inspection once two reboots were in vain.
void JudgeCount(nvidia::GpuReport& report, std::int64_t found, std::int64_t wanted) {
  const std::vector<Fault> faults = OpenFaults(report.in(), {.critical_ages = kForEver});
  const Fault* open = OpenMismatch(faults);
  const bool mismatch = wanted > 0 && found != wanted;
  const std::string what =
      "found " + std::to_string(found) + " GPUs, expected " + std::to_string(wanted);
  if (mismatch) {
    report.findings().Add(Health::kUnhealthy, what, open ? open->action : Advice::kRebootSystem);
  }
  if (mismatch == (open != nullptr)) return;
  Event event = ToEvent({.event = mismatch ? kMismatch : "gpu-count-match",
                         .code = std::string(kMismatch),
                         .severity = mismatch ? EventType::kCritical : EventType::kInfo,
                         .action = mismatch ? Advice::kRebootSystem : Advice::kIgnore,
                         .message = mismatch ? what : "as many GPUs as expected",
                         .clears = !mismatch});
  event.time = report.in().Now();
  report.Add(std::move(event));
}

/// GPUs that the bus has and the driver does not list.
std::size_t JudgeBus(nvidia::GpuReport& report, const nvml::Devices& devices,
                     const sysfs::PciDevices& pci) {
  std::size_t on_bus = 0;
  for (const sysfs::PciDevice& device : pci.devices) {
    if (device.vendor != sysfs::kNvidiaVendor || !sysfs::IsGpu(device)) continue;
    ++on_bus;
    if (nvidia::FindGpu(&devices, device.address)) continue;
    if (!IsNvidiasToDrive(device)) {
      report.Note("GPU " + device.address + " is left to " +
                  (device.driver.empty() ? "no driver" : device.driver));
      continue;
    }
    report.findings().Add(
        Health::kUnhealthy,
        "GPU " + device.address + " is on the PCI bus, but the driver does not list it",
        Advice::kRebootSystem);
  }
  return on_bus;
}

void Judge(nvidia::GpuReport& report) {
  const auto* devices = report.Take<nvml::Devices>();
  if (!devices) return;
  Json::Array rows;
  std::int64_t found = 0;
  for (const nvml::Device& device : devices->devices) {
    Json::Object row = nvidia::RowOf(nvidia::GpuId(device));
    if (device.name) row.emplace_back("name", Json{*device.name});
    rows.push_back({std::move(row)});
    if (report.Answers(device)) ++found;
  }
  report.SampleOfAll(kMetrics[0].name, static_cast<double>(found));
  const auto wanted = SettingsOf<Wanted>(report.in(), kName);
  JudgeCount(report, found, wanted.count);
  Json::Object data{{"count", Json{found}}, {"gpus", {std::move(rows)}}};
  if (wanted.count > 0) data.emplace_back("expected", Json{wanted.count});
  if (const auto& pci = report.in().Latest<sysfs::PciDevices>()) {
    const std::size_t on_bus = JudgeBus(report, *devices, *pci);
    report.SampleOfAll(kMetrics[1].name, static_cast<double>(on_bus));
    data.emplace_back("count_on_bus", Json{std::uint64_t{on_bus}});
  }
  report.Done(std::to_string(found) + (found == 1 ? " GPU" : " GPUs") +
                  (wanted.count > 0 ? ", as expected" : ""),
              std::move(data));
}

}  // namespace

extern constinit const ComponentType kType{
    .name = kName,
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .clearable = true,
    .supported = nvidia::SupportOf<kName, Judge>,
    .check = nvidia::CheckOf<kName, Judge>,
};

}  // namespace gpud::nvidia_gpu_counts
