// SPDX-License-Identifier: Apache-2.0
// NVIDIA's GPUs as they are and are set up: identity, limits, modes, partitions, repair state. What
// changes rarely; see activity.h for what changes all the time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sources/nvml/session.h"
#include "sources/source.h"

namespace gpud::nvml {

/// Rows of memory that are replaced by spares. nvmlDeviceGetRemappedRows,
/// nvmlDeviceGetRowRemapperHistogram.
struct RemappedRows {
  std::uint32_t correctable = 0;    ///< remapped for correctable errors
  std::uint32_t uncorrectable = 0;  ///< remapped for uncorrectable ones
  bool pending = false;             ///< a remap waits for the next reset
  bool failed = false;              ///< a remap has failed at some time; stays set
  /// Banks by what is left of their spare rows.
  std::optional<std::uint32_t> banks_max, banks_high, banks_partial, banks_low, banks_none;

  static constexpr auto Fields() {
    using R = RemappedRows;
    return std::tuple{Field{"correctable", &R::correctable},
                      Field{"uncorrectable", &R::uncorrectable},
                      Field{"pending", &R::pending},
                      Field{"failed", &R::failed},
                      Field{"banks_max", &R::banks_max},
                      Field{"banks_high", &R::banks_high},
                      Field{"banks_partial", &R::banks_partial},
                      Field{"banks_low", &R::banks_low},
                      Field{"banks_none", &R::banks_none}};
  }
};

/// Pages taken out of use, on boards older than row remapping. nvmlDeviceGetRetiredPages_v2.
struct RetiredPages {
  std::uint32_t single_bit = 0, double_bit = 0;
  bool pending = false;

  static constexpr auto Fields() {
    using R = RetiredPages;
    return std::tuple{Field{"single_bit", &R::single_bit}, Field{"double_bit", &R::double_bit},
                      Field{"pending", &R::pending}};
  }
};

/// How a GPU stands in the NVLink fabric. nvmlDeviceGetGpuFabricInfoV, or its first version.
struct Fabric {
  std::uint32_t state = 0;   ///< nvmlGpuFabricState_t: 0 not supported .. 3 completed
  std::uint32_t status = 0;  ///< nvmlReturn_t of the probe, when completed
  std::string cluster_uuid;  ///< dashed hex; empty when all zero
  std::uint32_t clique_id = 0;
  std::optional<std::uint32_t> health_mask;     ///< NVML_GPU_FABRIC_HEALTH_MASK_*; version 2 on
  std::optional<std::uint32_t> health_summary;  ///< NVML_GPU_FABRIC_HEALTH_SUMMARY_*; version 3 on

  static constexpr auto Fields() {
    using F = Fabric;
    return std::tuple{Field{"state", &F::state},
                      Field{"status", &F::status},
                      Field{"cluster_uuid", &F::cluster_uuid},
                      Field{"clique_id", &F::clique_id},
                      Field{"health_mask", &F::health_mask},
                      Field{"health_summary", &F::health_summary}};
  }
};

/// A partition of a GPU in MIG mode. nvmlDeviceGetMigDeviceHandleByIndex and what it leads to.
struct MigInstance {
  std::string uuid;  ///< "MIG-..."
  std::uint32_t gpu_instance = 0, compute_instance = 0;
  std::string profile;  ///< "1g.10gb"
  std::uint32_t multiprocessors = 0;
  std::uint64_t memory_total_bytes = 0;
  Result<std::uint64_t> memory_used_bytes = kNotRead;

  static constexpr auto Fields() {
    using M = MigInstance;
    return std::tuple{Field{"uuid", &M::uuid},
                      Field{"gpu_instance", &M::gpu_instance},
                      Field{"compute_instance", &M::compute_instance},
                      Field{"profile", &M::profile},
                      Field{"multiprocessors", &M::multiprocessors},
                      Field{"memory_total_bytes", &M::memory_total_bytes},
                      Field{"memory_used_bytes", &M::memory_used_bytes}};
  }
};

/// One GPU. Every reading has its own error: kUnsupported when the board or the driver does not
/// know it.
struct Device {
  std::uint32_t index = 0;  ///< NVML's order, by PCI address
  std::string uuid;         ///< "GPU-..."; empty when the GPU did not even tell that
  std::string bus_id;       ///< as in sysfs: "0000:19:00.0"
  /// Whether it answers at all: the error is lost, requires reset, or that of its handle.
  Result<bool> answers = kNotRead;

  Result<std::string> name = kNotRead;  ///< "NVIDIA H100 80GB HBM3"
  Result<std::string> serial = kNotRead;
  Result<std::string> brand = kNotRead;               ///< "Tesla", "GeForce RTX"
  Result<std::string> architecture = kNotRead;        ///< "hopper"
  Result<std::string> compute_capability = kNotRead;  ///< "9.0"
  Result<std::string> part_number = kNotRead;
  Result<std::string> vbios_version = kNotRead;
  Result<std::string> inforom_version = kNotRead;
  Result<std::string> gsp_version = kNotRead;  ///< firmware of the GPU's system processor
  Result<bool> gsp_enabled = kNotRead;
  Result<std::uint32_t> minor_number = kNotRead;  ///< /dev/nvidiaN
  Result<std::uint32_t> board_id = kNotRead;
  Result<std::uint32_t> module_id = kNotRead;
  Result<std::string> chassis_serial = kNotRead;  ///< nvmlDeviceGetPlatformInfo
  Result<std::int32_t> numa_node = kNotRead;      ///< of the slot, from sysfs; kUnsupported for -1

  Result<std::uint64_t> memory_total_bytes = kNotRead;
  Result<std::uint32_t> sm_clock_max_mhz = kNotRead, memory_clock_max_mhz = kNotRead;
  Result<std::uint32_t> application_sm_clock_mhz = kNotRead;
  Result<std::uint32_t> power_limit_default_mw = kNotRead;
  Result<std::uint32_t> power_limit_min_mw = kNotRead, power_limit_max_mw = kNotRead;
  Result<std::int32_t> shutdown_celsius = kNotRead, slowdown_celsius = kNotRead;
  Result<std::int32_t> memory_max_celsius = kNotRead, gpu_max_celsius = kNotRead;
  /// The link's limits: of the device alone, and of device and slot together.
  Result<std::uint32_t> pcie_gen_device_max = kNotRead;
  Result<std::uint32_t> pcie_gen_max = kNotRead, pcie_width_max = kNotRead;

  Result<bool> persistence = kNotRead;
  Result<bool> ecc = kNotRead, ecc_pending = kNotRead;  ///< now; after the next reset
  Result<bool> ecc_default = kNotRead;
  Result<bool> mig = kNotRead, mig_pending = kNotRead;
  Result<std::uint32_t> mig_instances_max = kNotRead;
  Result<std::vector<MigInstance>> mig_instances = kNotRead;  ///< kUnsupported: no MIG, or off
  Result<std::string> compute_mode = kNotRead;                ///< "default", "exclusive_process"
  Result<bool> display_active = kNotRead;
  Result<RemappedRows> remapped_rows = kNotRead;
  Result<RetiredPages> retired_pages = kNotRead;
  Result<Fabric> fabric = kNotRead;
  /// nvmlDeviceGetGpuRecoveryAction: 0 none, 1 reset, 2 reboot, 3 drain P2P, 4 drain and reset.
  Result<std::uint32_t> recovery_action = kNotRead;
  /// GPUs that are reached through NVLink, by nvmlDeviceGetP2PStatus: bus id -> "OK", "CNS", ...
  /// Asked when the lane starts and when a link's state has changed.
  Result<std::map<std::string, std::string>> nvlink_peers = kNotRead;

  static constexpr auto Fields() {
    using D = Device;
    return std::tuple{Field{"index", &D::index},
                      Field{"uuid", &D::uuid},
                      Field{"bus_id", &D::bus_id},
                      Field{"answers", &D::answers},
                      Field{"name", &D::name},
                      Field{"serial", &D::serial},
                      Field{"brand", &D::brand},
                      Field{"architecture", &D::architecture},
                      Field{"compute_capability", &D::compute_capability},
                      Field{"part_number", &D::part_number},
                      Field{"vbios_version", &D::vbios_version},
                      Field{"inforom_version", &D::inforom_version},
                      Field{"gsp_version", &D::gsp_version},
                      Field{"gsp_enabled", &D::gsp_enabled},
                      Field{"minor_number", &D::minor_number},
                      Field{"board_id", &D::board_id},
                      Field{"module_id", &D::module_id},
                      Field{"chassis_serial", &D::chassis_serial},
                      Field{"numa_node", &D::numa_node},
                      Field{"memory_total_bytes", &D::memory_total_bytes},
                      Field{"sm_clock_max_mhz", &D::sm_clock_max_mhz},
                      Field{"memory_clock_max_mhz", &D::memory_clock_max_mhz},
                      Field{"application_sm_clock_mhz", &D::application_sm_clock_mhz},
                      Field{"power_limit_default_mw", &D::power_limit_default_mw},
                      Field{"power_limit_min_mw", &D::power_limit_min_mw},
                      Field{"power_limit_max_mw", &D::power_limit_max_mw},
                      Field{"shutdown_celsius", &D::shutdown_celsius},
                      Field{"slowdown_celsius", &D::slowdown_celsius},
                      Field{"memory_max_celsius", &D::memory_max_celsius},
                      Field{"gpu_max_celsius", &D::gpu_max_celsius},
                      Field{"pcie_gen_device_max", &D::pcie_gen_device_max},
                      Field{"pcie_gen_max", &D::pcie_gen_max},
                      Field{"pcie_width_max", &D::pcie_width_max},
                      Field{"persistence", &D::persistence},
                      Field{"ecc", &D::ecc},
                      Field{"ecc_pending", &D::ecc_pending},
                      Field{"ecc_default", &D::ecc_default},
                      Field{"mig", &D::mig},
                      Field{"mig_pending", &D::mig_pending},
                      Field{"mig_instances_max", &D::mig_instances_max},
                      Field{"mig_instances", &D::mig_instances},
                      Field{"compute_mode", &D::compute_mode},
                      Field{"display_active", &D::display_active},
                      Field{"remapped_rows", &D::remapped_rows},
                      Field{"retired_pages", &D::retired_pages},
                      Field{"fabric", &D::fabric},
                      Field{"recovery_action", &D::recovery_action},
                      Field{"nvlink_peers", &D::nvlink_peers}};
  }
};

struct Devices {
  Session session;
  /// By index. A GPU that was there when the driver was opened stays in the list when it is lost.
  std::vector<Device> devices;
  Result<bool> confidential_compute = kNotRead;  ///< nvmlSystemGetConfComputeState

  static constexpr auto Fields() {
    using D = Devices;
    return std::tuple{Field{"session", &D::session}, Field{"devices", &D::devices},
                      Field{"confidential_compute", &D::confidential_compute}};
  }
};

/// Error in place of the snapshot: kUnsupported, no library or no driver loaded (not a GPU
/// machine); kVersionMismatch in Error::sys, the library and the kernel's module differ;
/// kPermission; else nvmlInit's error.
extern const SourceType kDevices;

}  // namespace gpud::nvml
