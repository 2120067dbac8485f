// SPDX-License-Identifier: Apache-2.0
// MachineInfo: what this machine is. Wire format of GET /machine-info.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/fields.h"
#include "platform/clock.h"

namespace gpud {

struct CpuInfo {
  std::string type, manufacturer, architecture;  ///< architecture: "amd64", "arm64"
  std::int64_t logical_cores = 0;

  static constexpr auto Fields() {
    using I = CpuInfo;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"type", &I::type, kOmit},
                      Field{"manufacturer", &I::manufacturer, kOmit},
                      Field{"architecture", &I::architecture, kOmit},
                      Field{"logicalCores", &I::logical_cores, kOmit}};
  }
};

struct MemoryInfo {
  std::uint64_t total_bytes = 0;

  static constexpr auto Fields() {
    return std::tuple{Field{"totalBytes", &MemoryInfo::total_bytes}};
  }
};

struct GpuInstance {
  std::string uuid, bus_id, serial, minor_id;
  std::uint32_t board_id = 0;
  std::string problem;  ///< why it cannot be used, for a person; an addition to the original's

  static constexpr auto Fields() {
    using I = GpuInstance;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"uuid", &I::uuid, kOmit},        Field{"busID", &I::bus_id, kOmit},
                      Field{"sn", &I::serial, kOmit},        Field{"minorID", &I::minor_id, kOmit},
                      Field{"boardID", &I::board_id, kOmit}, Field{"problem", &I::problem, kOmit}};
  }
};

struct GpuInfo {
  std::string product, manufacturer, architecture, memory;
  std::vector<GpuInstance> gpus;

  static constexpr auto Fields() {
    using I = GpuInfo;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"product", &I::product, kOmit},
                      Field{"manufacturer", &I::manufacturer, kOmit},
                      Field{"architecture", &I::architecture, kOmit},
                      Field{"memory", &I::memory, kOmit}, Field{"gpus", &I::gpus, kOmit}};
  }
};

struct BlockDevice {
  std::string name, type;  ///< "/dev/nvme0n1p2", "part"
  std::int64_t size = 0, used = 0;
  bool rota = false;
  std::string serial, wwn, vendor, model, rev, mount_point, fs_type, part_uuid;
  std::vector<std::string> parents, children;

  static constexpr auto Fields() {
    using I = BlockDevice;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"name", &I::name, kOmit},
                      Field{"type", &I::type, kOmit},
                      Field{"size", &I::size, kOmit},
                      Field{"used", &I::used, kOmit},
                      Field{"rota", &I::rota, kOmit},
                      Field{"serial", &I::serial, kOmit},
                      Field{"wwn", &I::wwn, kOmit},
                      Field{"vendor", &I::vendor, kOmit},
                      Field{"model", &I::model, kOmit},
                      Field{"rev", &I::rev, kOmit},
                      Field{"mountPoint", &I::mount_point, kOmit},
                      Field{"fsType", &I::fs_type, kOmit},
                      Field{"partUUID", &I::part_uuid, kOmit},
                      Field{"parents", &I::parents, kOmit},
                      Field{"children", &I::children, kOmit}};
  }
};

struct DiskInfo {
  std::vector<BlockDevice> block_devices;
  std::string container_root_disk;

  static constexpr auto Fields() {
    using I = DiskInfo;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"blockDevices", &I::block_devices, kOmit},
                      Field{"containerRootDisk", &I::container_root_disk, kOmit}};
  }
};

struct NicAddress {
  std::string interface, mac, ip;

  static constexpr auto Fields() {
    using I = NicAddress;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"interface", &I::interface, kOmit}, Field{"mac", &I::mac, kOmit},
                      Field{"ip", &I::ip, kOmit}};
  }
};

struct NicInfo {
  std::vector<NicAddress> private_ip_interfaces;

  static constexpr auto Fields() {
    return std::tuple{
        Field{"privateIPInterfaces", &NicInfo::private_ip_interfaces, When::kNonEmpty}};
  }
};

struct MachineInfo {
  std::string gpud_version, gpu_driver_version, cuda_version, container_runtime_version,
      tailscale_version, kernel_version, os_image, operating_system, system_uuid, machine_id,
      boot_id, hostname;
  WallTime uptime{};  ///< the boot time; the name is the original's
  std::string cluster_uuid;
  std::uint32_t clique_id = 0;
  std::string chassis_serial;
  std::optional<CpuInfo> cpu_info;
  std::optional<MemoryInfo> memory_info;
  std::optional<GpuInfo> gpu_info;
  std::optional<DiskInfo> disk_info;
  std::optional<NicInfo> nic_info;
  std::string simulated;  ///< the scenario, when all of this is made up; an addition

  static constexpr auto Fields() {
    using I = MachineInfo;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"gpudVersion", &I::gpud_version, kOmit},
                      Field{"gpuDriverVersion", &I::gpu_driver_version, kOmit},
                      Field{"cudaVersion", &I::cuda_version, kOmit},
                      Field{"containerRuntimeVersion", &I::container_runtime_version, kOmit},
                      Field{"tailscaleVersion", &I::tailscale_version, kOmit},
                      Field{"kernelVersion", &I::kernel_version, kOmit},
                      Field{"osImage", &I::os_image, kOmit},
                      Field{"operatingSystem", &I::operating_system, kOmit},
                      Field{"systemUUID", &I::system_uuid, kOmit},
                      Field{"machineID", &I::machine_id, kOmit},
                      Field{"bootID", &I::boot_id, kOmit},
                      Field{"hostname", &I::hostname, kOmit},
                      Field{"uptime", &I::uptime},
                      Field{"clusterUUID", &I::cluster_uuid, kOmit},
                      Field{"cliqueID", &I::clique_id, kOmit},
                      Field{"chassisSerial", &I::chassis_serial, kOmit},
                      Field{"cpuInfo", &I::cpu_info, kOmit},
                      Field{"memoryInfo", &I::memory_info, kOmit},
                      Field{"gpuInfo", &I::gpu_info, kOmit},
                      Field{"diskInfo", &I::disk_info, kOmit},
                      Field{"nicInfo", &I::nic_info, kOmit},
                      Field{"simulated", &I::simulated, kOmit}};
  }
};

}  // namespace gpud
