// SPDX-License-Identifier: Apache-2.0
#include "sources/sysfs/pci_express.h"

#include "platform/text.h"
#include "sources/sysfs/value_file.h"

namespace gpud::sysfs {
namespace {

constexpr std::string_view kFolder = "/sys/bus/pci/devices/";
constexpr std::uint64_t kNvidia = 0x10de;

std::optional<PcieKind> KindOf(std::uint64_t device_class, std::uint64_t vendor) {
  const std::uint64_t base = device_class >> 16, sub = device_class >> 8;
  if (sub == 0x0302 || sub == 0x1200) return PcieKind::kGpu;
  // Other makers' display controllers are the BMC's or a virtual machine's.
  if (base == 0x03 && (vendor == kNvidia || vendor == 0x1002 || vendor == 0x8086)) {
    return PcieKind::kGpu;
  }
  if (sub == 0x0680 && vendor == kNvidia) return PcieKind::kSwitch;
  if (base == 0x02) return PcieKind::kNetwork;
  if (sub == 0x0108) return PcieKind::kNvme;
  return std::nullopt;
}

Result<PcieLink> ReadLink(const Root& root, const std::string& device, std::string_view which) {
  const auto file = [&](const char* what) {
    return device + "/" + std::string(which) + "_link_" + what;
  };
  const auto speed = ReadText(root, file("speed")).and_then(ParseLinkSpeed);
  if (!speed) return Pass(speed, file("speed"));
  const auto width = ReadUnsigned(root, file("width"));
  if (!width) return Pass(width, "link");
  constexpr std::uint64_t kWidest = 32;  // 0 and 255 stand for "not known"
  if (*width == 0 || *width > kWidest) {
    return Fail(ErrorCode::kUnsupported, file("width") + ": not known");
  }
  return PcieLink{*speed, static_cast<std::uint32_t>(*width)};
}

Result<AerCounts> ReadErrors(const Root& root, const std::string& device) {
  const auto read = [&](const char* severity) {
    return root.Read(device + "/aer_dev_" + severity).and_then(ParseAerTotal);
  };
  const auto correctable = read("correctable"), nonfatal = read("nonfatal"), fatal = read("fatal");
  for (const auto* count : {&correctable, &nonfatal, &fatal}) {
    if (!*count) return Pass(*count, "errors");
  }
  return AerCounts{*correctable, *nonfatal, *fatal};
}

/// The bridge above, by the device's place in the tree of folders:
/// "../../../devices/pci0000:16/0000:16:01.0/0000:17:00.0".
std::string PortOf(const Root& root, const std::string& device) {
  const auto link = root.ReadLink(device);
  if (!link) return {};
  const auto parts = Split(*link, '/');
  if (parts.size() < 2) return {};
  const std::string_view above = parts[parts.size() - 2];
  return above.starts_with("pci") ? std::string() : std::string(above);
}

PcieDevice ReadDevice(const Root& root, const std::string& address, PcieKind kind,
                      std::uint64_t vendor) {
  const std::string path = std::string(kFolder) + address;
  char model[16];
  std::snprintf(model, sizeof model, "%04llx:%04llx", static_cast<unsigned long long>(vendor),
                static_cast<unsigned long long>(ReadUnsigned(root, path + "/device").value_or(0)));
  PcieDevice device{.address = address,
                    .kind = kind,
                    .model = model,
                    .link = ReadLink(root, path, "current"),
                    .best = ReadLink(root, path, "max").value_or(PcieLink{}),
                    .port = PortOf(root, path),
                    .errors = ReadErrors(root, path)};
  if (device.port.empty()) return device;
  const std::string port = std::string(kFolder) + device.port;
  if (const auto slot = ReadLink(root, port, "max")) device.slot = *slot;
  device.port_errors = ReadErrors(root, port);
  return device;
}

Result<PcieDevices> ReadDevices(const Root& root) {
  const auto addresses = root.List(kFolder);
  if (!addresses && addresses.error().code != ErrorCode::kNotFound) return Pass(addresses, "PCI");
  PcieDevices all;
  for (const std::string& address : addresses.value_or(std::vector<std::string>{})) {
    const std::string path = std::string(kFolder) + address;
    const auto vendor = ReadUnsigned(root, path + "/vendor");
    const auto device_class = ReadUnsigned(root, path + "/class");
    if (!vendor || !device_class) continue;  // unplugged while we looked
    const auto kind = KindOf(*device_class, *vendor);
    if (!kind || root.Exists(path + "/physfn")) continue;
    all.devices.push_back(ReadDevice(root, address, *kind, *vendor));
  }
  if (all.devices.empty()) {
    return Fail(ErrorCode::kUnsupported,
                std::string(kFolder) + ": no GPU, network adapter or NVMe disk");
  }
  return all;
}

}  // namespace

Result<double> ParseLinkSpeed(std::string_view text) {
  text = Trim(text);
  if (text.starts_with("Unknown")) return Fail(ErrorCode::kUnsupported, "not known");
  const auto words = SplitBlanks(text);
  const auto speed =
      words.size() >= 2 && words[1] == "GT/s" ? ParseNumber<double>(words[0]) : std::nullopt;
  if (!speed) return Fail(ErrorCode::kParse, "\"" + std::string(text) + "\" is no speed");
  return *speed;
}

Result<std::uint64_t> ParseAerTotal(std::string_view text) {
  for (std::string_view line; NextLine(text, line);) {
    const auto words = SplitBlanks(line);
    if (words.size() != 2 || !words[0].starts_with("TOTAL_ERR_")) continue;
    if (const auto count = ParseNumber<std::uint64_t>(words[1])) return *count;
  }
  return Fail(ErrorCode::kParse, "no total of the errors");
}

constinit const SourceType kPciExpress{
    .name = "sysfs/pci-express",
    .snapshot = &kSnapshot<PcieDevices>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadDevices(host.root)); },
};

}  // namespace gpud::sysfs
