// SPDX-License-Identifier: Apache-2.0
#include "sources/sysfs/pci_acs.h"

#include <endian.h>
#include <fcntl.h>
#include <unistd.h>

#include "sources/sysfs/value_file.h"

namespace gpud::sysfs {
namespace {

constexpr std::string_view kFolder = "/sys/bus/pci/devices/";
constexpr std::uint64_t kBridge = 0x0604;

std::optional<std::uint32_t> ReadWord(int fd, std::uint32_t at) {
  std::uint32_t word = 0;
  if (::pread(fd, &word, sizeof word, static_cast<off_t>(at)) != sizeof word) return std::nullopt;
  return le32toh(word);
}

Result<AcsPorts> ReadAcs(const Root& root) {
  const auto addresses = root.List(kFolder);
  if (!addresses && addresses.error().code != ErrorCode::kNotFound) return Pass(addresses, "PCI");
  AcsPorts all;
  bool any = false, hidden = false;
  for (const std::string& address : addresses.value_or(std::vector<std::string>{})) {
    const std::string path = std::string(kFolder) + address;
    const auto device_class = ReadUnsigned(root, path + "/class");
    if (!device_class || *device_class >> 8 != kBridge) continue;
    any = true;
    const auto config = root.Open(path + "/config", O_RDONLY);
    if (!config) continue;
    constexpr std::uint32_t kBehindHeader = 0x40;  // what others than root get is the header alone
    if (!ReadWord(config->get(), kBehindHeader)) hidden = true;
    if (auto port = FindAcs([&](std::uint32_t at) { return ReadWord(config->get(), at); })) {
      port->address = address;
      all.ports.push_back(*std::move(port));
    }
  }
  if (!any) return Fail(ErrorCode::kUnsupported, "no PCI bridge");
  if (hidden && all.ports.empty()) {
    return Fail(ErrorCode::kPermission, "the PCI configuration space: only root may read it");
  }
  return all;
}

}  // namespace

constinit const SourceType kPciAcs{
    .name = "sysfs/pci-acs",
    .snapshot = &kSnapshot<AcsPorts>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadAcs(host.root)); },
};

}  // namespace gpud::sysfs
