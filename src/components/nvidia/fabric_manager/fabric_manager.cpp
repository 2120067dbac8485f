// SPDX-License-Identifier: Apache-2.0
// NVIDIA Fabric Manager: have the GPUs joined their NVLink fabric, and does the daemon run that the
// NVSwitches of this machine need?
#include <algorithm>

#include "components/nvidia/fabric_manager/fabric_issues.h"
#include "components/nvidia/fabric_manager/log_lines.h"
#include "components/nvidia/gpu_report.h"
#include "sources/nvidia/software.h"
#include "sources/procfs/processes.h"
#include "sources/sysfs/pci.h"

namespace gpud::nvidia_fabric_manager {
namespace {

using nvidia::GpuId;

constexpr std::string_view kName = "accelerator-nvidia-fabric-manager";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", kName};
constexpr const SourceType* kNeeds[] = {&nvml::kDevices, &sysfs::kPci, &procfs::kProcesses,
                                        &nvidia::kSoftware};
constexpr MetricType kMetrics[] = {
    {"accelerator_nvidia_fabric_manager_running", "1 while the Fabric Manager runs"},
    {"accelerator_nvidia_fabric_manager_fabric_completed",
     "1 while the GPU is part of its NVLink fabric"},
};

std::size_t NvSwitches(const Inputs& in) {
  const auto& pci = in.Latest<sysfs::PciDevices>();
  if (!pci) return 0;
  return static_cast<std::size_t>(
      std::count_if(pci->devices.begin(), pci->devices.end(), [](const auto& device) {
        return device.vendor == sysfs::kNvidiaVendor && sysfs::IsOtherBridge(device);
      }));
}

/// Nothing where processes cannot be seen: they are not read, or gpud has a pid namespace of its
/// own, in which there is no idle thread of the kernel.
std::optional<bool> IsRunning(const Inputs& in) {
  const auto& all = in.Latest<procfs::Processes>();
  if (!all) return std::nullopt;
  const bool running =
      std::any_of(all->nvidia_daemons.begin(), all->nvidia_daemons.end(),
                  [](const auto& daemon) { return daemon.name == "nv-fabricmanage"; });
  if (!running && all->idle == 0) return std::nullopt;
  return running;
}

/// Rows of `data`; `joined` is whether some GPU has a fabric.
Json::Array JudgeGpus(nvidia::GpuReport& report, const nvml::Devices& devices, bool& joined) {
  Json::Array rows;
  for (const nvml::Device& device : devices.devices) {
    if (!report.Answers(device)) continue;
    const GpuId id(device);
    const auto* fabric = report.Read(id, "fabric state", device.fabric);
    if (!fabric || fabric->state == 0) continue;
    joined = true;
    report.Sample(kMetrics[1].name, id, IsCompleted(*fabric) ? 1 : 0);
    rows.push_back(Describe(id.uuid, *fabric));
    // A GPU alone has nobody to talk to.
    if (devices.devices.size() < 2) continue;
    for (const std::string& issue : IssuesOf(*fabric)) {
      report.Find(Health::kUnhealthy, id, "has an unhealthy fabric: " + issue,
                  IsCompleted(*fabric) ? Advice::kResetFabric : Advice::kRestartFabricManager);
    }
  }
  return rows;
}

void Judge(nvidia::GpuReport& report) {
  const auto* devices = report.Take<nvml::Devices>();
  if (!devices) return;
  const Inputs& in = report.in();
  bool joined = false;
  Json::Array rows = JudgeGpus(report, *devices, joined);
  const bool switches = devices->devices.size() > 1 && NvSwitches(in) > 0;
  const std::optional<bool> running = IsRunning(in);
  if (!switches && !joined && !running.value_or(false)) {
    constexpr const char* kNone = "no NVSwitch and no NVLink fabric here";
    report.NotSupported(kNone);
    return report.Done(kNone);
  }
  TellLines(report);
  if (running) report.SampleOfAll(kMetrics[0].name, *running ? 1 : 0);
  if (switches && running == false && !HasNothingToDo(in)) {
    report.findings().Add(Health::kUnhealthy, "the Fabric Manager does not run",
                          Advice::kRestartFabricManager);
  }
  report.JudgeFaults([](const Fault& fault) { return fault.message; });
  Json::Object data{{"fabric_state_supported", Json{joined}},
                    {"fabric_states", {std::move(rows)}},
                    {"nvswitches", Json{std::uint64_t{NvSwitches(in)}}}};
  if (running) data.emplace_back("fabric_manager_active", Json{*running});
  report.Done(joined ? "all GPUs are part of their NVLink fabric" : "the Fabric Manager runs",
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

}  // namespace gpud::nvidia_fabric_manager
