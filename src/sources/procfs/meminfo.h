// SPDX-License-Identifier: Apache-2.0
// /proc/meminfo: how the memory of the machine is used.
#pragma once

#include <optional>
#include <string_view>

#include "sources/source.h"

namespace gpud::procfs {

struct Meminfo {
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;       ///< holds nothing at all
  std::uint64_t available_bytes = 0;  ///< can be had without swapping (the kernel's estimate)
  std::uint64_t buffers_bytes = 0, cached_bytes = 0, shared_bytes = 0, dirty_bytes = 0;
  std::uint64_t swap_total_bytes = 0, swap_free_bytes = 0;
  std::uint64_t vmalloc_total_bytes = 0, vmalloc_used_bytes = 0;
  std::uint64_t anonymous_huge_bytes = 0;             ///< in transparent huge pages
  std::uint64_t huge_pages = 0, huge_pages_free = 0;  ///< of the default size, set aside
  std::uint64_t huge_page_bytes = 0;                  ///< the default size
  /// Memory that the kernel has taken out of use after a memory error; nothing where the kernel is
  /// built without CONFIG_MEMORY_FAILURE.
  std::optional<std::uint64_t> hardware_corrupted_bytes;

  static constexpr auto Fields() {
    using M = Meminfo;
    return std::tuple{Field{"total_bytes", &M::total_bytes},
                      Field{"free_bytes", &M::free_bytes},
                      Field{"available_bytes", &M::available_bytes},
                      Field{"buffers_bytes", &M::buffers_bytes},
                      Field{"cached_bytes", &M::cached_bytes},
                      Field{"shared_bytes", &M::shared_bytes},
                      Field{"dirty_bytes", &M::dirty_bytes},
                      Field{"swap_total_bytes", &M::swap_total_bytes},
                      Field{"swap_free_bytes", &M::swap_free_bytes},
                      Field{"vmalloc_total_bytes", &M::vmalloc_total_bytes},
                      Field{"vmalloc_used_bytes", &M::vmalloc_used_bytes},
                      Field{"anonymous_huge_bytes", &M::anonymous_huge_bytes},
                      Field{"huge_pages", &M::huge_pages},
                      Field{"huge_pages_free", &M::huge_pages_free},
                      Field{"huge_page_bytes", &M::huge_page_bytes},
                      Field{"hardware_corrupted_bytes", &M::hardware_corrupted_bytes}};
  }
};

/// Error: kParse when total, free or available memory (Linux 3.14) is not told.
/// Source: proc_meminfo(5).
Result<Meminfo> ParseMeminfo(std::string_view text);

extern const SourceType kMeminfo;

}  // namespace gpud::procfs
