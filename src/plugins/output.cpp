// SPDX-License-Identifier: Apache-2.0
#include "plugins/output.h"

#include <algorithm>

namespace gpud::plugins {

void Output::Add(std::string_view bytes) {
  total_ += bytes.size();
  const std::size_t brace = object_.empty() ? bytes.find('{') : 0;
  if (brace != std::string_view::npos) {
    object_.append(bytes.substr(brace).substr(0, kObject - object_.size()));
  }
  const std::size_t into_head = std::min(bytes.size(), kHead - head_.size());
  head_.append(bytes.substr(0, into_head));
  bytes.remove_prefix(into_head);
  if (bytes.size() > kTail) bytes.remove_prefix(bytes.size() - kTail);
  tail_.append(bytes);
  if (tail_.size() > 2 * kTail) tail_.erase(0, tail_.size() - kTail);
}

std::string_view Output::tail() const {
  const std::string_view all = tail_;
  return all.substr(all.size() - std::min(all.size(), kTail));
}

std::string Output::Text() const {
  std::string text = head_;
  if (dropped() > 0) text += "\n[... " + std::to_string(dropped()) + " bytes dropped ...]\n";
  text += tail();
  return text;
}

std::string_view CutUtf8(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t end = most;
  // A character has 4 bytes at most, and all but its first are continuations (10xxxxxx).
  for (int back = 0; back < 4 && end > 0; ++back, --end) {
    if ((static_cast<unsigned char>(text[end]) & 0xC0) != 0x80) return text.substr(0, end);
  }
  return text.substr(0, most);
}

}  // namespace gpud::plugins
