// SPDX-License-Identifier: Apache-2.0
#include "sources/host/os_release.h"

#include "platform/text.h"

namespace gpud::host {
namespace {

std::string Unquote(std::string_view value) {
  value = Trim(value);
  const char quote = value.empty() ? '\0' : value.front();
  const bool quoted = value.size() >= 2 && (quote == '"' || quote == '\'') && value.back() == quote;
  if (quoted) value = value.substr(1, value.size() - 2);
  std::string plain;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && quote != '\'' && i + 1 < value.size()) ++i;
    plain += value[i];
  }
  return plain;
}

}  // namespace

Result<OsRelease> ParseOsRelease(std::string_view text) {
  OsRelease release;
  const std::pair<std::string_view, std::string*> rows[] = {{"ID", &release.id},
                                                            {"NAME", &release.name},
                                                            {"PRETTY_NAME", &release.pretty_name},
                                                            {"ID_LIKE", &release.id_like},
                                                            {"VERSION_ID", &release.version_id}};
  for (std::string_view line; NextLine(text, line);) {
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    for (const auto& [key, target] : rows) {
      if (Trim(line.substr(0, equals)) == key) *target = Unquote(line.substr(equals + 1));
    }
  }
  if (release.pretty_name.empty()) release.pretty_name = release.name;
  if (release.pretty_name.empty()) return Fail(ErrorCode::kParse, "os-release: no name");
  return release;
}

Result<OsRelease> ReadOsRelease(const Root& root) {
  auto text = root.Read("/etc/os-release");
  if (!text) text = root.Read("/usr/lib/os-release");
  return std::move(text).and_then(ParseOsRelease);
}

}  // namespace gpud::host
