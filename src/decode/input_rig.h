// SPDX-License-Identifier: Apache-2.0
// For tests of Input: a log in memory, read to its end.
#pragma once

#include <sys/mman.h>

#include <string>
#include <string_view>
#include <vector>

#include "decode/input.h"
#include "platform/time_text.h"

namespace gpud::decode {

/// A message with texts of its own.
struct ReadLine : InputLine {
  explicit ReadLine(const InputLine& line) : InputLine(line), own(line.text), pci(line.pci_device) {
    text = {};
    pci_device = {};
  }
  std::string own;
  std::string pci;
};

inline UniqueFd InMemory(std::string_view bytes) {
  UniqueFd fd(::memfd_create("log", MFD_CLOEXEC));
  for (std::string_view rest = bytes; !rest.empty();) {
    const ssize_t n = ::write(fd.get(), rest.data(), rest.size());
    if (n <= 0) break;
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  ::lseek(fd.get(), 0, SEEK_SET);
  return fd;
}

/// All that Input gives for a log, as at 2026-11-25T00:00:00Z.
struct ReadLog {
  explicit ReadLog(std::string_view bytes)
      : input(InMemory(bytes), "test.log", *ParseRfc3339("2026-11-25T00:00:00Z")) {
    for (InputLine line; input.Next(line);) {
      lines.emplace_back(line);
      sections.push_back(input.section());
    }
  }
  std::vector<std::string> Texts() const {
    std::vector<std::string> texts;
    for (const ReadLine& line : lines) texts.push_back(line.own);
    return texts;
  }

  Input input;
  std::vector<ReadLine> lines;
  std::vector<std::uint64_t> sections;
};

}  // namespace gpud::decode
