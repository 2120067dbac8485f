// SPDX-License-Identifier: Apache-2.0
// Spec: one plugin as its file describes it (docs/plugins.md). The field tables make the JSON of
// GET /v1/plugins and, but for Spec's own, the bytes that a runner process is given.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/json_codec.h"

namespace gpud::plugins {

/// A duration that is a text of Go's on the wire: "1m0s".
struct Duration {
  std::chrono::microseconds value{0};

  bool operator==(const Duration&) const = default;
};
void AppendJson(std::string& out, const Duration& duration);

/// `{regex: ...}`: RE2, searched anywhere. Without one it matches everything.
struct MatchRule {
  std::optional<std::string> regex;

  static constexpr auto Fields() {
    return std::tuple{Field{"regex", &MatchRule::regex, When::kNonEmpty}};
  }
};

struct JsonPathRule {
  std::string query, field;
  std::optional<MatchRule> expect;
  std::map<std::string, MatchRule> suggested_actions;  ///< by the action's word

  static constexpr auto Fields() {
    using R = JsonPathRule;
    return std::tuple{Field{"query", &R::query}, Field{"field", &R::field},
                      Field{"expect", &R::expect, When::kNonEmpty},
                      Field{"suggested_actions", &R::suggested_actions, When::kNonEmpty}};
  }
};

struct Parser {
  std::vector<JsonPathRule> json_paths;
  std::string log_path;

  static constexpr auto Fields() {
    return std::tuple{Field{"json_paths", &Parser::json_paths, When::kNonEmpty},
                      Field{"log_path", &Parser::log_path, When::kNonEmpty}};
  }
};

struct BashScript {
  std::string content_type;  ///< plaintext, text/plain or base64
  std::string script;        ///< as written
  std::string sha256;        ///< of the decoded script before values are put in; empty = not pinned

  static constexpr auto Fields() {
    using S = BashScript;
    return std::tuple{Field{"content_type", &S::content_type}, Field{"script", &S::script},
                      Field{"sha256", &S::sha256, When::kNonEmpty}};
  }
};

struct Step {
  std::string name;
  std::optional<BashScript> run_bash_script;

  static constexpr auto Fields() {
    return std::tuple{Field{"name", &Step::name, When::kNonEmpty},
                      Field{"run_bash_script", &Step::run_bash_script, When::kNonEmpty}};
  }
};

struct HealthStatePlugin {
  std::vector<Step> steps;
  std::optional<Parser> parser;

  static constexpr auto Fields() {
    using P = HealthStatePlugin;
    return std::tuple{Field{"steps", &P::steps, When::kNonEmpty},
                      Field{"parser", &P::parser, When::kNonEmpty}};
  }
};

/// What a run may use. Zero = gpud's default, for `cpus` no limit.
struct Limits {
  std::uint64_t memory_bytes = 0;     ///< of all its processes (a quarter of the machine's)
  double cpus = 0;                    ///< of CPU time per second
  std::uint64_t pids = 0;             ///< processes and threads (1024)
  std::uint64_t file_size_bytes = 0;  ///< of a file that it writes (1 GiB)

  static constexpr auto Fields() {
    using L = Limits;
    return std::tuple{Field{"memory_bytes", &L::memory_bytes, When::kNonEmpty},
                      Field{"cpus", &L::cpus, When::kNonEmpty},
                      Field{"pids", &L::pids, When::kNonEmpty},
                      Field{"file_size_bytes", &L::file_size_bytes, When::kNonEmpty}};
  }
};

/// How the script's exit code and output are read.
enum class OutputFormat : unsigned char {
  kGpud,         ///< exit 0 is well, JSON by `parser`
  kNagios,       ///< exit 0 ok, 1 warning, 2 critical, 3 unknown; perfdata become metrics
  kNpd,          ///< node-problem-detector: exit 0 ok, 1 not ok, 2 unknown
  kOpenMetrics,  ///< exit 0 is well; the output is metrics
};
}  // namespace gpud::plugins

template <>
struct gpud::EnumWords<gpud::plugins::OutputFormat> {
  static constexpr std::string_view kWords[] = {"gpud", "nagios", "npd", "openmetrics"};
};

namespace gpud::plugins {

struct Spec {
  std::string plugin_name;
  std::string plugin_type;  ///< init or component
  std::string run_mode;     ///< only "manual" changes anything
  std::vector<std::string> tags;
  HealthStatePlugin health_state_plugin;
  Duration timeout{std::chrono::minutes(1)};  ///< for all steps together
  Duration interval;                          ///< zero = once, at the start

  // What the original does not have.
  std::optional<OutputFormat> output_format;
  std::map<std::string, std::string> environment;
  bool long_running = false;  ///< one script that prints a JSON object a line, and does not end
  std::string user;           ///< name or number; empty = who gpud is
  std::optional<int> nice;    ///< -20..19
  std::optional<Limits> limits;

  // Not of the file.
  std::string unsupported;  ///< why it is of no use on this machine: it never runs then

  bool manual() const { return run_mode == "manual"; }
  bool init() const { return plugin_type == "init"; }
  OutputFormat format() const { return output_format.value_or(OutputFormat::kGpud); }

  static constexpr auto Fields() {
    using S = Spec;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"plugin_name", &S::plugin_name},
                      Field{"plugin_type", &S::plugin_type},
                      Field{"run_mode", &S::run_mode},
                      Field{"tags", &S::tags, kOmit},
                      Field{"health_state_plugin", &S::health_state_plugin},
                      Field{"timeout", &S::timeout},
                      Field{"interval", &S::interval},
                      Field{"output_format", &S::output_format, kOmit},
                      Field{"environment", &S::environment, kOmit},
                      Field{"long_running", &S::long_running, kOmit},
                      Field{"user", &S::user, kOmit},
                      Field{"nice", &S::nice, kOmit},
                      Field{"limits", &S::limits, kOmit}};
  }
};

/// Trimmed, in lower case, blanks as dashes: " My Check " -> "my-check".
std::string ComponentName(std::string_view plugin_name);
/// The component's name as the front of metric names: `-`, `.` and `/` are `_`.
std::string MetricPrefix(std::string_view component);

/// Effective specs as GET /v1/plugins gives them: null when there are none.
std::string SpecsJson(const std::vector<Spec>& specs);

/// The script's bytes. Errors: kParse, with Go's words for base64; kUnsupported, the content type.
Result<std::string> Decode(const BashScript& script);
/// In lower-case hexadecimal.
std::string Sha256Hex(std::string_view bytes);

}  // namespace gpud::plugins
