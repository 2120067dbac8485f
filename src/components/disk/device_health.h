// SPDX-License-Identifier: Apache-2.0
// What disks, arrays and volumes are now, beside what the kernel's log has told of them.
#pragma once

#include <string>
#include <vector>

#include "components/findings.h"
#include "model/inputs.h"
#include "sources/procfs/mountinfo.h"

namespace gpud::disk {

/// For extra_info.
struct NvmeDisk {
  std::string name, model, state;
  std::string smart;  ///< why it is not known
  std::uint32_t used_percent = 0, spare_percent = 0;
  std::uint64_t media_errors = 0, power_on_hours = 0;
  static constexpr auto Fields() {
    using N = NvmeDisk;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"name", &N::name},
                      Field{"model", &N::model, kOmit},
                      Field{"state", &N::state, kOmit},
                      Field{"smart", &N::smart, kOmit},
                      Field{"used_percent", &N::used_percent},
                      Field{"spare_percent", &N::spare_percent},
                      Field{"media_errors", &N::media_errors},
                      Field{"power_on_hours", &N::power_on_hours}};
  }
};
struct NvmeData {
  std::vector<NvmeDisk> disks;
  std::string unknown;  ///< why they were not asked
  static constexpr auto Fields() {
    return std::tuple{Field{"disks", &NvmeData::disks, When::kNonEmpty},
                      Field{"unknown", &NvmeData::unknown, When::kNonEmpty}};
  }
};
struct ArrayData {
  std::string name, level, state, sync_action;
  std::uint32_t disks = 0, missing = 0;
  static constexpr auto Fields() {
    using A = ArrayData;
    return std::tuple{
        Field{"name", &A::name},   Field{"level", &A::level},
        Field{"state", &A::state}, Field{"sync_action", &A::sync_action, When::kNonEmpty},
        Field{"disks", &A::disks}, Field{"missing", &A::missing}};
  }
};

/// Unhealthy: the disk says that it is unreliable or read-only, or the kernel has given it up.
/// Degraded: its spare blocks run out, it is too hot, or its power-loss protection has failed. How
/// much of its life is used up is told and not judged. Adds `nvme_media_errors` (Warning) when more
/// data is lost than at the reading before.
NvmeData JudgeNvme(const Inputs& in, Report& report, Findings& findings);

/// Degraded: an array lacks a disk, a volume is suspended at two checks in a row. Unhealthy: an
/// array has lost more than it can bear.
std::vector<ArrayData> JudgeArrays(const Inputs& in, Report& report, Findings& findings);

/// Unhealthy: the kernel has made a local file system read-only after an error.
void JudgeForcedReadOnly(const std::vector<procfs::Mount>& mounts, Findings& findings);

}  // namespace gpud::disk
