// SPDX-License-Identifier: Apache-2.0
#include "components/pci/inventory.h"

#include <algorithm>
#include <map>

#include "components/line.h"
#include "platform/text.h"

namespace gpud::pci {
namespace {

constexpr std::string_view kInventory = "pci_inventory", kMissing = "pci_device_missing";
constexpr const char* kList = "devices";
constexpr std::chrono::hours kRenew{7 * 24};  // half of what events are kept for

/// Addresses by kind of hardware ("nvme 144d:a80a").
using Hardware = std::map<std::string, std::vector<std::string>>;

Hardware HardwareOf(const sysfs::PcieDevices& devices) {
  Hardware hardware;
  for (const sysfs::PcieDevice& device : devices.devices) {
    if (device.kind == sysfs::PcieKind::kGpu) continue;  // gpu-inventory misses those
    hardware[std::string(Word(device.kind)) + " " + device.model].push_back(device.address);
  }
  return hardware;
}

/// One line for each kind: "nvme 144d:a80a 0000:19:00.0 0000:3b:00.0".
std::string TextOf(const Hardware& hardware) {
  std::string text;
  for (const auto& [kind, addresses] : hardware) {
    text += kind;
    for (const std::string& address : addresses) text += " " + address;
    text += "\n";
  }
  return text;
}

Hardware ParseHardware(std::string_view text) {
  Hardware hardware;
  for (std::string_view line; NextLine(text, line);) {
    const auto words = SplitBlanks(line);
    if (words.size() < 3) continue;
    auto& addresses = hardware[std::string(words[0]) + " " + std::string(words[1])];
    addresses.assign(words.begin() + 2, words.end());
  }
  return hardware;
}

const Event* Newest(const Inputs& in, std::string_view name) {
  for (const Event& event : in.OwnEvents()) {
    if (event.name == name) return &event;
  }
  return nullptr;
}

/// "1 nvme 144d:a80a (was at 0000:3b:00.0)" for each kind of which there are fewer.
std::string Lost(const Hardware& known, const Hardware& now) {
  std::string lost;
  for (const auto& [kind, addresses] : known) {
    const auto found = now.find(kind);
    const auto there = found == now.end() ? std::vector<std::string>{} : found->second;
    if (there.size() >= addresses.size()) continue;
    std::string places;
    for (const std::string& address : addresses) {
      if (std::find(there.begin(), there.end(), address) != there.end()) continue;
      places += (places.empty() ? "" : ", ") + address;
    }
    lost += (lost.empty() ? "" : "; ") + std::to_string(addresses.size() - there.size()) + " " +
            kind + (places.empty() ? "" : " (was at " + places + ")");
  }
  return lost;
}

bool HasNew(const Hardware& known, const Hardware& now) {
  return std::any_of(now.begin(), now.end(), [&](const auto& entry) {
    const auto found = known.find(entry.first);
    return found == known.end() || entry.second.size() > found->second.size();
  });
}

}  // namespace

void JudgeInventory(const Inputs& in, const sysfs::PcieDevices& devices, Report& report,
                    Findings& findings) {
  const Hardware now = HardwareOf(devices);
  const Event* inventory = Newest(in, kInventory);
  const Hardware known = inventory ? ParseHardware(FactOf(*inventory, kList)) : Hardware{};
  const std::string lost = Lost(known, now);
  if (!lost.empty()) {
    findings.Add(Health::kDegraded, "PCI devices are gone: " + lost,
                 RepairAction::kInspectHardware);
    const Event* told = Newest(in, kMissing);
    if (told && told->time >= inventory->time && FactOf(*told, kList) == lost) return;
    report.events.push_back({.time = in.Now(),
                             .name = std::string(kMissing),
                             .type = EventType::kCritical,
                             .message = "PCI devices are gone: " + lost,
                             .extra_info = {{kList, lost}}});
    return;
  }
  if (!inventory && now.empty()) return;
  if (inventory && !HasNew(known, now) && in.Now() - inventory->time < kRenew) return;
  report.events.push_back({.time = in.Now(),
                           .name = std::string(kInventory),
                           .type = EventType::kInfo,
                           .message = "adapters, switches and disks on the bus",
                           .extra_info = {{kList, TextOf(now)}}});
}

}  // namespace gpud::pci
