// SPDX-License-Identifier: Apache-2.0
// Settings: what a person can tell the daemon, in one table from which follow the flags of `run`
// and `scan`, the GPUD_* variables, the keys of /etc/gpud/config.yaml and `gpud config`.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "cli/command.h"

namespace gpud::cli {

/// Where a setting may be written. kFlagOnly: what is hidden or only for one run.
enum class Use : unsigned char { kRun, kRunAndScan, kFlagOnly, kFlagOnlyAndScan };

struct Setting {
  Flag flag;
  std::string_view fallback;  ///< the default, as text; also shown by help
  /// Why it is accepted but changes nothing (flags of the original); empty = it has an effect.
  std::string_view no_effect;
  Use use = Use::kRun;

  bool in_scan() const { return use == Use::kRunAndScan || use == Use::kFlagOnlyAndScan; }
  bool flag_only() const { return use == Use::kFlagOnly || use == Use::kFlagOnlyAndScan; }
};

std::span<const Setting> AllSettings();
/// "listen-address" -> "listen_address", the key in the file.
std::string KeyOf(const Setting& setting);
/// "listen-address" -> "GPUD_LISTEN_ADDRESS".
std::string VariableOf(const Setting& setting);

/// The effective values and where each comes from.
class Settings {
 public:
  struct Value {
    Json value;
    std::string origin;  ///< "default", "--flag", "GPUD_NAME" or "FILE:LINE"
  };

  const Value& Get(std::string_view name) const;
  void Set(std::string_view name, Json value, std::string origin);
  bool Given(std::string_view name) const { return Get(name).origin != "default"; }

  bool On(std::string_view name) const;
  std::string Text(std::string_view name) const;
  std::int64_t Integer(std::string_view name) const;
  std::chrono::microseconds Duration(std::string_view name) const;
  std::vector<std::string> List(std::string_view name) const;

  std::string file;                   ///< the configuration file; empty = there is none
  std::vector<std::string> problems;  ///< errors, all of them
  std::vector<std::string> warnings;

 private:
  std::map<std::string_view, Value> values_;  // keys are Flag::name, which are constants
};

inline constexpr std::string_view kDefaultConfigFile = "/etc/gpud/config.yaml";

/// Flags over GPUD_* variables over the file (--config, GPUD_CONFIG or the default one, which need
/// not exist). Unknown keys, wrong types and values that make no sense are `problems`; unknown
/// GPUD_* variables and settings without effect are `warnings`.
Settings ReadSettings(const Arguments& arguments, const Environment& environment);

}  // namespace gpud::cli
