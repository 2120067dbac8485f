// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/kernel_state.h"

#include "sources/sysfs/value_file.h"

namespace gpud::procfs {
namespace {

/// Source: Documentation/admin-guide/cgroup-v2.rst; what systemd mounts where.
std::string CgroupVersion(const Root& root) {
  if (root.Exists("/sys/fs/cgroup/cgroup.controllers")) return "2";
  if (root.Exists("/sys/fs/cgroup/unified/cgroup.procs")) return "hybrid";
  if (root.Exists("/sys/fs/cgroup/memory") || root.Exists("/sys/fs/cgroup/cpu")) return "1";
  return {};
}

}  // namespace

std::vector<std::string> TaintWords(std::uint64_t taint) {
  constexpr std::string_view kWords[] = {"proprietary module",
                                         "module was loaded by force",
                                         "processor out of its specification",
                                         "module was unloaded by force",
                                         "machine check",
                                         "bad page",
                                         "user request",
                                         "oops",
                                         "ACPI table overridden",
                                         "warning",
                                         "staging driver",
                                         "firmware bug worked around",
                                         "out-of-tree module",
                                         "unsigned module",
                                         "soft lockup",
                                         "live patch",
                                         "distribution's own",
                                         "structure layout randomised",
                                         "in-kernel test"};
  std::vector<std::string> words;
  for (std::size_t bit = 0; bit < 64; ++bit) {
    if (((taint >> bit) & 1) == 0) continue;
    words.push_back(bit < std::size(kWords) ? std::string(kWords[bit])
                                            : "bit " + std::to_string(bit));
  }
  return words;
}

constinit const SourceType kKernelState{
    .name = "procfs/kernel-state",
    .snapshot = &kSnapshot<KernelState>,
    .read =
        [](const Host& host, Inputs& into) {
          KernelState state{.taint = sysfs::ReadUnsigned(host.root, "/proc/sys/kernel/tainted"),
                            .entropy_bits = sysfs::ReadUnsigned(
                                host.root, "/proc/sys/kernel/random/entropy_avail"),
                            .cgroup_version = CgroupVersion(host.root)};
          if (!state.taint && !state.entropy_bits && state.cgroup_version.empty()) {
            into.Put<KernelState>(tl::unexpected<Error>(state.taint.error()));
          } else {
            into.Put<KernelState>(std::move(state));
          }
        },
};

}  // namespace gpud::procfs
