// SPDX-License-Identifier: Apache-2.0
// Output: what a script has printed, in constant memory: the head, the tail, and all from the first
// brace on, where the JSON may be.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gpud::plugins {

class Output {
 public:
  static constexpr std::size_t kHead = 64 << 10;
  static constexpr std::size_t kTail = 16 << 10;
  static constexpr std::size_t kObject = 1 << 20;

  void Add(std::string_view bytes);

  std::uint64_t total() const { return total_; }
  /// Bytes between head and tail, which are gone.
  std::uint64_t dropped() const { return total_ - head_.size() - tail().size(); }
  std::string_view head() const { return head_; }
  /// What follows the head, without the gap: its last bytes.
  std::string_view tail() const;
  /// From the first `{` on, kObject bytes at most; empty when there is none.
  std::string_view from_brace() const { return object_; }
  /// Head and tail, with a line on what is missing between them.
  std::string Text() const;

 private:
  std::string head_, tail_, object_;  // the tail may hold twice what is kept of it
  std::uint64_t total_ = 0;
};

/// The front of `text`, `most` bytes at most, that ends with a whole UTF-8 character.
std::string_view CutUtf8(std::string_view text, std::size_t most);

}  // namespace gpud::plugins
