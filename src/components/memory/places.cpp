// SPDX-License-Identifier: Apache-2.0
#include "components/memory/places.h"

#include "platform/text.h"

namespace gpud::memory {
namespace {

constexpr std::uint64_t kFullShare = 100;  // less than one part of so many is left

void Add(Report& report, const char* metric, std::uint64_t value, Labels labels = {}) {
  report.samples.push_back(
      {.metric = metric, .labels = std::move(labels), .value = static_cast<double>(value)});
}

}  // namespace

void AddHugePages(const procfs::Meminfo& memory, Report& report) {
  Add(report, "memory_anonymous_huge_bytes", memory.anonymous_huge_bytes);
  if (memory.huge_page_bytes == 0) return;  // not built into this kernel
  Add(report, "memory_huge_pages", memory.huge_pages);
  Add(report, "memory_huge_pages_free", memory.huge_pages_free);
  Add(report, "memory_huge_page_bytes", memory.huge_page_bytes);
}

void AddNodes(const sysfs::Numa& numa, Report& report) {
  if (numa.nodes.size() < 2) return;
  for (const sysfs::NumaNode& node : numa.nodes) {
    const Labels labels{{"node", std::to_string(node.id)}};
    Add(report, "memory_numa_bytes", node.total_bytes, labels);
    Add(report, "memory_numa_free_bytes", node.free_bytes, labels);
    if (!node.traffic) continue;
    Add(report, "memory_numa_hits_total", node.traffic->hits, labels);
    Add(report, "memory_numa_misses_total", node.traffic->misses, labels);
    Add(report, "memory_numa_foreign_total", node.traffic->foreign, labels);
  }
}

void JudgeSharedMemory(const host::SharedMemory& shared, Report& report, Findings& findings) {
  Add(report, "memory_shm_size_bytes", shared.size_bytes);
  Add(report, "memory_shm_used_bytes", shared.used_bytes);
  // Size 0 is a mount without a limit.
  if (shared.size_bytes == 0 ||
      shared.size_bytes - shared.used_bytes > shared.size_bytes / kFullShare) {
    return;
  }
  findings.Add(Health::kDegraded, "/dev/shm of " + BytesText(shared.size_bytes) + " is full",
               RepairAction::kCheckUserApp);
}

}  // namespace gpud::memory
