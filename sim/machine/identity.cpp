// SPDX-License-Identifier: Apache-2.0
#include "machine/parts.h"
#include "scenario/sha256.h"

namespace gpud::sim_machine {
namespace {

std::string UuidOf(const std::string& text) {
  std::string uuid = scenario::Hex(scenario::Sha256(text)).substr(0, 32);
  for (const std::size_t place : {8U, 13U, 18U, 23U}) uuid.insert(place, "-");
  return uuid;
}

std::int64_t CountHolders(Readings& now) {
  const auto& processes = now.node().processes();
  return std::count_if(processes.begin(), processes.end(), [&](const scenario::Process& process) {
    return process.AliveAt(now.t()) && !process.gpus.empty();
  });
}

void AddGpu(Readings& now, Tree& tree, const std::string& fact, int number) {
  tree.files[Join("/proc/driver/nvidia/gpus/", now.FactText(fact + "pci"), "/information")] =
      Line("Model: \t\t NVIDIA ", now.FactText(fact + "model")) +
      Line("GPU UUID: \t ", now.FactText(fact + "uuid")) +
      Line("Video BIOS: \t ", now.FactText(fact + "vbios", "96.00.00.00.01")) +
      Line("Bus Location: \t ", now.FactText(fact + "pci")) + Line("Device Minor: \t ", number);
}

void AddDriver(Readings& now, Tree& tree) {
  std::string modules;
  const auto add = [&](std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) modules += Line(name, " 16384 1 - Live 0x0");
  };
  if (now.node().profile().nics > 0) add({"mlx5_core", "mlx5_ib", "ib_core", "ib_uverbs"});
  if (now.node().profile().amd()) {
    add({"amdgpu"});
  } else {
    // The count says how many hold its devices.
    modules += Line("nvidia 16384 ", CountHolders(now), " - Live 0x0");
    add({"nvidia_uvm", "nvidia_modeset"});
    if (now.node().profile().nics > 0) {
      add({"nvidia_peermem"});
      tree.files["/sys/module/ib_core/holders/nvidia_peermem/"];
    }
    const std::string version = now.FactText("driver.kernel");
    tree.files["/proc/driver/nvidia/version"] =
        Line("NVRM version: NVIDIA UNIX x86_64 Kernel Module  ", version, "  (simulated)") +
        "GCC version:  gcc version 12.2.0\n";
    tree.files["/sys/module/nvidia/version"] = Line(version);
    for (const std::string_view library : {"libnvidia-ml.so.1", "libcuda.so.1"}) {
      tree.files[Join("/usr/lib/x86_64-linux-gnu/", library)] = "simulated\n";
    }
    for (int i = 0; i < now.node().profile().gpus; ++i) AddGpu(now, tree, Join("gpu.", i, "."), i);
  }
  tree.files["/proc/modules"] = std::move(modules);
}

}  // namespace

void AddIdentity(Readings& now, Tree& tree) {
  const std::string& name = now.node().name();
  const std::string machine = now.node().scenario().id + "|" + name;
  // Every start of a simulation is a boot: what the last one told is history.
  const std::string boot = UuidOf(machine + "|" + std::to_string(now.origin().start_unix));
  const std::pair<std::string_view, std::string> files[] = {
      {"/proc/sys/kernel/osrelease", "6.8.0-simulated"},
      {"/proc/sys/kernel/hostname", name},
      {"/proc/sys/kernel/random/boot_id", boot},
      {"/proc/sys/kernel/pid_max", "4194304"},
      {"/proc/sys/kernel/threads-max", "16000000"},
      {"/proc/sys/kernel/tainted", "4097"},  // a module that is proprietary and out of the tree
      {"/proc/sys/kernel/random/entropy_avail", "256"},
      {"/proc/sys/fs/file-nr", "4096\t0\t9223372036854775807"},
      {"/etc/hostname", name},
      {"/etc/machine-id", UuidOf(machine + "|machine")},
      {"/etc/os-release", "ID=simulated\nPRETTY_NAME=\"machine simulated by gpud\""},
      {"/sys/class/dmi/id/sys_vendor", "gpud"},
      {"/sys/class/dmi/id/product_name", "simulated " + now.node().spec().profile_name},
      {"/sys/class/dmi/id/product_uuid", UuidOf(machine + "|product")}};
  for (const auto& [path, text] : files) tree.files[std::string(path)] = Line(text);
  AddDriver(now, tree);
}

}  // namespace gpud::sim_machine
