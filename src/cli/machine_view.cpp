// SPDX-License-Identifier: Apache-2.0
#include "cli/machine_view.h"

#include "cli/table.h"
#include "platform/list_text.h"
#include "platform/text.h"

namespace gpud::cli {
namespace {

/// A row, unless there is nothing to say.
void AddKnown(Table& table, const std::string& name, const std::string& value) {
  if (!value.empty()) table.Add({name, value});
}

std::string Bytes(std::int64_t bytes) {
  return bytes < 0 ? std::string() : BytesText(static_cast<std::uint64_t>(bytes));
}

Table MachineTable(const MachineInfo& machine) {
  Table table;
  AddKnown(table, "GPUd Version", machine.gpud_version);
  AddKnown(table, "Hostname", machine.hostname);
  AddKnown(table, "Container Runtime Version", machine.container_runtime_version);
  AddKnown(table, "OS Image", machine.os_image);
  AddKnown(table, "Kernel Version", machine.kernel_version);
  if (const auto& cpu = machine.cpu_info) {
    AddKnown(table, "CPU Type", cpu->type);
    AddKnown(table, "CPU Manufacturer", cpu->manufacturer);
    AddKnown(table, "CPU Architecture", cpu->architecture);
    AddKnown(table, "CPU Logical Cores", std::to_string(cpu->logical_cores));
  }
  if (machine.memory_info) {
    AddKnown(table, "Memory Total", BytesText(machine.memory_info->total_bytes));
  }
  AddKnown(table, "CUDA Version", machine.cuda_version);
  AddKnown(table, "GPU Driver Version", machine.gpu_driver_version);
  if (const auto& gpu = machine.gpu_info) {
    AddKnown(table, "GPU Product", gpu->product);
    AddKnown(table, "GPU Manufacturer", gpu->manufacturer);
    AddKnown(table, "GPU Architecture", gpu->architecture);
    AddKnown(table, "GPU Memory", gpu->memory);
  }
  AddKnown(table, "GPU Fabric Cluster UUID", machine.cluster_uuid);
  if (!machine.cluster_uuid.empty()) {
    AddKnown(table, "GPU Fabric Clique ID", std::to_string(machine.clique_id));
  }
  AddKnown(table, "Chassis Serial", machine.chassis_serial);
  if (machine.nic_info) {
    int number = 0;
    for (const NicAddress& nic : machine.nic_info->private_ip_interfaces) {
      table.Add({"Private IP Interface " + std::to_string(++number),
                 nic.interface + " (" + nic.mac + ", " + nic.ip + ")"});
    }
  }
  if (machine.disk_info) {
    AddKnown(table, "Container Root Disk", machine.disk_info->container_root_disk);
  }
  return table;
}

}  // namespace

std::string MachineText(const MachineInfo& machine, const Terminal& terminal) {
  std::string out = MachineTable(machine).Text(terminal);
  if (machine.disk_info && !machine.disk_info->block_devices.empty()) {
    Table disks({"NAME", "TYPE", "FSTYPE", "USED", "SIZE", "MOUNT POINT", "PARENTS", "CHILDREN"});
    for (const BlockDevice& disk : machine.disk_info->block_devices) {
      disks.Add({disk.name, disk.type, disk.fs_type, Bytes(disk.used), Bytes(disk.size),
                 disk.mount_point, ListText(disk.parents), ListText(disk.children)});
    }
    out += '\n' + disks.Text(terminal);
  }
  if (machine.gpu_info && !machine.gpu_info->gpus.empty()) {
    Table gpus({"GPU UUID", "GPU BUS ID", "SN", "MINOR ID", "BOARD ID", ""});
    for (const GpuInstance& gpu : machine.gpu_info->gpus) {
      gpus.Add({gpu.uuid,
                gpu.bus_id,
                gpu.serial,
                gpu.minor_id,
                std::to_string(gpu.board_id),
                {gpu.problem, Colour::kRed}});
    }
    out += '\n' + gpus.Text(terminal);
  }
  return out;
}

std::string ProviderText(const ProviderInfo& provider, const Terminal& terminal) {
  Table table;
  table.Add({"Provider", provider.provider});
  AddKnown(table, "Public IP", provider.public_ip);
  AddKnown(table, "Private IP", provider.private_ip);
  AddKnown(table, "Region", provider.region);
  AddKnown(table, "VM Environment", provider.vm_environment);
  AddKnown(table, "Instance ID", provider.instance_id);
  return table.Text(terminal);
}

}  // namespace gpud::cli
