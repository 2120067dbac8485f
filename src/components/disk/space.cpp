// SPDX-License-Identifier: Apache-2.0
#include "components/disk/space.h"

#include <algorithm>

#include "platform/text.h"

namespace gpud::disk {
namespace {

// The original's limit for the root. A small file system (/boot) is full in proportion.
constexpr std::uint64_t kLittle = 500ull << 20;
// One late answer is not a finding: the original wants five in a row, a minute apart.
constexpr std::chrono::minutes kHangs{5};

std::uint64_t LittleOf(const host::MountUsage& usage) {
  if (usage.mount.mount_point == "/") return kLittle;
  return std::min(kLittle, usage.space->total_bytes / 50);
}

void AddSamples(const host::MountUsage& usage, Report& report) {
  const host::Space& space = *usage.space;
  const auto add = [&](const char* metric, double value) {
    report.samples.push_back(
        {.metric = metric, .labels = {{"mount_point", usage.mount.mount_point}}, .value = value});
  };
  add("disk_total_bytes", static_cast<double>(space.total_bytes));
  add("disk_free_bytes", static_cast<double>(space.available_bytes));
  add("disk_used_bytes",
      static_cast<double>(space.total_bytes - std::min(space.total_bytes, space.free_bytes)));
  if (space.total_inodes > 0) {
    add("disk_inodes", static_cast<double>(space.total_inodes));
    add("disk_inodes_free", static_cast<double>(space.free_inodes));
  }
  add("disk_answer_seconds", usage.answer_seconds);
}

void JudgeFull(const host::MountUsage& usage, Findings& findings) {
  // Nothing is written to a read-only one, and a server's space is the server's concern.
  if (usage.mount.read_only || procfs::IsNetworkFileSystem(usage.mount.fs_type)) return;
  const host::Space& space = *usage.space;
  if (space.available_bytes < LittleOf(usage)) {
    findings.Add(Health::kDegraded,
                 usage.mount.mount_point + " has only " + BytesText(space.available_bytes) +
                     " free of " + BytesText(space.total_bytes),
                 RepairAction::kCheckUserApp);
  }
  if (space.total_inodes > 0 && space.free_inodes < space.total_inodes / 50) {
    findings.Add(Health::kDegraded,
                 usage.mount.mount_point + " has only " + std::to_string(space.free_inodes) +
                     " inodes free of " + std::to_string(space.total_inodes),
                 RepairAction::kCheckUserApp);
  }
}

}  // namespace

void JudgeSpace(const host::MountUsages& usages, Report& report, Findings& findings) {
  for (const host::MountUsage& usage : usages.mounts) {
    if (usage.space) {
      AddSamples(usage, report);
      JudgeFull(usage, findings);
    } else if (usage.hanging >= kHangs) {
      findings.Add(Health::kDegraded, usage.space.error().what);
    } else {
      AddUnreadable(report, "disk" + usage.mount.mount_point, usage.space);
    }
  }
}

}  // namespace gpud::disk
