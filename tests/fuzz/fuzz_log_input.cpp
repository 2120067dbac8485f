// SPDX-License-Identifier: Apache-2.0
#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "decode/input.h"
#include "decode/input_repeats.h"
#include "platform/text.h"

namespace {

bool Write(int fd, const std::uint8_t* data, std::size_t size) {
  return ::write(fd, data, size) == static_cast<ssize_t>(size) && ::lseek(fd, 0, SEEK_SET) == 0;
}

}  // namespace

// Whatever the bytes are: every line is counted once, numbers go up, and the end comes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gpud;
  UniqueFd fd(::memfd_create("log", MFD_CLOEXEC));
  if (!fd.valid() || !Write(fd.get(), data, size)) std::abort();
  decode::Input input(std::move(fd), "log", WallTime(std::chrono::seconds(1'795'564'800)));
  decode::InputRepeats repeats;
  std::uint64_t messages = 0, last = 0;
  for (decode::InputLine line; input.Next(line); ++messages) {
    if (line.number < last || line.number > input.totals().lines + 1) std::abort();
    last = line.number;
    (void)(StableHash(line.text) + StableHash(line.pci_device));  // looks at every byte
    (void)repeats.Seen(line, input.section());
  }
  const decode::InputTotals& totals = input.totals();
  if (messages != totals.kernel + totals.programs) std::abort();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.starts_with("\x1f\x8b")) return 0;
  std::uint64_t lines = size > 0 && text.back() != '\n' ? 1 : 0;
  for (const char c : text) lines += c == '\n' ? 1 : 0;
  if (text == "\xEF\xBB\xBF") lines = 0;
  if (lines != totals.lines) std::abort();
  return 0;
}
