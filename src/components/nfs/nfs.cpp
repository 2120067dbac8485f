// SPDX-License-Identifier: Apache-2.0
// NFS: do the file servers answer, and did locks and writes get lost?
#include <algorithm>

#include "components/component.h"
#include "components/fault_history.h"
#include "components/nfs/nfs_lines.h"
#include "components/nfs/traffic.h"
#include "sources/procfs/mountinfo.h"
#include "sources/procfs/mountstats.h"

namespace gpud::nfs {
namespace {

constexpr std::string_view kTags[] = {"nfs"};
constexpr const SourceType* kNeeds[] = {&procfs::kMountinfo, &procfs::kNfsMounts};

bool IsMounted(const procfs::Mountinfo& mountinfo) {
  return std::any_of(mountinfo.mounts.begin(), mountinfo.mounts.end(), [](const auto& mount) {
    return mount.fs_type == "nfs" || mount.fs_type == "nfs4";
  });
}

Support Supported(const Inputs& in) {
  const auto& mountinfo = in.Latest<procfs::Mountinfo>();
  if (!in.OwnEvents().empty() || (mountinfo && IsMounted(*mountinfo))) return {};
  return {.supported = false, .reason = "no NFS is mounted"};
}

std::string FaultName(const Fault& fault) {
  return fault.code == "server_not_responding" ? "the file server does not answer" : fault.code;
}

Report Check(const Inputs& in) {
  constexpr FaultRules kRecoverWithTheServer{.recovery_closes_all = true};
  Report report{.states = {FaultState(in, "nfs", "ok", FaultName, kRecoverWithTheServer)}};
  AddTraffic(in, report);
  return report;
}

}  // namespace

// A frame may also be a function whose name only ends so.
void KeepFrame(const LineFields&, std::string_view line, LineFinding& finding) {
  for (const LineRule& rule : kRules) {
    if (rule.refine != KeepFrame) continue;
    const std::size_t at = line.find(rule.needle);
    if (at == std::string_view::npos) continue;
    const char before = at == 0 ? ' ' : line[at - 1];
    if (before == ' ' || before == '\t' || before == '\n') {
      finding.details["function"] = rule.needle.substr(0, rule.needle.find('+'));
      return;
    }
  }
  finding.code.clear();
}

extern constinit const ComponentType kType{
    .name = "nfs",
    .tags = kTags,
    .needs = kNeeds,
    .needles = kNeedles,
    .metrics = kMetrics,
    .period = std::chrono::seconds(15),
    .clearable = true,
    .supported = Supported,
    .check = Check,
    .create_matcher = [] { return TableMatcher("nfs", kRules); },
};

}  // namespace gpud::nfs
