// SPDX-License-Identifier: Apache-2.0
// LineCutter: whole lines out of bytes that come in pieces; its memory is bounded.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace gpud::lanes {

class LineCutter {
 public:
  /// As the kernel's own limit for a record (CONSOLE_EXT_LOG_MAX).
  static constexpr std::size_t kLongest = 8192;

  /// May be called only when Next has given all lines. What was given by Next ends to be valid.
  void Add(std::string_view bytes) {
    pending_.erase(0, start_);
    start_ = 0;
    pending_ += bytes;
  }
  /// The next whole line without its newline; false when there is none yet.
  bool Next(std::string_view& line) {
    for (;;) {
      const std::size_t end = pending_.find('\n', start_);
      if (end == std::string::npos) return false;
      line = std::string_view(pending_).substr(start_, end - start_);
      start_ = end + 1;
      if (!std::exchange(dropping_, false)) return true;
    }
  }
  /// What is left at the end: a line without its newline; false when there is none.
  bool Last(std::string_view& line) {
    line = std::string_view(pending_).substr(start_);
    start_ = pending_.size();
    return !std::exchange(dropping_, false) && !line.empty();
  }
  /// What comes next is the rest of some line: it is thrown away up to the next newline.
  void DropRest() {
    pending_.clear();
    start_ = 0;
    dropping_ = true;
  }
  /// Throws away a line that grows too long; true once for each.
  bool DropOverlong() {
    if (pending_.size() - start_ <= kLongest) return false;
    const bool first = !dropping_;
    DropRest();
    return first;
  }

 private:
  std::string pending_;
  std::size_t start_ = 0;
  bool dropping_ = false;
};

}  // namespace gpud::lanes
