// SPDX-License-Identifier: Apache-2.0
// Who uses a GPU. All processes of a scenario compute, but for a display server; while an MPS
// server runs on the GPU, the others are its clients.
#include "nvml/driver.h"
#include "nvml/mig_geometry.h"
#include "nvml/put.h"
#include "sources/nvml/abi/functions.h"

namespace gpud::sim_nvml {
namespace {

constexpr unsigned kNoInstance = 0xFFFFFFFF;
constexpr double kMib = 1024.0 * 1024.0;
constexpr std::string_view kMpsServer = "nvidia-cuda-mps-server";
constexpr std::string_view kDisplayServers[] = {"Xorg", "Xwayland", "gnome-shell"};

enum class Use : std::uint8_t { kCompute, kGraphics, kMps };

std::vector<const scenario::Process*> AliveOn(const Gpu& gpu) {
  std::vector<const scenario::Process*> alive;
  for (const scenario::Process& process : gpu.node().processes()) {
    const bool uses = std::ranges::find(process.gpus, gpu.index()) != process.gpus.end();
    if (uses && process.AliveAt(gpu.moment().t)) alive.push_back(&process);
  }
  return alive;
}

Use UseOf(const scenario::Process& process, bool mps) {
  const bool display =
      std::ranges::find(kDisplayServers, process.name) != std::end(kDisplayServers);
  if (display) return Use::kGraphics;
  return mps && process.name != kMpsServer ? Use::kMps : Use::kCompute;
}

// The processes of one use, of the whole GPU or of one MIG device. In MIG mode they are dealt to
// the instances in the order of their pids.
std::vector<nvmlProcessInfo_t> List(Gpu& gpu, const Handle& handle, Use use) {
  const auto alive = AliveOn(gpu);
  const bool mps = std::ranges::any_of(alive, [](const auto* p) { return p->name == kMpsServer; });
  const int instances = gpu.mig_instances();
  std::vector<nvmlProcessInfo_t> rows;
  int place = 0;
  for (const scenario::Process* process : alive) {
    const int instance = instances > 0 ? place++ % instances : -1;
    if (UseOf(*process, mps) != use) continue;
    if (handle.instance >= 0 && handle.instance != instance) continue;
    const Reading mib = gpu.Read("gpu.proc.mem", process->pid);
    rows.push_back(
        {.pid = static_cast<unsigned>(process->pid),
         // All ones: "not available".
         .usedGpuMemory = mib ? static_cast<unsigned long long>(mib.value * kMib) : ~0ULL,
         .gpuInstanceId = instance < 0 ? kNoInstance : GpuInstanceId(gpu, instance),
         .computeInstanceId = instance < 0 ? kNoInstance : 0});
  }
  return rows;
}

nvmlReturn_t Running(const char* function, nvmlDevice_t device, unsigned* count,
                     nvmlProcessInfo_t* infos, Use use) {
  return OnHandle(function, device, Need::kWorkingGpu, [&](Gpu& gpu, Handle& handle) {
    return PutRows(List(gpu, handle, use), count, infos);
  });
}

nvmlReturn_t RunningOld(const char* function, nvmlDevice_t device, unsigned* count,
                        nvmlProcessInfo_v1_t* infos, Use use) {
  return OnHandle(function, device, Need::kWorkingGpu, [&](Gpu& gpu, Handle& handle) {
    std::vector<nvmlProcessInfo_v1_t> rows;
    for (const nvmlProcessInfo_t& row : List(gpu, handle, use)) {
      rows.push_back({.pid = row.pid, .usedGpuMemory = row.usedGpuMemory});
    }
    return PutRows(rows, count, infos);
  });
}

// One sample a process, of the current step; none when the caller has seen the step.
std::vector<nvmlProcessUtilizationSample_t> Utilization(Gpu& gpu, unsigned long long last_seen) {
  std::vector<nvmlProcessUtilizationSample_t> rows;
  const double step = gpu.node().scenario().step_s;
  const std::uint64_t time =
      Driver::The().clock().MicrosAt(static_cast<double>(gpu.moment().sample) * step);
  if (time <= last_seen) return rows;
  const auto alive = AliveOn(gpu);
  const Reading memory = gpu.Read("gpu.mem_util");
  for (const scenario::Process* process : alive) {
    const Reading sm = gpu.Read("gpu.proc.sm_util", process->pid);
    if (!sm || !memory) continue;
    rows.push_back({.pid = static_cast<unsigned>(process->pid),
                    .timeStamp = time,
                    .smUtil = static_cast<unsigned>(std::lround(sm.value)),
                    .memUtil = static_cast<unsigned>(
                        std::lround(memory.value / static_cast<double>(alive.size()))),
                    .encUtil = 0,
                    .decUtil = 0});
  }
  return rows;
}

}  // namespace

extern "C" nvmlReturn_t nvmlDeviceGetComputeRunningProcesses(nvmlDevice_t device, unsigned* count,
                                                             nvmlProcessInfo_v1_t* infos) {
  return RunningOld(__func__, device, count, infos, Use::kCompute);
}
extern "C" nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v2(nvmlDevice_t device,
                                                                unsigned* count,
                                                                nvmlProcessInfo_t* infos) {
  return Running(__func__, device, count, infos, Use::kCompute);
}
extern "C" nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v3(nvmlDevice_t device,
                                                                unsigned* count,
                                                                nvmlProcessInfo_t* infos) {
  return Running(__func__, device, count, infos, Use::kCompute);
}
extern "C" nvmlReturn_t nvmlDeviceGetGraphicsRunningProcesses(nvmlDevice_t device, unsigned* count,
                                                              nvmlProcessInfo_v1_t* infos) {
  return RunningOld(__func__, device, count, infos, Use::kGraphics);
}
extern "C" nvmlReturn_t nvmlDeviceGetGraphicsRunningProcesses_v2(nvmlDevice_t device,
                                                                 unsigned* count,
                                                                 nvmlProcessInfo_t* infos) {
  return Running(__func__, device, count, infos, Use::kGraphics);
}
extern "C" nvmlReturn_t nvmlDeviceGetGraphicsRunningProcesses_v3(nvmlDevice_t device,
                                                                 unsigned* count,
                                                                 nvmlProcessInfo_t* infos) {
  return Running(__func__, device, count, infos, Use::kGraphics);
}
extern "C" nvmlReturn_t nvmlDeviceGetMPSComputeRunningProcesses(nvmlDevice_t device,
                                                                unsigned* count,
                                                                nvmlProcessInfo_v1_t* infos) {
  return RunningOld(__func__, device, count, infos, Use::kMps);
}
extern "C" nvmlReturn_t nvmlDeviceGetMPSComputeRunningProcesses_v2(nvmlDevice_t device,
                                                                   unsigned* count,
                                                                   nvmlProcessInfo_t* infos) {
  return Running(__func__, device, count, infos, Use::kMps);
}
extern "C" nvmlReturn_t nvmlDeviceGetMPSComputeRunningProcesses_v3(nvmlDevice_t device,
                                                                   unsigned* count,
                                                                   nvmlProcessInfo_t* infos) {
  return Running(__func__, device, count, infos, Use::kMps);
}

extern "C" nvmlReturn_t nvmlDeviceGetProcessUtilization(nvmlDevice_t device,
                                                        nvmlProcessUtilizationSample_t* utilization,
                                                        unsigned* count,
                                                        unsigned long long last_seen) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (gpu.mig_instances() > 0) return NVML_ERROR_NOT_SUPPORTED;
    const auto rows = Utilization(gpu, last_seen);
    if (rows.empty() && utilization) {
      return count ? NVML_ERROR_NOT_FOUND : NVML_ERROR_INVALID_ARGUMENT;
    }
    if (!utilization && count) *count = 0;  // a question for the room that is needed
    return PutRows(rows, count, utilization);
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetProcessesUtilizationInfo(
    nvmlDevice_t device, nvmlProcessesUtilizationInfo_v1_t* info) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (!info) return NVML_ERROR_INVALID_ARGUMENT;
    if (info->version != VersionWord<nvmlProcessesUtilizationInfo_v1_t>(1)) {
      return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    }
    std::vector<nvmlProcessUtilizationInfo_v1_t> rows;
    for (const auto& row : Utilization(gpu, info->lastSeenTimeStamp)) {
      rows.push_back({.timeStamp = row.timeStamp,
                      .pid = row.pid,
                      .smUtil = row.smUtil,
                      .memUtil = row.memUtil,
                      .encUtil = 0,
                      .decUtil = 0,
                      .jpgUtil = 0,
                      .ofaUtil = 0});
    }
    if (rows.empty()) return NVML_ERROR_NOT_FOUND;
    if (!info->procUtilArray) info->processSamplesCount = 0;
    return PutRows(rows, &info->processSamplesCount, info->procUtilArray);
  });
}

}  // namespace gpud::sim_nvml
