// SPDX-License-Identifier: Apache-2.0
#include "sources/host/machine_info.h"

#include "platform/text.h"
#include "sources/host/identity.h"
#include "sources/host/machine_disks.h"
#include "sources/host/private_addresses.h"
#include "sources/procfs/meminfo.h"
#include "sources/procfs/stat.h"

namespace gpud::host {

Result<CpuInfo> ParseCpuinfo(std::string_view text) {
  CpuInfo cpu;
  std::string implementer, part;  // what arm64 tells instead
  for (std::string_view line; NextLine(text, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view name = Trim(line.substr(0, colon));
    const std::string value = ValidUtf8(Trim(line.substr(colon + 1)));
    if (name == "processor") ++cpu.logical_cores;
    if (name == "model name" && cpu.type.empty()) cpu.type = value;
    if (name == "vendor_id" && cpu.manufacturer.empty()) cpu.manufacturer = value;
    if (name == "CPU implementer") implementer = value;
    if (name == "CPU part") part = value;
  }
  if (cpu.logical_cores == 0) return Fail(ErrorCode::kParse, "/proc/cpuinfo: no processor");
  if (cpu.manufacturer.empty()) {
    const std::pair<std::string_view, std::string_view> makers[] = {
        {"0x41", "ARM"}, {"0x4e", "NVIDIA"}, {"0xc0", "Ampere"}, {"0x61", "Apple"}};
    cpu.manufacturer = implementer;
    for (const auto& [code, maker] : makers) {
      if (implementer == code) cpu.manufacturer = maker;
    }
  }
  if (cpu.type.empty() && !part.empty()) cpu.type = "part " + part;
  return cpu;
}

Result<MachineInfo> ReadMachineInfo(const Host& host) {
  auto identity = ReadIdentity(host.root);
  if (!identity) return tl::unexpected<Error>(std::move(identity).error());
  const auto text = [](const Result<std::string>& value) { return value.value_or(std::string()); };
  MachineInfo info;
  info.gpud_version = GPUD_VERSION;
  info.kernel_version = text(identity->kernel_release);
  if (identity->os) info.os_image = identity->os->pretty_name;
  info.operating_system = "linux";
  info.system_uuid = text(identity->system_uuid ? identity->system_uuid : identity->machine_id);
  info.machine_id = text(identity->machine_id);
  info.boot_id = text(identity->boot_id);
  info.hostname = text(identity->hostname);
  if (const auto stat = host.root.Read("/proc/stat", 4 << 20).and_then(procfs::ParseStat)) {
    info.uptime = WallTime(std::chrono::seconds(stat->boot_time_seconds));
  }
  if (auto cpu = host.root.Read("/proc/cpuinfo", 16 << 20).and_then(ParseCpuinfo)) {
    cpu->architecture = Architecture();
    info.cpu_info = *std::move(cpu);
  }
  if (const auto memory = host.root.Read("/proc/meminfo").and_then(procfs::ParseMeminfo)) {
    info.memory_info = MemoryInfo{memory->total_bytes};
  }
  info.gpu_info.emplace();  // always there, empty without a GPU
  info.disk_info = ReadDisks(host.root);
  info.nic_info = NicInfo{ReadPrivateAddresses(host.root)};
  return info;
}

}  // namespace gpud::host
