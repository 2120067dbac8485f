// SPDX-License-Identifier: Apache-2.0
#include "platform/json.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cmath>

#include "platform/text.h"

namespace gpud {
namespace {

/// Clears `finite` when a number is too large for a double.
Json FromBoost(const boost::json::value& from, bool& finite) {
  switch (from.kind()) {
    case boost::json::kind::null:
      return {};
    case boost::json::kind::bool_:
      return {from.get_bool()};
    case boost::json::kind::int64:
      return {from.get_int64()};
    case boost::json::kind::uint64:
      return {from.get_uint64()};
    case boost::json::kind::double_:
      finite = finite && std::isfinite(from.get_double());
      return {from.get_double()};
    case boost::json::kind::string:
      return {std::string(from.get_string())};
    case boost::json::kind::array: {
      Json::Array array;
      array.reserve(from.get_array().size());
      for (const auto& item : from.get_array()) array.push_back(FromBoost(item, finite));
      return {std::move(array)};
    }
    case boost::json::kind::object: {
      Json::Object object;
      object.reserve(from.get_object().size());
      for (const auto& member : from.get_object()) {
        object.emplace_back(std::string(member.key()), FromBoost(member.value(), finite));
      }
      return {std::move(object)};
    }
  }
  return {};
}

void AppendScalar(std::string& out, const Json& json) {
  if (const auto* b = std::get_if<bool>(&json.value)) {
    out += *b ? "true" : "false";
  } else if (const auto* i = std::get_if<std::int64_t>(&json.value)) {
    out += std::to_string(*i);
  } else if (const auto* u = std::get_if<std::uint64_t>(&json.value)) {
    out += std::to_string(*u);
  } else if (const auto* d = std::get_if<double>(&json.value)) {
    out += NumberText(*d);
  } else {
    out += "null";
  }
}

void Break(std::string& out, int indent, int depth) {
  if (indent == 0) return;
  out += '\n';
  out.append(static_cast<std::size_t>(indent * depth), ' ');
}

void AppendJson(std::string& out, const Json& json, int indent, int depth) {
  if (const auto* text = json.AsString()) {
    AppendJsonString(out, *text);
  } else if (const auto* array = json.AsArray()) {
    out += '[';
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (i > 0) out += ',';
      Break(out, indent, depth + 1);
      AppendJson(out, (*array)[i], indent, depth + 1);
    }
    if (!array->empty()) Break(out, indent, depth);
    out += ']';
  } else if (const auto* object = json.AsObject()) {
    out += '{';
    for (std::size_t i = 0; i < object->size(); ++i) {
      if (i > 0) out += ',';
      Break(out, indent, depth + 1);
      AppendJsonString(out, (*object)[i].first);
      out += indent == 0 ? ":" : ": ";
      AppendJson(out, (*object)[i].second, indent, depth + 1);
    }
    if (!object->empty()) Break(out, indent, depth);
    out += '}';
  } else {
    AppendScalar(out, json);
  }
}

/// True where YAML 1.1 or 1.2 would read the plain word as the same string (conservative: letters
/// first, only safe characters, none of the words that mean something else).
bool PlainIsSafe(std::string_view text) {
  static constexpr std::string_view kWords[] = {"true", "false", "yes", "no",  "on", "off",
                                                "null", "y",     "n",   "nan", "inf"};
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (text.empty() || !(letter(text.front()) || text.front() == '/')) return false;
  for (const char c : text) {
    const bool safe = letter(c) || (c >= '0' && c <= '9') || c == ' ' || c == '_' || c == '-' ||
                      c == '.' || c == '/' || c == '(' || c == ')' || c == '+';
    if (!safe) return false;
  }
  if (text.back() == ' ') return false;
  const std::string lower = ToLower(text);
  return std::find(std::begin(kWords), std::end(kWords), lower) == std::end(kWords);
}

/// True where a block literal gives back exactly the text: printable lines, no leading blank.
bool BlockIsSafe(std::string_view text) {
  if (text.find('\n') == std::string_view::npos || text.front() == ' ' || text.front() == '\n') {
    return false;
  }
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c == '\n' || static_cast<unsigned char>(c) >= 0x20; }) &&
         text.find('\x7F') == std::string_view::npos &&
         text.find("\xC2\x85") == std::string_view::npos &&      // NEL, and the two separators:
         text.find("\xE2\x80\xA8") == std::string_view::npos &&  // YAML 1.1 takes them as breaks
         text.find("\xE2\x80\xA9") == std::string_view::npos &&
         text.find("\xEF\xBF\xBE") == std::string_view::npos;
}

void AppendYamlString(std::string& out, const std::string& text, int depth) {
  if (PlainIsSafe(text)) {
    out += text;
    return;
  }
  if (!BlockIsSafe(text)) {
    AppendJsonString(out, text);  // a JSON string is a YAML double-quoted scalar
    return;
  }
  std::string_view rest = text;
  if (!rest.ends_with('\n')) {
    out += "|-";
  } else {
    out += rest.ends_with("\n\n") ? "|+" : "|";
  }
  std::string_view line;
  if (rest.ends_with('\n')) rest.remove_suffix(1);
  for (;;) {
    const std::size_t end = rest.find('\n');
    line = rest.substr(0, end);
    out += '\n';
    if (!line.empty()) out.append(static_cast<std::size_t>(2 * depth), ' ').append(line);
    if (end == std::string_view::npos) return;
    rest.remove_prefix(end + 1);
  }
}

void AppendYaml(std::string& out, const Json& json, int depth, bool in_list);

void AppendYamlValue(std::string& out, const Json& json, int depth) {
  const auto* array = json.AsArray();
  const auto* object = json.AsObject();
  if (array && !array->empty()) {
    out += '\n';
    AppendYaml(out, json, depth, false);
  } else if (object && !object->empty()) {
    out += '\n';
    AppendYaml(out, json, depth + 1, false);
  } else {
    out += ' ';
    AppendYaml(out, json, depth + 1, false);
    out += '\n';
  }
}

/// Writes a scalar without a newline, a list or an object with one. `in_list`: the cursor stands
/// behind "- ", so the first key needs no indent.
void AppendYaml(std::string& out, const Json& json, int depth, bool in_list) {
  const auto pad = [&] { out.append(static_cast<std::size_t>(2 * depth), ' '); };
  if (const auto* text = json.AsString()) {
    AppendYamlString(out, *text, depth);
  } else if (const auto* array = json.AsArray()) {
    if (array->empty()) out += "[]";
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (i > 0 || !in_list) pad();
      out += "- ";
      const Json& item = (*array)[i];
      const bool nested = (item.AsArray() && !item.AsArray()->empty()) ||
                          (item.AsObject() && !item.AsObject()->empty());
      AppendYaml(out, item, depth + 1, nested);
      if (!nested) out += '\n';
    }
  } else if (const auto* object = json.AsObject()) {
    if (object->empty()) out += "{}";
    std::vector<const std::pair<std::string, Json>*> sorted;
    for (const auto& member : *object) sorted.push_back(&member);
    std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->first < b->first; });
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      if (i > 0 || !in_list) pad();
      if (PlainIsSafe(sorted[i]->first)) {
        out += sorted[i]->first;
      } else {
        AppendJsonString(out, sorted[i]->first);
      }
      out += ':';
      AppendYamlValue(out, sorted[i]->second, depth);
    }
  } else {
    AppendScalar(out, json);
  }
}

}  // namespace

const Json* Json::Find(std::string_view key) const {
  const auto* object = AsObject();
  if (!object) return nullptr;
  for (const auto& member : *object) {
    if (member.first == key) return &member.second;
  }
  return nullptr;
}

const double* Json::AsNumber(double& storage) const {
  if (const auto* i = std::get_if<std::int64_t>(&value)) {
    storage = static_cast<double>(*i);
  } else if (const auto* u = std::get_if<std::uint64_t>(&value)) {
    storage = static_cast<double>(*u);
  } else if (const auto* d = std::get_if<double>(&value)) {
    storage = *d;
  } else {
    return nullptr;
  }
  return &storage;
}

Result<Json> ParseJson(std::string_view text) {
  try {
    boost::json::error_code error;
    const boost::json::value value = boost::json::parse(text, error);
    if (error) return Fail(ErrorCode::kParse, "JSON: " + error.message());
    bool finite = true;
    Json json = FromBoost(value, finite);
    if (!finite) return Fail(ErrorCode::kParse, "JSON: a number is out of range");
    return json;
  } catch (const std::exception& problem) {  // out of memory, too deep
    return Fail(ErrorCode::kParse, std::string("JSON: ") + problem.what());
  }
}

std::string JsonText(const Json& json, int indent) {
  std::string out;
  AppendJson(out, json, indent, 0);
  return out;
}

std::string YamlText(const Json& json) {
  std::string out;
  AppendYaml(out, json, 0, false);
  if (out.empty() || out.back() != '\n') out += '\n';
  return out;
}

void AppendJsonString(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  const bool ascii = std::all_of(text.begin(), text.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  std::string mended;
  if (!ascii) {
    mended = ValidUtf8(text);
    text = mended;
  }
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == '\x7F') {
          out += "\\u00";
          out += kHex[static_cast<unsigned char>(c) >> 4];
          out += kHex[c & 0xF];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

}  // namespace gpud
