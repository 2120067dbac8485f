// SPDX-License-Identifier: Apache-2.0
#include "nvml/xid_log.h"

#include <array>
#include <cstdio>

#include "platform/text.h"

namespace gpud::sim_nvml {
namespace {

std::string Formatted(const char* format, const PciAddress& address) {
  std::array<char, 40> text{};
  // NOLINTNEXTLINE: the formats are the three below
  std::snprintf(text.data(), text.size(), format, address.domain, address.bus, address.device);
  return text.data();
}

}  // namespace

std::string PciAddress::short_address() const { return Formatted("%04x:%02x:%02x", *this); }
std::string PciAddress::legacy_bus_id() const { return Formatted("%04X:%02X:%02X.0", *this); }
std::string PciAddress::bus_id() const { return Formatted("%08X:%02X:%02X.0", *this); }

std::optional<PciAddress> ParsePciAddress(std::string_view text) {
  const auto parts = Split(text, ':');
  if (parts.size() != 3) return std::nullopt;
  const auto domain = ParseNumber<unsigned>(parts[0], 16);
  const auto bus = ParseNumber<unsigned>(parts[1], 16);
  const auto device = ParseNumber<unsigned>(parts[2].substr(0, parts[2].find('.')), 16);
  if (!domain || !bus || !device) return std::nullopt;
  return PciAddress{.domain = *domain, .bus = *bus, .device = *device};
}

PciAddress PciOf(const Gpu& gpu) {
  return ParsePciAddress(gpu.FactText("pci")).value_or(PciAddress{});
}

std::optional<XidLine> ParseXidLine(std::string_view text) {
  constexpr std::string_view kStart = "NVRM: Xid (PCI:";
  constexpr std::string_view kAction = "GPU recovery action changed from ";
  const std::size_t at = text.find(kStart);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(at + kStart.size());
  const std::size_t end = rest.find("): ");
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view number = rest.substr(end + 3, rest.find(',', end) - end - 3);
  const auto xid = ParseNumber<unsigned>(number);
  if (!xid) return std::nullopt;
  XidLine line{.address = std::string(rest.substr(0, end)), .xid = *xid};
  // "... changed from 0x0 (None) to 0x4 (Drain and Reset)"
  const std::size_t action = rest.find(kAction);
  const std::size_t to = action == std::string_view::npos ? action : rest.find(" to 0x", action);
  if (to != std::string_view::npos) {
    const std::string_view value = rest.substr(to + 6, rest.find(' ', to + 6) - to - 6);
    line.recovery_action = ParseNumber<unsigned>(value, 16);
  }
  return line;
}

}  // namespace gpud::sim_nvml
