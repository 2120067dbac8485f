// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

#include <ostream>

namespace gpud::cli {
namespace {

std::string_view CodeWord(ErrorCode code) {
  switch (code) {
    case ErrorCode::kNotFound:
      return "not_found";
    case ErrorCode::kPermission:
      return "permission_denied";
    case ErrorCode::kTimeout:
      return "timeout";
    case ErrorCode::kParse:
      return "invalid_argument";
    case ErrorCode::kUnsupported:
      return "unsupported";
    case ErrorCode::kDeviceLost:
      return "device_lost";
    case ErrorCode::kIo:
    case ErrorCode::kInternal:
      return "failed";
  }
  return "failed";
}

}  // namespace

Format FormatOf(const Arguments& arguments) {
  const std::string word = arguments.Text("output", "table");
  return word == "json" ? Format::kJson : word == "yaml" ? Format::kYaml : Format::kTable;
}

Result<bool> OriginalJson(const Arguments& arguments) {
  const std::string given = arguments.Text("output-format", "plain");
  const std::string word = ToLower(Trim(given));
  if (word == "json") return true;
  if (word == "plain") return false;
  return Fail(ErrorCode::kParse,
              "invalid output format \"" + given + "\" (supported: \"plain\", \"json\")");
}

std::string Rendered(const Json& json, Format format) {
  return format == Format::kYaml ? YamlText(json) : JsonText(json, 2) + '\n';
}

int Failure(Context& context, const Arguments& arguments, std::string_view code,
            std::string_view message, int exit_code) {
  const Format format = FormatOf(arguments);
  if (format == Format::kTable && !OriginalJson(arguments).value_or(false)) {
    context.err << CrossMark(context.err_terminal) << ' ' << message << '\n';
    return exit_code;
  }
  const Json error{
      Json::Object{{"error", Json{Json::Object{{"code", Json{std::string(code)}},
                                               {"message", Json{std::string(message)}}}}}}};
  context.out << (format == Format::kYaml ? YamlText(error) : JsonText(error) + '\n');
  return exit_code;
}

int Failure(Context& context, const Arguments& arguments, const Error& error, int exit_code) {
  return Failure(context, arguments, CodeWord(error.code), error.what, exit_code);
}

int Failure(Context& context, const Arguments& arguments, std::string_view code,
            const std::vector<std::string>& messages) {
  if (FormatOf(arguments) == Format::kTable) {
    for (const std::string& message : messages) Failure(context, arguments, code, message);
    return 1;
  }
  std::string all;
  for (const std::string& message : messages) all += (all.empty() ? "" : "\n") + message;
  return Failure(context, arguments, code, all);
}

std::ostream& LabelStream(const Context& context, const Arguments& arguments) {
  const bool for_a_person =
      FormatOf(arguments) == Format::kTable && !OriginalJson(arguments).value_or(false);
  return for_a_person ? context.out : context.err;
}

std::string SimulatedLabel(std::string_view scenario) {
  return "SIMULATED: " + OneLine(scenario) + "\n";
}

void Warn(Context& context, std::string_view text) { context.err << "warning: " << text << '\n'; }

}  // namespace gpud::cli
