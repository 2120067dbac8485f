// SPDX-License-Identifier: Apache-2.0
// MapReader: takes the known keys out of a YAML map and notes what is wrong with each.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "platform/yaml.h"
#include "plugins/spec.h"
#include "plugins/spec_file.h"

namespace gpud::plugins {

/// Where problems of one plugin go.
class Problems {
 public:
  Problems(SpecFile& file, std::string file_name) : file_(file), name_(std::move(file_name)) {}

  void SetPlugin(std::string name) {
    plugin_ = std::move(name);
    count_ = 0;
  }
  void Error(int line, std::string_view key, std::string_view what) {
    ++count_;
    file_.errors.push_back(Text(line, key, what));
  }
  void Warn(int line, std::string_view key, std::string_view what) {
    file_.warnings.push_back(Text(line, key, what));
  }
  /// Errors of this plugin.
  int count() const { return count_; }

 private:
  std::string Text(int line, std::string_view key, std::string_view what) const;

  SpecFile& file_;
  std::string name_;
  std::string plugin_;
  int count_ = 0;
};

class MapReader {
 public:
  /// `path`: of the map among the keys, "health_state_plugin.steps[0]". A node that is no map is an
  /// error, and reads as an empty one.
  MapReader(const YamlNode& node, std::string path, Problems& problems);

  /// The value of a key, of several the last; null when there is none, or it is null.
  const YamlNode* Take(std::string_view key);
  void Text(std::string_view key, std::string& out);
  void Texts(std::string_view key, std::vector<std::string>& out);
  void TextMap(std::string_view key, std::map<std::string, std::string>& out);
  void Time(std::string_view key, Duration& out);
  void Bytes(std::string_view key, std::uint64_t& out);
  void Number(std::string_view key, double least, double most, double& out);
  void Switch(std::string_view key, bool& out);
  /// Warns of keys that nobody has asked for.
  void Finish();

  std::string PathOf(std::string_view key) const;
  int line() const { return node_.line; }
  /// Of a key that is there, else the map's own.
  int LineOf(std::string_view key) const;
  Problems& problems() { return problems_; }

 private:
  const YamlNode empty_;
  const YamlNode& node_;
  std::string path_;
  Problems& problems_;
  std::set<std::string> known_;
};

}  // namespace gpud::plugins
