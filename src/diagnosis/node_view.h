// SPDX-License-Identifier: Apache-2.0
// NodeView: what rules may look at of one node: its facts, its processes, what its kernel log said
// and its signals. The daemon fills it from snapshots, a simulation from a scenario.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "diagnosis/event_log.h"
#include "diagnosis/store.h"

namespace gpud::diagnosis {

/// Numbers that are not known are absent (NaN).
struct GpuFacts {
  std::string model, pci, pci_path, uuid, serial;
  int numa = 0;
  double memory_mib = kAbsent, power_default = kAbsent, clock_max = kAbsent, app_clock = kAbsent,
         temp_slowdown = kAbsent, mem_temp_max = kAbsent;
  std::string ecc_mode, persistence, mig_mode, mig_pending;
  int mig_instances = 0;
  bool present = true;
};

struct NicFacts {
  std::string name, pci, pci_path;
  int numa = 0, rail = 0;
  bool present = true;
};

struct DiskFacts {
  std::string name;
  std::string kind;  ///< nvme, ssd, hdd
  bool present = true;
};

struct MountFacts {
  std::string path, type, disk, server, nic;

  bool IsRemote() const { return type.starts_with("nfs"); }
};

enum class Role : std::uint8_t { kOther, kTrainer, kLoader, kServer };

struct ProcessFacts {
  std::int64_t pid = 0, parent = 0;
  std::string name, user, cgroup, container, pod, pod_namespace, job, mount;
  Role role = Role::kOther;
  Seconds start = 0;
  std::optional<Seconds> ended;
  std::string exit;  ///< how it ended: normal, killed, oom; empty: not known
  std::vector<int> gpus;
  std::vector<int> gpu_places;  ///< of each of `gpus`: the row of gpu.proc.*; -1: none
  bool listens = false;

  bool IsAlive() const { return !ended && pid > 0; }
  bool Uses(int gpu) const;
};

struct NodeFacts {
  std::string name, job;
  std::vector<std::pair<std::string, std::string>> labels;  ///< rack, pdu, leaf
  std::vector<GpuFacts> gpus;
  std::vector<NicFacts> nics;
  std::vector<std::string> switches;  ///< PCI addresses
  std::vector<DiskFacts> disks;
  std::vector<MountFacts> mounts;
  std::vector<std::string> cgroups, services, fans, psus, dimms, jobs;
  /// What a link of a GPU leads to: "switch 2 port 30", "gpu 3".
  struct Peer {
    int gpu = 0, link = 0;
    std::string to;
  };
  std::vector<Peer> peers;
  std::string driver_kernel, driver_library;
  double cores = kAbsent, base_mhz = kAbsent, memory_mib = kAbsent;
  int numa_nodes = 1;
  Seconds uptime = 0;  ///< at the store's second 0

  int GpuAt(std::string_view pci) const;  ///< -1: none; "0000:9b:00" fits "0000:9b:00.0"
  int NicAt(std::string_view pci_or_name) const;
  int DiskAt(std::string_view named) const;  ///< also of a partition or controller
  int SwitchAt(std::string_view pci) const;
  int CgroupAt(std::string_view named) const;  ///< also by the last part of a path
};

struct NodeView {
  NodeView(NodeFacts node_facts, const Shape& shape, Seconds tick_s)
      : facts(std::move(node_facts)),
        processes(static_cast<std::size_t>(shape.processes)),
        store(shape, tick_s) {}

  Seconds now() const { return store.now(); }

  NodeFacts facts;
  /// By place; a place without a process has pid 0. Those that ended stay a while.
  std::vector<ProcessFacts> processes;
  EventLog events;
  SignalStore store;
  /// When a fact of the driver or a device changed last.
  Seconds facts_changed = -1e9;
};

}  // namespace gpud::diagnosis
