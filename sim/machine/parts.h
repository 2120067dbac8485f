// SPDX-License-Identifier: Apache-2.0
// The parts of a simulated machine. Each writes its files as they are at the moment of the
// readings; a file is there only if a source of gpud, or what comes next, can read it.
#pragma once

#include "machine/readings.h"
#include "machine/tree.h"

namespace gpud::sim_machine {

void AddIdentity(Readings& now, Tree& tree);   ///< who the machine is: /etc, DMI, boot id, driver
void AddCpu(Readings& now, Tree& tree);        ///< /proc/stat, load, frequencies, throttling
void AddMemory(Readings& now, Tree& tree);     ///< meminfo, vmstat, EDAC
void AddPressure(Readings& now, Tree& tree);   ///< /proc/pressure
void AddDisks(Readings& now, Tree& tree);      ///< diskstats, block devices, mounts, NFS
void AddNetwork(Readings& now, Tree& tree);    ///< interfaces, InfiniBand ports, TCP
void AddPci(Readings& now, Tree& tree);        ///< GPUs, adapters, switches, their root ports
void AddProcesses(Readings& now, Tree& tree);  ///< /proc/PID
void AddCgroups(Readings& now, Tree& tree);    ///< /sys/fs/cgroup

/// Folder of a device below its root port; `path`: the fact pci_path, "0000:18:01.0/0000:19:00.0".
std::string PciFolder(std::string_view path);
/// Where the control groups of a process are counted: "/system.slice/kubelet.service".
std::string CgroupPathOf(const scenario::Process& process);

}  // namespace gpud::sim_machine
