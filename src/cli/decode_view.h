// SPDX-License-Identifier: Apache-2.0
// The incidents of `gpud decode` for a person: the worst first, with what follows from each below
// it and what to do.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "cli/terminal.h"
#include "decode/incidents.h"
#include "decode/input.h"

namespace gpud::cli {

/// Collects incidents; the same fault of the same device becomes one entry, however long the log.
class DecodeView {
 public:
  void Add(const decode::Incident& incident);
  /// Empty when nothing was added.
  std::string Text(const Terminal& terminal) const;

 private:
  struct Group {
    decode::Incident incident;              // the first one; its count and last time are of all
    EventType worst = EventType::kUnknown;  // of it and its echoes
    std::vector<std::size_t> echoes;
  };
  std::vector<Group> WithEchoes(std::vector<std::size_t>& roots) const;

  std::vector<Group> groups_;
  std::unordered_map<std::string, std::size_t> by_key_;
  std::unordered_map<std::uint64_t, std::size_t> group_of_;  // by incident
  std::size_t left_out_ = 0;
};

/// What was read: "2192 lines: 2100 of the kernel ...".
std::string TotalsText(const decode::InputTotals& totals);

}  // namespace gpud::cli
