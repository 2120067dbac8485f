// SPDX-License-Identifier: Apache-2.0
// Output: `--output table|json|yaml`, and how a command says that it failed.
#pragma once

#include "cli/command.h"
#include "model/json_codec.h"

namespace gpud::cli {

enum class Format : unsigned char { kTable, kJson, kYaml };

inline constexpr Flag kOutputFlags[] = {{.name = "output",
                                         .letter = 'o',
                                         .value = "FORMAT",
                                         .help = "table, json or yaml",
                                         .choices = "table,json,yaml"}};
/// The original's flag, for the commands that have it: one line of JSON.
inline constexpr Flag kOutputFormatFlags[] = {
    {.name = "output-format",
     .value = "FORMAT",
     .help = "plain or json (one line, as the original)"}};

Format FormatOf(const Arguments& arguments);
/// True for `--output-format json` (trimmed, any case). Error: kParse, another word than plain.
Result<bool> OriginalJson(const Arguments& arguments);

/// A struct with a field table, or a list of them.
template <class T>
Json JsonOf(const T& value) {
  std::string text;
  AppendJson(text, value);
  return ParseJson(text).value_or(Json{});
}

/// JSON indented by 2, or YAML; ends in a newline.
std::string Rendered(const Json& json, Format format);

/// `✘ MESSAGE` on stderr; where JSON or YAML was asked for, {"error":{"code":...,"message":...}} on
/// stdout instead. Returns `exit_code`.
int Failure(Context& context, const Arguments& arguments, std::string_view code,
            std::string_view message, int exit_code = 1);
/// The same with a code word from the error's: "not_found", "permission_denied" ...
int Failure(Context& context, const Arguments& arguments, const Error& error, int exit_code = 1);

/// The same for several at once: a line each, or one JSON error with all lines in its message.
int Failure(Context& context, const Arguments& arguments, std::string_view code,
            const std::vector<std::string>& messages);

/// Where "SIMULATED: NAME" goes, which comes before all else: stdout for a person, stderr where a
/// program reads stdout.
std::ostream& LabelStream(const Context& context, const Arguments& arguments);
std::string SimulatedLabel(std::string_view scenario);

/// "warning: TEXT" on stderr.
void Warn(Context& context, std::string_view text);

}  // namespace gpud::cli
