// SPDX-License-Identifier: Apache-2.0
// Settings: what a site has set for components: thresholds that may change while gpud runs.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "model/inputs.h"
#include "model/json_codec.h"

namespace gpud {

/// A snapshot that the daemon puts: the JSON of each component by its name, as flags and the
/// original's "update config" have it. A component takes its own with SettingsOf.
struct Settings {
  std::map<std::string, std::string> sections;

  static constexpr auto Fields() { return std::tuple{Field{"sections", &Settings::sections}}; }
};

/// A component's settings, T's own defaults where nothing (or nothing that can be read) is set.
template <class T>
T SettingsOf(const Inputs& in, std::string_view component) {
  const auto& settings = in.Latest<Settings>();
  if (!settings) return {};
  const auto section = settings->sections.find(std::string(component));
  if (section == settings->sections.end()) return {};
  return FromJsonText<T>(section->second).value_or(T{});
}

}  // namespace gpud
