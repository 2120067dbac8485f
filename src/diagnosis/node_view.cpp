// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/node_view.h"

#include <algorithm>

namespace gpud::diagnosis {
namespace {

// The driver leaves out the function; a line may name the whole.
bool IsSameAddress(std::string_view whole, std::string_view named) {
  if (named.empty() || whole.empty()) return false;
  return whole == named || (named.size() >= 10 && whole.starts_with(named)) ||
         (whole.size() >= 10 && named.starts_with(whole));
}

template <class Rows, class Fits>
int PlaceIn(const Rows& rows, Fits&& fits) {
  const auto found = std::find_if(rows.begin(), rows.end(), fits);
  return found == rows.end() ? -1 : static_cast<int>(found - rows.begin());
}

}  // namespace

bool ProcessFacts::Uses(int gpu) const { return std::ranges::find(gpus, gpu) != gpus.end(); }

int NodeFacts::GpuAt(std::string_view pci) const {
  return PlaceIn(gpus, [&](const GpuFacts& gpu) { return IsSameAddress(gpu.pci, pci); });
}

int NodeFacts::NicAt(std::string_view pci_or_name) const {
  return PlaceIn(nics, [&](const NicFacts& nic) {
    return nic.name == pci_or_name || IsSameAddress(nic.pci, pci_or_name);
  });
}

int NodeFacts::DiskAt(std::string_view named) const {
  const int exact = PlaceIn(disks, [&](const DiskFacts& disk) { return disk.name == named; });
  if (exact >= 0 || named.empty()) return exact;
  // "nvme1n1p2" is a part of nvme1n1, "nvme1" its controller, "sda1" a part of sda.
  return PlaceIn(disks, [&](const DiskFacts& disk) {
    if (named.starts_with(disk.name)) return true;
    return disk.name.starts_with(named) && disk.name.size() > named.size() &&
           disk.name[named.size()] == 'n';
  });
}

int NodeFacts::SwitchAt(std::string_view pci) const {
  return PlaceIn(switches, [&](const std::string& at) { return IsSameAddress(at, pci); });
}

int NodeFacts::CgroupAt(std::string_view named) const {
  const int exact = PlaceIn(cgroups, [&](const std::string& cgroup) { return cgroup == named; });
  if (exact >= 0 || named.empty()) return exact;
  return PlaceIn(cgroups, [&](const std::string& cgroup) {
    return named.ends_with("/" + cgroup) ||
           named.find("/" + cgroup + "/") != std::string_view::npos;
  });
}

}  // namespace gpud::diagnosis
