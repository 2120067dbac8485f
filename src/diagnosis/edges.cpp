// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/edges.h"

#include <algorithm>

namespace gpud::diagnosis {
namespace {

using enum Edge::Shared;

// The first row that fits counts.
constexpr Edge kEdges[] = {
    {"pcie.gpu_lost",
     "pcie.aer_storm pcie.replay_high driver.gsp_timeout driver.unresponsive "
     "pcie.link_width pcie.link_gen gpu_hw.engine_hang",
     kGpu, true},
    {"pcie.gpu_lost",
     "thermal.* power.clocks_locked compute.slow_gpu compute.latency_bound "
     "compute.underfilled compute.launch_bound app.gpu_fault gpu_hw.remap_pending "
     "gpu_hw.ecc_corr_rate tenant.* memory.gpu_orphaned data.loader_died "
     "data.pcie_copy_bound compute.idle_allocated",
     kGpu},
    {"pcie.gpu_lost",
     "nvlink.link_down nvlink.errors compute.hung_collective cpu.hung_tasks "
     "data.workers_few data.io_bound data.cpu_bound"},
    {"gpu_hw.uncorrected_ecc",
     "gpu_hw.contained_error gpu_hw.contained_repeat gpu_hw.uncontained "
     "gpu_hw.remap_pending gpu_hw.ecc_corr_rate",
     kGpu, true},
    {"gpu_hw.uncontained",
     "gpu_hw.contained_error gpu_hw.contained_repeat gpu_hw.remap_pending "
     "gpu_hw.ecc_corr_rate",
     kGpu, true},
    {"gpu_hw.contained_repeat", "gpu_hw.contained_error gpu_hw.remap_pending gpu_hw.ecc_corr_rate",
     kGpu, true},
    {"gpu_hw.contained_error", "gpu_hw.remap_pending", kGpu},
    {"gpu_hw.remap_failed",
     "gpu_hw.remap_pending gpu_hw.ecc_corr_rate gpu_hw.uncorrected_ecc "
     "gpu_hw.contained_error gpu_hw.contained_repeat",
     kGpu, true},
    {"gpu_hw.sram_threshold", "gpu_hw.uncorrected_ecc", kGpu, true},
    {"gpu_hw.ecc_corr_rate", "gpu_hw.remap_pending", kGpu, true},
    {"gpu_hw.fault_follows_gpu", "app.gpu_fault", kGpu, true},
    {"gpu_hw.*", "app.gpu_fault data.loader_died compute.idle_allocated", kGpu},
    {"gpu_hw.*", "compute.hung_collective data.workers_few data.io_bound data.cpu_bound"},
    {"gpu_hw.engine_hang", "driver.unresponsive", kGpu},
    {"app.gpu_fault", "compute.hung_collective data.loader_died"},
    {"driver.gsp_timeout", "driver.unresponsive gpu_hw.engine_hang app.gpu_fault", kGpu},
    {"driver.gsp_timeout", "compute.hung_collective cpu.hung_tasks"},
    {"driver.unresponsive", "cpu.hung_tasks"},
    {"nvlink.switch_fatal", "nvlink.link_down nvlink.errors compute.hung_collective app.gpu_fault"},
    {"nvlink.link_down", "nvlink.errors", kGpu, true},
    {"nvlink.link_down", "compute.hung_collective app.gpu_fault"},
    {"nvlink.fabric_manager_down",
     "compute.hung_collective nvlink.link_down app.gpu_fault "
     "compute.idle_allocated"},
    {"thermal.node_cooling",
     "thermal.hw_slowdown thermal.sw_slowdown thermal.hbm_hot "
     "cpu.thermal_throttle",
     kNode, true},
    {"thermal.hw_slowdown", "thermal.sw_slowdown", kGpu, true},
    {"thermal.hw_slowdown", "thermal.hbm_hot", kGpu, true},
    {"thermal.sw_slowdown", "thermal.hbm_hot", kGpu, true},
    {"thermal.*", "compute.slow_gpu data.pcie_copy_bound", kGpu},
    {"power.psu_lost", "power.brake", kNode, true},
    {"power.brake", "thermal.hw_slowdown power.clocks_locked", kGpu},
    {"power.*", "compute.slow_gpu data.pcie_copy_bound", kGpu},
    {"pcie.link_width", "pcie.link_gen", kDevice, true},
    {"pcie.link_width", "pcie.replay_high pcie.aer_storm", kDevice, true},
    {"pcie.link_gen", "pcie.replay_high pcie.aer_storm", kDevice, true},
    {"pcie.link_width", "compute.slow_gpu data.pcie_copy_bound", kGpu},
    {"pcie.link_gen", "compute.slow_gpu data.pcie_copy_bound", kGpu},
    {"pcie.aer_storm", "pcie.replay_high", kDevice, true},
    {"memory.host_oom",
     "data.loader_died memory.pressure compute.hung_collective "
     "data.shm_full compute.idle_allocated"},
    {"memory.cgroup_oom",
     "data.loader_died memory.pressure compute.hung_collective data.shm_full "
     "compute.idle_allocated",
     kProcess},
    {"memory.host_leak", "memory.pressure memory.host_oom", kNode, true},
    {"memory.host_leak", "memory.cgroup_oom", kProcess, true},
    {"memory.pressure", "data.io_bound storage.disk_slow data.cpu_bound", kNode, true},
    {"memory.pressure", "memory.host_oom", kNode},
    {"data.shm_full", "data.loader_died", kNode, true},
    {"data.loader_died", "compute.hung_collective compute.idle_allocated"},
    {"data.cpu_throttled", "data.cpu_bound data.workers_few compute.launch_bound", kNode, true},
    {"cpu.noisy_process", "data.cpu_bound data.workers_few compute.launch_bound", kNode, true},
    {"cpu.steal", "data.cpu_bound data.workers_few compute.launch_bound", kNode, true},
    {"cpu.thermal_throttle", "cpu.freq_low data.cpu_bound compute.launch_bound data.workers_few",
     kNode, true},
    {"cpu.freq_low", "data.cpu_bound compute.launch_bound data.workers_few", kNode, true},
    {"storage.disk_failing", "storage.disk_slow", kDevice, true},
    {"storage.disk_failing", "data.io_bound cpu.hung_tasks data.loader_died"},
    {"storage.disk_slow", "data.io_bound", kDevice, true},
    {"storage.disk_slow", "cpu.hung_tasks"},
    {"storage.nfs_hang",
     "data.remote_fs_slow data.io_bound cpu.hung_tasks data.workers_few "
     "compute.hung_collective",
     kNode, true},
    {"storage.fs_full", "data.loader_died"},
    {"net.nic_failed",
     "net.link_down net.link_flap net.module_fault net.speed_low "
     "net.rdma_retrans net.optics_degrading pcie.aer_storm",
     kDevice, true},
    {"net.link_down",
     "net.link_flap net.rdma_retrans net.module_fault net.optics_degrading "
     "net.speed_low",
     kDevice, true},
    {"net.optics_degrading", "net.rdma_retrans net.link_flap", kDevice, true},
    {"net.link_flap", "net.rdma_retrans net.speed_low", kDevice, true},
    {"net.congestion", "net.rdma_retrans", kDevice, true},
    {"net.module_fault", "net.link_down net.link_flap net.optics_degrading", kDevice},
    {"net.link_down", "storage.nfs_hang data.remote_fs_slow", kMount},
    {"net.link_flap", "storage.nfs_hang data.remote_fs_slow", kMount},
    {"net.nic_failed", "storage.nfs_hang data.remote_fs_slow", kMount},
    {"net.link_down", "net.tcp_retrans compute.hung_collective"},
    {"net.link_flap", "net.tcp_retrans compute.hung_collective"},
    {"net.nic_failed", "net.tcp_retrans compute.hung_collective"},
    {"net.rdma_retrans", "compute.hung_collective"},
    {"net.tcp_retrans", "data.remote_fs_slow", kNode, true},
    {"host.edac_uncorrected", "host.edac_storm", kDevice, true},
    {"host.edac_uncorrected", "data.loader_died compute.hung_collective"},
    {"cpu.soft_lockup", "driver.gsp_timeout driver.unresponsive cpu.hung_tasks"},
    {"compute.hung_collective", "compute.latency_bound compute.underfilled"},
};

bool Names(std::string_view pattern, std::string_view id) {
  if (pattern.ends_with('*')) return id.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == id;
}

bool Lists(std::string_view list, std::string_view id) {
  while (!list.empty()) {
    const std::size_t blank = list.find(' ');
    if (Names(list.substr(0, blank), id)) return true;
    if (blank == std::string_view::npos) return false;
    list.remove_prefix(blank + 1);
  }
  return false;
}

}  // namespace

const Edge* FindEdge(std::string_view cause, std::string_view effect) {
  if (cause == effect) return nullptr;
  const auto edge = std::ranges::find_if(
      kEdges, [&](const Edge& e) { return Names(e.cause, cause) && Lists(e.effects, effect); });
  return edge == std::end(kEdges) ? nullptr : edge;
}

}  // namespace gpud::diagnosis
