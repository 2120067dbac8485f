// SPDX-License-Identifier: Apache-2.0
#include "sources/gpu/processes.h"

#include <algorithm>
#include <tuple>

#include "platform/text.h"
#include "sources/drm/card.h"
#include "sources/drm/clients.h"
#include "sources/gpu/vendors.h"
#include "sources/nvml/processes.h"

namespace gpud::gpu {
namespace {

bool ByPlace(const Process& a, const Process& b) {
  const auto part = [](const Process& p) { return p.mig.value_or(MigPart()); };
  const MigPart of_a = part(a), of_b = part(b);
  return std::tie(a.vendor, a.gpu, a.bus_id, of_a.gpu_instance, of_a.compute_instance, a.pid) <
         std::tie(b.vendor, b.gpu, b.bus_id, of_b.gpu_instance, of_b.compute_instance, b.pid);
}

/// When the memory of a vendor's processes was read.
BootTime TakenAt(const Inputs& vendors, Vendor vendor) {
  const Snapshot* snapshot = vendors.Find(vendor == Vendor::kNvidia ? &kSnapshot<nvml::Processes>
                                                                    : &kSnapshot<drm::Clients>);
  return snapshot ? snapshot->taken : vendors.BootNow();
}

/// The same use in an earlier list, or null.
const Process* SameIn(const std::vector<Process>& sorted, const Process& use) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), use, ByPlace);
  return at == sorted.end() || ByPlace(use, *at) ? nullptr : &*at;
}

/// Each process is looked up once, on however many GPUs it is.
void NameOwners(const Host& host, const std::vector<Process>& before, std::vector<Process>& uses) {
  procfs::OwnerReader reader(host);
  std::map<std::uint32_t, const procfs::ProcessOwner*> known;
  for (const Process& use : before) known.emplace(use.pid, &use);
  std::map<std::uint32_t, procfs::ProcessOwner> owners;
  for (Process& use : uses) {
    auto owner = owners.find(use.pid);
    if (owner == owners.end()) {
      const auto old = known.find(use.pid);
      owner =
          owners.emplace(use.pid, reader.Read(use.pid, old == known.end() ? nullptr : old->second))
              .first;
    }
    static_cast<procfs::ProcessOwner&>(use) = owner->second;
  }
}

void Grow(const Inputs& inputs, const std::vector<Process>& before, Process& use) {
  const Process* same = SameIn(before, use);
  if (same && same->start_ticks == use.start_ticks) use.growth = same->growth;
  if (!use.memory_bytes) return;
  use.growth.Add(TakenAt(inputs, use.vendor), *use.memory_bytes);
  use.growth_mib_per_hour = use.growth.MibPerHour();
}

std::vector<Gpu> DrmGpus(const Root& root) {
  constexpr std::string_view kCard = "card";
  constexpr std::pair<Vendor, std::uint32_t> kVendors[] = {{Vendor::kAmd, drm::kAmdVendor},
                                                           {Vendor::kIntel, drm::kIntelVendor}};
  std::vector<Gpu> gpus;
  for (const auto& [vendor, id] : kVendors) {
    const auto found = drm::ListCards(root, id);
    if (!found) continue;
    std::uint32_t number = 0;
    for (const drm::Card& card : found->cards) {
      const std::string_view name = card.name;
      gpus.push_back(
          {.vendor = vendor,
           .gpu = number++,
           .minor = ParseNumber<std::uint32_t>(name.substr(std::min(kCard.size(), name.size()))),
           .bus_id = card.bus_id()});
    }
  }
  return gpus;
}

void Read(const Host& host, Inputs& inputs) {
  Processes all;
  AddNvidia(inputs, all);
  AddDrm(inputs, DrmGpus(host.root), all);
  std::sort(all.processes.begin(), all.processes.end(), ByPlace);
  if (all.processes.size() > kMostProcesses) {
    all.left_out = all.processes.size() - kMostProcesses;
    all.processes.resize(kMostProcesses);
  }
  static const std::vector<Process> kNone;
  const auto& last = inputs.Latest<Processes>();
  const std::vector<Process>& before = last ? last->processes : kNone;
  NameOwners(host, before, all.processes);
  for (Process& use : all.processes) {
    use.time = host.clock.Wall();
    Grow(inputs, before, use);
  }
  inputs.Put<Processes>(std::move(all));
}

}  // namespace

// It reads little, but for command lines, which can wait for a stuck process.
constinit const SourceType kProcesses{.name = "gpu/processes",
                                      .lane = Lane::kGpu,
                                      .deadline = std::chrono::seconds(2),
                                      .snapshot = &kSnapshot<Processes>,
                                      .read = Read};

}  // namespace gpud::gpu
