// SPDX-License-Identifier: Apache-2.0
// The C++ runtime of GCC 12, linked statically, asks for two functions of newer glibcs. Here they
// are made of what every glibc has, so that one binary runs from glibc 2.34 on (RHEL 9,
// Ubuntu 22.04). Hidden: they serve our own runtime alone. Only the shipped program has this file.
#include <dlfcn.h>
#include <link.h>
#include <sys/random.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 35)

namespace {

struct Search {
  ElfW(Addr) pc;
  dl_find_object* result;
};

int Visit(dl_phdr_info* object, std::size_t, void* argument) {
  const auto& search = *static_cast<Search*>(argument);
  ElfW(Addr) start = ~ElfW(Addr){0}, end = 0, eh_frame = 0;
  bool holds = false;
  for (unsigned i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = object->dlpi_phdr[i];
    const ElfW(Addr) first = object->dlpi_addr + header.p_vaddr;
    const ElfW(Addr) last = first + header.p_memsz;
    if (header.p_type == PT_LOAD) {
      if (first < start) start = first;
      if (last > end) end = last;
      if (search.pc >= first && search.pc < last) holds = true;
    } else if (header.p_type == PT_GNU_EH_FRAME) {
      eh_frame = first;
    }
  }
  if (!holds || eh_frame == 0) return 0;
  search.result->dlfo_flags = 0;
  search.result->dlfo_map_start = reinterpret_cast<void*>(start);
  search.result->dlfo_map_end = reinterpret_cast<void*>(end);
  search.result->dlfo_link_map = nullptr;
  search.result->dlfo_eh_frame = reinterpret_cast<void*>(eh_frame);
  return 1;
}

}  // namespace

/// Finds unwind tables; came with glibc 2.35.
extern "C" __attribute__((visibility("hidden"))) int _dl_find_object(void* pc,
                                                                     dl_find_object* result) {
  Search search{reinterpret_cast<ElfW(Addr)>(pc), result};
  return dl_iterate_phdr(Visit, &search) == 1 ? 0 : -1;
}

/// Behind std::random_device; came with glibc 2.36.
extern "C" __attribute__((visibility("hidden"))) std::uint32_t arc4random() {
  std::uint32_t value = 0;
  if (getrandom(&value, sizeof value, 0) != sizeof value) std::abort();  // as glibc's own does
  return value;
}

#endif
