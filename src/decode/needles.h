// SPDX-License-Identifier: Apache-2.0
// NeedleSet: who wants to see a line? One pass over the text for everybody's needles.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace gpud::decode {

/// Plain text that `owner` looks for. An empty one is in every line.
struct Needle {
  std::string_view text;
  std::size_t owner = 0;
};

class NeedleSet {
 public:
  /// The needles' texts must live as long as the set.
  explicit NeedleSet(std::vector<Needle> needles);
  ~NeedleSet();

  /// The owners of the needles that `text` holds, ascending, each once; into `owners`, whose memory
  /// is used again.
  void Find(std::string_view text, std::vector<std::size_t>& owners) const;
  /// Lines that were searched the slow way, as RE2 could not.
  std::uint64_t slow_searches() const { return slow_; }

 private:
  struct Automaton;
  std::vector<Needle> needles_;           // sorted by text
  std::unique_ptr<Automaton> automaton_;  // null when RE2 could not make one
  mutable std::uint64_t slow_ = 0;
};

/// The same, the slow and obvious way: what is left when RE2 runs out of its memory, and what tests
/// compare with.
void FindPlainly(std::span<const Needle> needles, std::string_view text,
                 std::vector<std::size_t>& owners);

}  // namespace gpud::decode
