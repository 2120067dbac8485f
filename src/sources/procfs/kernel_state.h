// SPDX-License-Identifier: Apache-2.0
// /proc/sys/kernel: marks that the kernel has put on itself, and what it has of randomness.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace gpud::procfs {

struct KernelState {
  Result<std::uint64_t> taint = Fail(ErrorCode::kInternal, "not read");  ///< bits; 0 = none
  Result<std::uint64_t> entropy_bits = Fail(ErrorCode::kInternal, "not read");
  std::string cgroup_version;  ///< "2", "1", "hybrid" (1 with 2 for names only), empty: none

  static constexpr auto Fields() {
    using K = KernelState;
    return std::tuple{Field{"taint", &K::taint}, Field{"entropy_bits", &K::entropy_bits},
                      Field{"cgroup_version", &K::cgroup_version}};
  }
};

/// The words for the bits that are set, by bit; "bit 42" for one without.
/// Source: Documentation/admin-guide/tainted-kernels.rst.
std::vector<std::string> TaintWords(std::uint64_t taint);

/// Error in place of the snapshot: when none of the files can be read, that of the first.
extern const SourceType kKernelState;

}  // namespace gpud::procfs
