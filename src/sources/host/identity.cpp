// SPDX-License-Identifier: Apache-2.0
#include "sources/host/identity.h"

#include "platform/text.h"
#include "sources/sysfs/value_file.h"

namespace gpud::host {
namespace {

using sysfs::ReadText;

/// The first of the files that has something in it, else the last one's error.
Result<std::string> ReadFirst(const Root& root, std::initializer_list<std::string_view> paths) {
  Result<std::string> text = Fail(ErrorCode::kNotFound, "no such file");
  for (const std::string_view path : paths) {
    text = ReadText(root, path);
    // The device tree ends its texts in a zero byte.
    if (text && !text->empty() && text->back() == '\0') text->pop_back();
    if (text && !text->empty()) return text;
    if (text) text = Fail(ErrorCode::kNotFound, std::string(path) + ": empty");
  }
  return text;
}

/// DMI texts of the makers of virtual machines, by the words of systemd-detect-virt(1).
std::string VirtualMachine(const Root& root, const Identity& identity) {
  struct Maker {
    std::string_view text, word;
  };
  constexpr Maker kMakers[] = {{"KVM", "kvm"},
                               {"QEMU", "kvm"},
                               {"OpenStack", "kvm"},
                               {"VMware", "vmware"},
                               {"innotek", "oracle"},
                               {"VirtualBox", "oracle"},
                               {"Xen", "xen"},
                               {"Amazon EC2", "amazon"},
                               {"Google Compute Engine", "google"},
                               {"Parallels", "parallels"},
                               {"Virtual Machine", "microsoft"},
                               {"Apple Virtualization", "apple"}};
  // The first processor's block is enough, and a whole /proc/cpuinfo costs an interrupt to each.
  const std::string cpu = sysfs::ReadHead(root, "/proc/cpuinfo", 4096).value_or(std::string());
  const bool hypervisor = cpu.find(" hypervisor") != std::string::npos;
  const std::string dmi = identity.manufacturer.value_or(std::string()) + "\n" +
                          identity.product.value_or(std::string());
  for (const Maker& maker : kMakers) {
    // Bare-metal machines of Amazon have its name too, but no hypervisor.
    if (dmi.find(maker.text) != std::string::npos && (hypervisor || cpu.empty())) {
      return std::string(maker.word);
    }
  }
  if (ReadText(root, "/sys/hypervisor/type").value_or(std::string()) == "xen") return "xen";
  return hypervisor ? "vm-other" : "none";
}

std::string Container(const Root& root) {
  auto kind = ReadText(root, "/run/systemd/container");
  if (kind && !kind->empty()) return *std::move(kind);
  if (root.Exists("/run/.containerenv")) return "podman";
  if (root.Exists("/.dockerenv")) return "docker";
  return "none";
}

}  // namespace

std::string_view Architecture() {
#if defined(__x86_64__)
  return "amd64";
#elif defined(__aarch64__)
  return "arm64";
#else
#error "name this architecture as Go does"
#endif
}

Result<Identity> ReadIdentity(const Root& root) {
  Identity identity;
  identity.kernel_release = ReadText(root, "/proc/sys/kernel/osrelease");
  if (!identity.kernel_release) return Pass(identity.kernel_release, "kernel release");
  identity.hostname = ReadFirst(root, {"/proc/sys/kernel/hostname", "/etc/hostname"});
  identity.boot_id = ReadText(root, "/proc/sys/kernel/random/boot_id");
  identity.machine_id = ReadFirst(root, {"/etc/machine-id", "/var/lib/dbus/machine-id"});
  identity.system_uuid =
      ReadFirst(root, {"/sys/class/dmi/id/product_uuid", "/proc/device-tree/system-id",
                       "/proc/device-tree/vm,uuid"});
  identity.manufacturer = ReadText(root, "/sys/class/dmi/id/sys_vendor");
  identity.product = ReadFirst(root, {"/sys/class/dmi/id/product_name", "/proc/device-tree/model"});
  identity.os = ReadOsRelease(root);
  identity.virtual_machine = VirtualMachine(root, identity);
  identity.container = Container(root);
  return identity;
}

constinit const SourceType kIdentity{
    .name = "host/identity",
    .snapshot = &kSnapshot<Identity>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadIdentity(host.root)); },
};

}  // namespace gpud::host
