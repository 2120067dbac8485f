// SPDX-License-Identifier: Apache-2.0
#include "sources/drm/card.h"

#include <algorithm>

#include "platform/text.h"
#include "sources/sysfs/value_file.h"

namespace gpud::drm {
namespace {

constexpr std::string_view kDrm = "/sys/class/drm/";
constexpr std::string_view kPci = "/sys/bus/pci/devices/";

/// "0000:03:00.0"; the domain has more digits behind some controllers.
bool IsPciAddress(std::string_view text) {
  const std::size_t n = text.size();
  return n >= 12 && text[n - 2] == '.' && text[n - 5] == ':' && text[n - 8] == ':' &&
         text.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
}

bool IsCard(std::string_view name) {
  return name.starts_with("card") && ParseNumber<unsigned>(name.substr(4)).has_value();
}

std::uint32_t Number(const Root& root, const std::string& path) {
  return static_cast<std::uint32_t>(sysfs::ReadUnsigned(root, path).value_or(0));
}

std::string DriverOf(const Root& root, const std::string& folder) {
  const std::string target = root.ReadLink(folder + "driver").value_or(std::string());
  return target.substr(target.rfind('/') + 1);
}

bool IsGpuClass(std::uint32_t device_class) {
  constexpr std::uint32_t kDisplay = 0x03, kProcessingAccelerator = 0x12;
  return device_class >> 16 == kDisplay || device_class >> 16 == kProcessingAccelerator;
}

std::vector<Card> DrivenCards(const Root& root, std::uint32_t vendor) {
  std::vector<Card> cards;
  for (const std::string& name : root.List(kDrm).value_or(std::vector<std::string>{})) {
    if (!IsCard(name)) continue;
    const std::string entry = std::string(kDrm) + name;
    Card card{.name = name,
              .on_path = PciAddressesIn(root.ReadLink(entry).value_or(std::string())),
              .folder = entry + "/device/"};
    if (card.on_path.empty() || Number(root, card.folder + "vendor") != vendor) continue;
    card.device_id = Number(root, card.folder + "device");
    card.driver = DriverOf(root, card.folder);
    const auto power = sysfs::ReadText(root, card.folder + "power/runtime_status");
    card.asleep = power && (*power == "suspended" || *power == "suspending");
    cards.push_back(std::move(card));
  }
  return cards;
}

}  // namespace

std::vector<std::string> PciAddressesIn(std::string_view path) {
  std::vector<std::string> addresses;
  for (const std::string_view part : Split(path, '/')) {
    if (IsPciAddress(part)) addresses.emplace_back(part);
  }
  return addresses;
}

bool IsForComputing(const Undriven& gpu) {
  constexpr std::uint32_t kVga = 0x0300;
  return gpu.device_class >> 8 != kVga && gpu.bus_id != kIntegratedIntel;
}

Result<Cards> ListCards(const Root& root, std::uint32_t vendor) {
  const auto addresses = root.List(kPci);
  if (!addresses && addresses.error().code != ErrorCode::kNotFound) return Pass(addresses, "PCI");
  Cards all{.cards = DrivenCards(root, vendor)};
  for (const std::string& address : addresses.value_or(std::vector<std::string>{})) {
    const std::string folder = std::string(kPci) + address + "/";
    Undriven gpu{.bus_id = address, .device_class = Number(root, folder + "class")};
    if (!IsGpuClass(gpu.device_class) || Number(root, folder + "vendor") != vendor) continue;
    const bool is_driven = std::any_of(all.cards.begin(), all.cards.end(),
                                       [&](const Card& card) { return card.bus_id() == address; });
    // A virtual function is a share of a GPU, for a virtual machine.
    if (is_driven || root.Exists(folder + "physfn")) continue;
    gpu.device_id = Number(root, folder + "device");
    gpu.driver = DriverOf(root, folder);
    all.undriven.push_back(std::move(gpu));
  }
  if (all.cards.empty() && all.undriven.empty()) {
    return Fail(
        ErrorCode::kUnsupported,
        std::string("no ") + (vendor == kAmdVendor ? "AMD" : "Intel") + " GPU on the PCI bus");
  }
  return all;
}

}  // namespace gpud::drm
