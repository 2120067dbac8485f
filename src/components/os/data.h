// SPDX-License-Identifier: Apache-2.0
// The JSON of the os component's extra_info "data"; member names are the original's.
#pragma once

#include <string>
#include <vector>

#include "components/os/blocked.h"
#include "components/os/kernel_facts.h"

namespace gpud::os {

struct Virtualization {
  std::string type, vm, container;
  bool is_kvm = false;
  static constexpr auto Fields() {
    using V = Virtualization;
    return std::tuple{Field{"type", &V::type}, Field{"vm", &V::vm},
                      Field{"container", &V::container}, Field{"is_kvm", &V::is_kvm}};
  }
};
struct MachineMetadata {
  std::string boot_id, dmidecode_uuid, os_machine_id;
  static constexpr auto Fields() {
    using M = MachineMetadata;
    return std::tuple{Field{"boot_id", &M::boot_id}, Field{"dmidecode_uuid", &M::dmidecode_uuid},
                      Field{"os_machine_id", &M::os_machine_id}};
  }
};
struct HostId {
  std::string id;
  static constexpr auto Fields() { return std::tuple{Field{"id", &HostId::id}}; }
};
struct Kernel {
  std::string arch, version;
  static constexpr auto Fields() {
    return std::tuple{Field{"arch", &Kernel::arch}, Field{"version", &Kernel::version}};
  }
};
struct Platform {
  std::string name, family, version;
  static constexpr auto Fields() {
    using P = Platform;
    return std::tuple{Field{"name", &P::name}, Field{"family", &P::family},
                      Field{"version", &P::version}};
  }
};
struct Uptimes {
  std::int64_t seconds = 0, boot_time_unix_seconds = 0;
  static constexpr auto Fields() {
    return std::tuple{Field{"seconds", &Uptimes::seconds},
                      Field{"boot_time_unix_seconds", &Uptimes::boot_time_unix_seconds}};
  }
};
struct BlockedProcesses {
  std::uint64_t current_count = 0, persistent_count = 0;
  std::vector<StuckProcess> persistent;
  static constexpr auto Fields() {
    using B = BlockedProcesses;
    return std::tuple{Field{"current_count", &B::current_count},
                      Field{"persistent_count", &B::persistent_count},
                      Field{"persistent", &B::persistent}};
  }
};
struct FileDescriptors {
  std::uint64_t allocated_file_handles = 0, running_pids = 0, usage = 0, limit = 0;
  std::string allocated_file_handles_percent, used_percent;
  std::uint64_t threshold_running_pids = 0;
  std::string threshold_running_pids_percent;
  std::uint64_t threshold_allocated_file_handles = 0;
  std::string threshold_allocated_file_handles_percent;
  bool file_handles_supported = false, fd_limit_supported = false;
  static constexpr auto Fields() {
    using F = FileDescriptors;
    return std::tuple{
        Field{"allocated_file_handles", &F::allocated_file_handles},
        Field{"running_pids", &F::running_pids},
        Field{"usage", &F::usage},
        Field{"limit", &F::limit},
        Field{"allocated_file_handles_percent", &F::allocated_file_handles_percent},
        Field{"used_percent", &F::used_percent},
        Field{"threshold_running_pids", &F::threshold_running_pids},
        Field{"threshold_running_pids_percent", &F::threshold_running_pids_percent},
        Field{"threshold_allocated_file_handles", &F::threshold_allocated_file_handles},
        Field{"threshold_allocated_file_handles_percent",
              &F::threshold_allocated_file_handles_percent},
        Field{"file_handles_supported", &F::file_handles_supported},
        Field{"fd_limit_supported", &F::fd_limit_supported}};
  }
};
struct Data {
  Virtualization virtualization_environment;
  std::string system_manufacturer;
  MachineMetadata machine_metadata;
  HostId host;
  Kernel kernel;
  Platform platform;
  Uptimes uptimes;
  std::uint64_t zombie_processes = 0;
  BlockedProcesses blocked_processes;
  FileDescriptors file_descriptors;
  KernelData kernel_state;
  std::string reboot_cause;  ///< of the last one, where it is known
  std::string pstore;        ///< why records of earlier boots could not be read
  static constexpr auto Fields() {
    using D = Data;
    return std::tuple{Field{"virtualization_environment", &D::virtualization_environment},
                      Field{"system_manufacturer", &D::system_manufacturer, When::kNonEmpty},
                      Field{"machine_metadata", &D::machine_metadata},
                      Field{"host", &D::host},
                      Field{"kernel", &D::kernel},
                      Field{"platform", &D::platform},
                      Field{"uptimes", &D::uptimes},
                      Field{"zombie_processes", &D::zombie_processes},
                      Field{"blocked_processes", &D::blocked_processes},
                      Field{"file_descriptors", &D::file_descriptors},
                      Field{"kernel_state", &D::kernel_state},
                      Field{"reboot_cause", &D::reboot_cause, When::kNonEmpty},
                      Field{"pstore", &D::pstore, When::kNonEmpty}};
  }
};

}  // namespace gpud::os
