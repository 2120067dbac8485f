// SPDX-License-Identifier: Apache-2.0
// Tree: the files of a machine at one moment, as values.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace gpud::sim_machine {

struct Tree {
  std::map<std::string, std::string> files;  ///< path -> content; "/a/b/" is an empty folder
  std::map<std::string, std::string> links;  ///< path -> target, which need not exist
};

inline std::string Word(std::string_view text) { return std::string(text); }
inline std::string Word(std::integral auto number) { return std::to_string(number); }
/// What counts in the kernel is whole.
inline std::string Word(double number) {
  return std::to_string(std::llround(std::max(0.0, number)));
}

/// The parts behind one another: numbers as whole ones.
template <class... Parts>
std::string Join(const Parts&... parts) {
  return (Word(parts) + ... + std::string());
}
template <class... Parts>
std::string Line(const Parts&... parts) {
  return Join(parts...) + '\n';
}

}  // namespace gpud::sim_machine
