// SPDX-License-Identifier: Apache-2.0
#include "components/repeat_window.h"

namespace gpud {

bool RepeatWindow::IsRepeat(const KernelLine& line, const std::string& key) {
  constexpr std::size_t kMostKeys = 1024;
  const std::string full = std::string(Word(line.origin)) + '\n' + key;
  const auto over = [&](WallTime first) {
    return line.time < first || line.time - first >= window_;
  };
  if (const auto known = first_seen_.find(full); known != first_seen_.end()) {
    if (!over(known->second)) return true;
    known->second = line.time;
    return false;
  }
  if (first_seen_.size() >= kMostKeys) {
    std::erase_if(first_seen_, [&](const auto& entry) { return over(entry.second); });
    // All of them within one window: a repeat told twice is better than memory without end.
    if (first_seen_.size() >= kMostKeys) first_seen_.clear();
  }
  first_seen_.emplace(full, line.time);
  return false;
}

}  // namespace gpud
