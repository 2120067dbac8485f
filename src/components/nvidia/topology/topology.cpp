// SPDX-License-Identifier: Apache-2.0
// NVIDIA topology: which NUMA node and which network card is nearest to each GPU. It judges
// nothing: it is what placing a job well needs to know.
#include <algorithm>

#include "components/nvidia/gpu_report.h"
#include "platform/text.h"
#include "sources/sysfs/infiniband.h"
#include "sources/sysfs/pci.h"

namespace gpud::nvidia_topology {
namespace {

using sysfs::PciDevice;

constexpr std::string_view kName = "accelerator-nvidia-topology";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", kName};
constexpr const SourceType* kNeeds[] = {&nvml::kDevices, &sysfs::kPci, &sysfs::kRdma};

/// How two devices reach each other, the nearest first; the words of NVIDIA's topology matrix.
enum class Way : unsigned char { kSwitch, kSwitches, kHostBridge, kNode, kSystem };
constexpr std::string_view kWays[] = {"PIX", "PXB", "PHB", "NODE", "SYS"};

Way WayOf(const PciDevice& a, const PciDevice& b) {
  const auto from = Split(a.path, '/'), to = Split(b.path, '/');
  const auto differ = std::mismatch(from.begin(), from.end(), to.begin(), to.end());
  const auto common = differ.first - from.begin();
  if (common == 0) {
    return a.numa_node && a.numa_node == b.numa_node ? Way::kNode : Way::kSystem;
  }
  // The first part is the host bridge, the second a root port; a switch begins below that.
  if (common <= 2) return Way::kHostBridge;
  // Upstream port, downstream port, device: what parts at the downstream ports is one switch away.
  const auto below = std::max(from.end() - differ.first, to.end() - differ.second);
  return below <= 2 ? Way::kSwitch : Way::kSwitches;
}

const PciDevice* FindDevice(const sysfs::PciDevices& all, std::string_view address) {
  const auto found = std::find_if(all.devices.begin(), all.devices.end(),
                                  [&](const auto& device) { return device.address == address; });
  return found == all.devices.end() ? nullptr : &*found;
}

/// "mlx5_0", or the address of a card without RDMA.
std::string NameOf(const Inputs& in, const PciDevice& card) {
  const auto& rdma = in.Latest<sysfs::RdmaDevices>();
  if (!rdma) return card.address;
  for (const sysfs::RdmaDevice& device : rdma->devices) {
    if (device.pci_address == card.address) return device.name;
  }
  return card.address;
}

/// The network cards on the shortest way.
Json Nearest(const Inputs& in, const sysfs::PciDevices& all, const PciDevice& gpu,
             std::string& way) {
  Way best = Way::kSystem;
  Json::Array names;
  for (const PciDevice& card : all.devices) {
    if (!sysfs::IsNetworkCard(card) || card.path.empty()) continue;
    const Way here = WayOf(gpu, card);
    if (here > best) continue;
    if (here < best) names.clear();
    best = here;
    names.push_back({NameOf(in, card)});
  }
  way = kWays[static_cast<std::size_t>(best)];
  return {std::move(names)};
}

void Judge(nvidia::GpuReport& report) {
  const auto* devices = report.Take<nvml::Devices>();
  if (!devices) return;
  const auto& pci = report.in().Latest<sysfs::PciDevices>();
  Json::Array rows;
  for (const nvml::Device& device : devices->devices) {
    Json::Object row = nvidia::RowOf(nvidia::GpuId(device));
    report.Answers(device);
    if (device.numa_node) row.emplace_back("numa_node", Json{std::int64_t{*device.numa_node}});
    const PciDevice* place = pci ? FindDevice(*pci, device.bus_id) : nullptr;
    if (place && !place->path.empty()) {
      row.emplace_back("pci_path", Json{place->path});
      std::string way;
      Json cards = Nearest(report.in(), *pci, *place, way);
      if (!cards.AsArray()->empty()) {
        row.emplace_back("nearest_network_cards", std::move(cards));
        row.emplace_back("way", Json{std::move(way)});
      }
    }
    if (device.nvlink_peers) {
      Json::Object peers;
      for (const auto& [peer, status] : *device.nvlink_peers) {
        peers.emplace_back(peer, Json{status});
      }
      row.emplace_back("nvlink_peers", Json{std::move(peers)});
    }
    rows.push_back({std::move(row)});
  }
  report.Done("the places of all GPUs are known", {{"gpus", {std::move(rows)}}});
}

}  // namespace

extern constinit const ComponentType kType{
    .name = kName,
    .tags = kTags,
    .needs = kNeeds,
    .period = std::chrono::seconds(300),
    .supported = nvidia::SupportOf<kName, Judge>,
    .check = nvidia::CheckOf<kName, Judge>,
};

}  // namespace gpud::nvidia_topology
