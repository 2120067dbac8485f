// SPDX-License-Identifier: Apache-2.0
#include "machine/parts.h"
#include "scenario/node.h"

namespace gpud::sim_machine {
namespace {

constexpr std::string_view kDevices = "/sys/bus/pci/devices/";
constexpr std::string_view kDrivers = "/sys/bus/pci/drivers/";

/// Source: the PCI ID Repository, https://pci-ids.ucw.cz.
struct Identity {
  std::string_view model, vendor, device, device_class, driver;
};
constexpr Identity kGpus[] = {
    {"A100", "0x10de", "0x20b2", "0x030200", "nvidia"},
    {"H100", "0x10de", "0x2330", "0x030200", "nvidia"},
    {"H100 PCIe", "0x10de", "0x2331", "0x030200", "nvidia"},
    {"H200", "0x10de", "0x2335", "0x030200", "nvidia"},
    {"B200", "0x10de", "0x2901", "0x030200", "nvidia"},
    {"GB200", "0x10de", "0x2941", "0x030200", "nvidia"},
    {"L40S", "0x10de", "0x26b9", "0x030200", "nvidia"},
    {"A10", "0x10de", "0x2236", "0x030200", "nvidia"},
    {"T4", "0x10de", "0x1eb8", "0x030200", "nvidia"},
    {"RTX 4090", "0x10de", "0x2684", "0x030000", "nvidia"},
    {"MI300X", "0x1002", "0x74a1", "0x120000", "amdgpu"},
};
constexpr Identity kAdapter{"", "0x15b3", "0x1021", "0x020700", "mlx5_core"};
constexpr Identity kSwitch{"", "0x10de", "0x22a3", "0x068000", "nvidia-nvswitch"};
constexpr Identity kRootPort{"", "0x8086", "0x352a", "0x060400", "pcieport"};

struct Link {
  std::optional<double> generation, width;  ///< nothing: the device does not answer
};

std::string SpeedText(std::optional<double> generation) {
  constexpr std::string_view kSpeeds[] = {"Unknown",       "2.5 GT/s PCIe",  "5.0 GT/s PCIe",
                                          "8.0 GT/s PCIe", "16.0 GT/s PCIe", "32.0 GT/s PCIe",
                                          "64.0 GT/s PCIe"};
  const auto number = std::clamp(std::lround(generation.value_or(0)), 0L,
                                 static_cast<long>(std::size(kSpeeds)) - 1);
  return Line(kSpeeds[number]);
}

// Of a device that has left the bus every register reads as ones; the width has six bits.
std::string WidthText(std::optional<double> width) { return Line(width.value_or(63)); }

void AddDevice(Tree& tree, const std::string& folder, const Identity& identity, double numa,
               const Link& current, const Link& most) {
  const std::string address = folder.substr(folder.rfind('/') + 1);
  tree.links[Join(kDevices, address)] = "../../../.." + folder;
  std::string root;  // from the folder
  for (const char c : folder) root += c == '/' ? "/.." : "";
  tree.links[folder + "/driver"] = Join(root.substr(1), kDrivers, identity.driver);
  tree.files[Join(kDrivers, identity.driver, "/")];
  const std::pair<std::string_view, std::string> files[] = {
      {"vendor", Line(identity.vendor)},
      {"device", Line(identity.device)},
      {"class", Line(identity.device_class)},
      {"numa_node", Line(numa)},
      {"current_link_speed", SpeedText(current.generation)},
      {"current_link_width", WidthText(current.width)},
      {"max_link_speed", SpeedText(most.generation)},
      {"max_link_width", WidthText(most.width)},
      {"power/runtime_status", "active\n"}};
  for (const auto& [file, text] : files) tree.files[Join(folder, "/", file)] = text;
}

/// A device below its root port. The port's link is the device's.
void AddBelowPort(Readings& now, Tree& tree, const std::string& fact, const Identity& identity,
                  const scenario::Tags& tags) {
  const std::string path = now.FactText(fact + "pci_path");
  if (path.find('/') == std::string::npos) return;
  const std::string folder = PciFolder(path);
  const double numa = now.FactNumber(fact + "numa");
  const Link current{now.Sample("gpu.pcie.gen", tags), now.Sample("gpu.pcie.width", tags)};
  const Link most{now.Sample("gpu.pcie.gen_max", tags), now.Sample("gpu.pcie.width_max", tags)};
  AddDevice(tree, folder, identity, numa, current, most);
  const std::string port = folder.substr(0, folder.rfind('/'));
  if (!tree.files.contains(port + "/vendor")) {
    AddDevice(tree, port, kRootPort, numa, current, most);
  }
}

}  // namespace

std::string PciFolder(std::string_view path) {
  constexpr std::size_t kDomainAndBus = 7;  // of "0000:18:01.0"
  return Join("/sys/devices/pci", path.substr(0, kDomainAndBus), "/", path);
}

void AddPci(Readings& now, Tree& tree) {
  const scenario::Profile& profile = now.node().profile();
  tree.files["/sys/bus/pci/devices/"];
  const auto gpu = std::find_if(std::begin(kGpus), std::end(kGpus), [&](const Identity& identity) {
    return identity.model == profile.model;
  });
  // One that has fallen off is still listed by the kernel, with a link that nothing is known of.
  for (int i = 0; i < profile.gpus && gpu != std::end(kGpus); ++i) {
    AddBelowPort(now, tree, Join("gpu.", i, "."), *gpu, {{scenario::Label::kGpu, i}});
  }
  for (int i = 0; i < profile.nics; ++i) {
    const std::string fact = Join("nic.", i, ".");
    if (!now.FactIsTrue(fact + "present", true)) continue;
    AddBelowPort(now, tree, fact, kAdapter, {{scenario::Label::kNic, i}});
  }
  const Link link{static_cast<double>(profile.pcie_generation), 2.0};
  for (int i = 0; i < profile.switches; ++i) {
    const std::string address = now.FactText(Join("switch.", i, ".pci"));
    AddDevice(tree, "/sys/devices/pci0000:00/" + address, kSwitch, 0, link, link);
  }
}

}  // namespace gpud::sim_machine
