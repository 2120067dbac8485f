// SPDX-License-Identifier: Apache-2.0
// Values as Go would print them, and the first object of a text.
#include <algorithm>
#include <charconv>
#include <map>

#include "platform/text.h"
#include "plugins/json_path.h"

namespace gpud::plugins {
namespace {

/// Go's strconv 'g' with the shortest precision: plain decimals between 1e-4 and 1e6.
std::string NumberG(double value) {
  char buffer[64];
  auto end =
      std::to_chars(std::begin(buffer), std::end(buffer), value, std::chars_format::scientific);
  const std::string_view scientific(buffer, static_cast<std::size_t>(end.ptr - buffer));
  const std::size_t e = scientific.find('e');
  if (e == std::string_view::npos) return std::string(scientific);
  std::string_view digits = scientific.substr(e + 1);
  if (digits.starts_with('+')) digits.remove_prefix(1);
  const int exponent = ParseNumber<int>(digits).value_or(0);
  if (exponent < -4 || exponent >= 6) return std::string(scientific);
  end = std::to_chars(std::begin(buffer), std::end(buffer), value, std::chars_format::fixed);
  return {buffer, end.ptr};
}

/// As Go's encoding/json: "<", ">", "&" and the two separators are escaped, keys sorted.
void AppendGoJson(std::string& out, const Json& value) {
  double number = 0;
  if (const std::string* text = value.AsString()) {
    std::string quoted;
    AppendJsonString(quoted, *text);
    for (std::size_t i = 0; i < quoted.size(); ++i) {
      const std::string_view rest = std::string_view(quoted).substr(i);
      if (rest[0] == '<') {
        out += "\\u003c";
      } else if (rest[0] == '>') {
        out += "\\u003e";
      } else if (rest[0] == '&') {
        out += "\\u0026";
      } else if (rest.starts_with("\xE2\x80\xA8") || rest.starts_with("\xE2\x80\xA9")) {
        out += rest[2] == '\xA8' ? "\\u2028" : "\\u2029";
        i += 2;
      } else {
        out += rest[0];
      }
    }
  } else if (value.AsNumber(number)) {
    out += NumberText(number);
  } else if (const Json::Array* items = value.AsArray()) {
    out += '[';
    for (std::size_t i = 0; i < items->size(); ++i) {
      if (i > 0) out += ',';
      AppendGoJson(out, (*items)[i]);
    }
    out += ']';
  } else if (const Json::Object* members = value.AsObject()) {
    std::map<std::string_view, const Json*> sorted;
    for (const auto& [key, member] : *members) sorted[key] = &member;
    out += '{';
    const char* separator = "";
    for (const auto& [key, member] : sorted) {
      out += separator;
      AppendGoJson(out, {std::string(key)});
      out += ':';
      AppendGoJson(out, *member);
      separator = ",";
    }
    out += '}';
  } else {
    out += JsonText(value);
  }
}

/// How long the object is that starts at the front of `text`: to the brace that closes it.
std::size_t ObjectLength(std::string_view text) {
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
      continue;
    }
    if (c == '"') quoted = true;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return i + 1;
  }
  return text.size();
}

}  // namespace

std::string ValueText(const Json& value) {
  double number = 0;
  if (const std::string* text = value.AsString()) return *text;
  if (value.AsNumber(number)) return NumberG(number);
  std::string out;
  AppendGoJson(out, value);
  return out;
}

Result<std::optional<Json>> FirstObject(std::string_view text) {
  const std::size_t start = text.find('{');
  if (start == std::string_view::npos) return std::optional<Json>();
  const std::string_view rest = text.substr(start);
  auto object = ParseJson(ValidUtf8(rest.substr(0, ObjectLength(rest))));
  if (!object) return tl::unexpected<Error>(std::move(object).error());
  return std::optional<Json>(std::move(*object));
}

}  // namespace gpud::plugins
