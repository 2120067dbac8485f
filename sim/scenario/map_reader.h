// SPDX-License-Identifier: Apache-2.0
// Reads the keys of one map of a scenario file and notes every mistake, so that a person sees all
// of them at once.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenario/yaml_tree.h"

namespace gpud::scenario {

/// The mistakes of one file.
class Mistakes {
 public:
  explicit Mistakes(std::string file) : file_(std::move(file)) {}

  void Add(int line, const std::string& where, const std::string& what) {
    rows_.emplace_back(line, where + (where.empty() ? "" : ": ") + what);
  }
  bool empty() const { return rows_.empty(); }
  /// "FILE:LINE: KEY: what is wrong", one a line, in the order of the file.
  std::string Text() const;

 private:
  std::string file_;
  std::vector<std::pair<int, std::string>> rows_;
};

struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};
constexpr Range kNotNegative{.low = 0};

class MapReader {
 public:
  /// `where`: how messages name this map, "signals[3] gpu.temp". What is no map has no keys, which
  /// is a mistake. `map` outlives the reader.
  MapReader(const Yaml& map, std::string where, Mistakes& mistakes);

  /// Null when the key is not there.
  const Yaml* Find(std::string_view key);
  /// As Find; notes a missing key.
  const Yaml* Need(std::string_view key);

  // Each sets `into` where the key is there and right, and notes what is wrong with it.
  void Number(std::string_view key, double& into, Range range = {});
  void Number(std::string_view key, std::optional<double>& into, Range range = {});
  void Integer(std::string_view key, int& into, Range range);
  void Integer(std::string_view key, std::int64_t& into, Range range);
  void Truth(std::string_view key, bool& into);
  void Text(std::string_view key, std::string& into);
  void Word(std::string_view key, std::string& into, std::span<const std::string_view> words);
  void Texts(std::string_view key, std::vector<std::string>& into);
  /// A text or a list of texts.
  void TextOrTexts(std::string_view key, std::vector<std::string>& into);
  /// The items of a list; none when the key is not there.
  std::span<const Yaml> List(std::string_view key);

  /// Notes the keys that nobody asked for.
  void Finish();

  /// Notes that `key` is wrong.
  void Wrong(const Yaml& value, std::string_view key, const std::string& what);
  Mistakes& mistakes() { return mistakes_; }
  const std::string& where() const { return where_; }
  int line() const { return map_.line; }

 private:
  std::string PathOf(std::string_view key) const;

  const Yaml& map_;
  std::string where_;
  Mistakes& mistakes_;
  std::vector<std::string> asked_;
};

/// "a, b, c".
std::string Join(std::span<const std::string_view> words);
/// A number within a range; notes what is wrong.
std::optional<double> ReadNumber(const Yaml& value, Range range, const std::string& where,
                                 Mistakes& mistakes);

}  // namespace gpud::scenario
