// SPDX-License-Identifier: Apache-2.0
// Text: a text of the catalogue, four bytes a mention. All texts stand once in one pool; a row of
// string_views would cost four times that, and a relocation for each at every start.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gpud::catalog {

/// Made by tools/catalog; the text of Text(offset, size) stands at `offset`.
extern const char kTextPool[];

class Text {
 public:
  static constexpr std::uint32_t kSizeBits = 10;
  static constexpr std::uint32_t kLongest = (1U << kSizeBits) - 1;
  static constexpr std::uint32_t kLargestPool = 1U << (32 - kSizeBits);

  constexpr Text() = default;
  constexpr Text(std::uint32_t offset, std::uint32_t size) : bits_(offset << kSizeBits | size) {}

  std::string_view view() const { return {kTextPool + (bits_ >> kSizeBits), bits_ & kLongest}; }
  operator std::string_view() const { return view(); }  // NOLINT: it is one
  constexpr bool empty() const { return (bits_ & kLongest) == 0; }

  friend bool operator==(Text a, std::string_view b) { return a.view() == b; }

 private:
  std::uint32_t bits_ = 0;
};

}  // namespace gpud::catalog
