// SPDX-License-Identifier: Apache-2.0
// JSON from and to structs with a field table (model/fields.h).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/fields.h"
#include "platform/clock.h"
#include "platform/json.h"
#include "platform/text.h"
#include "platform/time_text.h"

namespace gpud {

// --- what is empty ---------------------------------------------------------------------------
template <class T>
bool IsEmpty(const T& value) {
  if constexpr (requires { value.has_value(); }) {
    return !value.has_value();
  } else if constexpr (requires { value.empty(); }) {
    return value.empty();
  } else if constexpr (std::is_arithmetic_v<T>) {
    return value == T{};
  } else {
    return false;
  }
}

// --- struct to JSON --------------------------------------------------------------------------
template <class T>
void AppendJson(std::string& out, const T& value);
template <class T>
void AppendJson(std::string& out, const std::optional<T>& value);
template <class T>
void AppendJson(std::string& out, const std::vector<T>& value);
template <class T>
void AppendJson(std::string& out, const std::map<std::string, T>& value);

inline void AppendJson(std::string& out, const std::string& value) { AppendJsonString(out, value); }
inline void AppendJson(std::string& out, const Json& value) { out += JsonText(value); }
inline void AppendJson(std::string& out, const WallTime& value) {
  if (value == WallTime{}) {
    out += "null";
  } else {
    out += '"' + Rfc3339Seconds(value) + '"';
  }
}
template <class T>
void AppendJson(std::string& out, const std::optional<T>& value) {
  if (value) {
    AppendJson(out, *value);
  } else {
    out += "null";
  }
}
template <class T>
void AppendJson(std::string& out, const std::vector<T>& value) {
  out += '[';
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (i > 0) out += ',';
    AppendJson(out, value[i]);
  }
  out += ']';
}
template <class T>
void AppendJson(std::string& out, const std::map<std::string, T>& value) {
  out += '{';
  const char* separator = "";
  for (const auto& [key, item] : value) {
    out += separator;
    AppendJsonString(out, key);
    out += ':';
    AppendJson(out, item);
    separator = ",";
  }
  out += '}';
}

template <class T>
void AppendJson(std::string& out, const T& value) {
  if constexpr (HasFields<T>) {
    out += '{';
    const char* separator = "";
    ForEachField<T>([&](const auto& field) {
      const auto& member = value.*field.member;
      if (field.when == When::kNonEmpty && IsEmpty(member)) return;
      out += separator;
      out += '"';
      out += field.name;
      out += "\":";
      AppendJson(out, member);
      separator = ",";
    });
    out += '}';
  } else if constexpr (WireEnum<T>) {
    out += '"';
    out += Word(value);
    out += '"';
  } else if constexpr (std::is_same_v<T, bool>) {
    out += value ? "true" : "false";
  } else if constexpr (std::is_floating_point_v<T>) {
    out += NumberText(value);
  } else {
    static_assert(std::is_integral_v<T>, "no JSON form for this type");
    out += std::to_string(value);
  }
}

template <class T>
std::string ToJson(const T& value) {
  std::string out;
  AppendJson(out, value);
  return out;
}

// --- JSON to struct --------------------------------------------------------------------------
// Unknown members are ignored; null leaves the default; a wrong type is an error that names the
// path.
template <class T>
Result<void> FromJson(const Json& json, T& value);
template <class T>
Result<void> FromJson(const Json& json, std::optional<T>& value);
template <class T>
Result<void> FromJson(const Json& json, std::vector<T>& value);
template <class T>
Result<void> FromJson(const Json& json, std::map<std::string, T>& value);

inline tl::unexpected<Error> WrongType(std::string_view wanted) {
  return Fail(ErrorCode::kParse, "must be " + std::string(wanted));
}
inline Result<void> FromJson(const Json& json, Json& value) {
  value = json;
  return {};
}
inline Result<void> FromJson(const Json& json, std::string& value) {
  if (!json.AsString()) return WrongType("a string");
  value = *json.AsString();
  return {};
}
inline Result<void> FromJson(const Json& json, WallTime& value) {
  if (!json.AsString()) return WrongType("a time");
  auto time = ParseRfc3339(*json.AsString());
  if (!time) return tl::unexpected<Error>(std::move(time).error());
  value = *time;
  return {};
}
template <class T>
Result<void> FromJson(const Json& json, std::optional<T>& value) {
  value = T{};
  return FromJson(json, *value);
}
template <class T>
Result<void> FromJson(const Json& json, std::vector<T>& value) {
  if (!json.AsArray()) return WrongType("a list");
  for (std::size_t i = 0; i < json.AsArray()->size(); ++i) {
    if (auto done = FromJson((*json.AsArray())[i], value.emplace_back()); !done) {
      return Pass(std::move(done), "[" + std::to_string(i) + "]");
    }
  }
  return {};
}
template <class T>
Result<void> FromJson(const Json& json, std::map<std::string, T>& value) {
  if (!json.AsObject()) return WrongType("an object");
  for (const auto& [key, item] : *json.AsObject()) {
    if (auto done = FromJson(item, value[key]); !done) return Pass(std::move(done), key);
  }
  return {};
}

template <class T>
Result<void> FromJson(const Json& json, T& value) {
  if constexpr (HasFields<T>) {
    if (!json.AsObject()) return WrongType("an object");
    Result<void> outcome;
    ForEachField<T>([&](const auto& field) {
      const Json* member = json.Find(field.name);
      if (!outcome || !member || member->IsNull()) return;
      if (auto done = FromJson(*member, value.*field.member); !done) {
        outcome = Pass(std::move(done), field.name);
      }
    });
    return outcome;
  } else if constexpr (WireEnum<T>) {
    if (!json.AsString() || !ParseWord(*json.AsString(), value)) return WrongType("a known word");
    return {};
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!std::get_if<bool>(&json.value)) return WrongType("true or false");
    value = std::get<bool>(json.value);
    return {};
  } else if constexpr (std::is_floating_point_v<T>) {
    double storage = 0;
    if (!json.AsNumber(storage)) return WrongType("a number");
    value = static_cast<T>(storage);
    return {};
  } else {
    static_assert(std::is_integral_v<T>, "no JSON form for this type");
    if (const auto* i = std::get_if<std::int64_t>(&json.value); i && std::in_range<T>(*i)) {
      value = static_cast<T>(*i);
      return {};
    }
    if (const auto* u = std::get_if<std::uint64_t>(&json.value); u && std::in_range<T>(*u)) {
      value = static_cast<T>(*u);
      return {};
    }
    return WrongType("a whole number in range");
  }
}

template <class T>
Result<T> FromJsonText(std::string_view text) {
  auto json = ParseJson(text);
  if (!json) return tl::unexpected<Error>(std::move(json).error());
  T value{};
  if (auto done = FromJson(*json, value); !done) {
    return tl::unexpected<Error>(std::move(done).error());
  }
  return value;
}

}  // namespace gpud
