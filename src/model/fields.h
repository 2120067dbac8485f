// SPDX-License-Identifier: Apache-2.0
// Field tables: a struct names its members once, and JSON both ways, the pipe's binary form and the
// OpenAPI schema all follow from that table.
//
//   struct Point {
//     int x = 0;
//     static constexpr auto Fields() { return std::tuple{Field{"x", &Point::x}}; }
//   };
#pragma once

#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace gpud {

/// When a field is on the wire. kNonEmpty leaves out empty texts, lists and maps, zeros, false and
/// absent optionals (Go's omitempty).
enum class When : unsigned char { kAlways, kNonEmpty };

template <class Struct, class Member>
struct Field {
  constexpr Field(std::string_view wire_name, Member Struct::*pointer, When on_wire = When::kAlways)
      : name(wire_name), member(pointer), when(on_wire) {}
  std::string_view name;
  Member Struct::*member;
  When when;
};

template <class T>
concept HasFields = requires {
  T::Fields();
};

/// Calls `visit(field)` for each field of T.
template <HasFields T, class Visit>
constexpr void ForEachField(Visit&& visit) {
  std::apply([&](const auto&... field) { (visit(field), ...); }, T::Fields());
}

/// The words of an enum on the wire: specialise with `static constexpr std::string_view kWords[]`,
/// indexed by the enumerator.
template <class E>
struct EnumWords;

template <class E>
concept WireEnum = std::is_enum_v<E> && requires {
  EnumWords<E>::kWords;
};

template <WireEnum E>
constexpr std::string_view Word(E value) {
  return EnumWords<E>::kWords[static_cast<std::size_t>(value)];
}

/// The enumerator of a word; false when there is none.
template <WireEnum E>
constexpr bool ParseWord(std::string_view word, E& value) {
  for (std::size_t i = 0; i < std::size(EnumWords<E>::kWords); ++i) {
    if (EnumWords<E>::kWords[i] == word) {
      value = static_cast<E>(i);
      return true;
    }
  }
  return false;
}

}  // namespace gpud
