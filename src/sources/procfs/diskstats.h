// SPDX-License-Identifier: Apache-2.0
// /proc/diskstats: what each block device has read and written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace gpud::procfs {

/// Counters since boot of one disk or partition, but for `in_flight`.
struct DiskIo {
  std::string device;  ///< "259:1"
  std::string name;    ///< "nvme0n1p1"
  std::uint64_t reads = 0, read_bytes = 0, read_milliseconds = 0;
  std::uint64_t writes = 0, written_bytes = 0, write_milliseconds = 0;
  std::uint64_t in_flight = 0;              ///< requests now
  std::uint64_t busy_milliseconds = 0;      ///< with any request in flight
  std::uint64_t weighted_milliseconds = 0;  ///< summed over the requests in flight

  static constexpr auto Fields() {
    using D = DiskIo;
    return std::tuple{Field{"device", &D::device},
                      Field{"name", &D::name},
                      Field{"reads", &D::reads},
                      Field{"read_bytes", &D::read_bytes},
                      Field{"read_milliseconds", &D::read_milliseconds},
                      Field{"writes", &D::writes},
                      Field{"written_bytes", &D::written_bytes},
                      Field{"write_milliseconds", &D::write_milliseconds},
                      Field{"in_flight", &D::in_flight},
                      Field{"busy_milliseconds", &D::busy_milliseconds},
                      Field{"weighted_milliseconds", &D::weighted_milliseconds}};
  }
};

struct Diskstats {
  std::vector<DiskIo> disks;

  static constexpr auto Fields() { return std::tuple{Field{"disks", &Diskstats::disks}}; }
};

/// Error: kParse. Source: Documentation/admin-guide/iostats.rst; sectors there are always 512
/// bytes.
Result<Diskstats> ParseDiskstats(std::string_view text);

extern const SourceType kDiskstats;

}  // namespace gpud::procfs
