// SPDX-License-Identifier: Apache-2.0
// Schemas: the JSON Schema of a wire struct, from its field table (model/fields.h).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "model/fields.h"
#include "model/machine_info.h"
#include "platform/clock.h"
#include "platform/json.h"
#include "server/health_answer.h"
#include "server/routes_wire.h"
#include "sources/gpu/processes.h"

namespace gpud::server {

/// Under which name a struct stands in components/schemas; without one it is written in place.
template <class T>
inline constexpr std::string_view kSchemaName = "";
template <>
inline constexpr std::string_view kSchemaName<HealthState> = "HealthState";
template <>
inline constexpr std::string_view kSchemaName<SuggestedActions> = "SuggestedActions";
template <>
inline constexpr std::string_view kSchemaName<Event> = "Event";
template <>
inline constexpr std::string_view kSchemaName<DetailedEvent> = "DetailedEvent";
template <>
inline constexpr std::string_view kSchemaName<Metric> = "Metric";
template <>
inline constexpr std::string_view kSchemaName<MachineInfo> = "MachineInfo";
template <>
inline constexpr std::string_view kSchemaName<HealthAnswer> = "HealthAnswer";
template <>
inline constexpr std::string_view kSchemaName<gpu::Process> = "GpuProcess";

namespace internal {
template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <class T>
inline constexpr bool kIsList = false;
template <class T>
inline constexpr bool kIsList<std::vector<T>> = true;
template <class T>
inline constexpr bool kIsMap = false;
template <class T>
inline constexpr bool kIsMap<std::map<std::string, T>> = true;
}  // namespace internal

class Schemas {
 public:
  /// The schema as JSON text: a $ref for a struct with a name, which is kept for named().
  template <class T>
  std::string Of() {
    using internal::kIsList, internal::kIsMap, internal::kIsOptional;
    if constexpr (kIsOptional<T>) {
      return OrNull(Of<typename T::value_type>());
    } else if constexpr (kIsList<T>) {
      return R"({"type":"array","items":)" + Of<typename T::value_type>() + '}';
    } else if constexpr (kIsMap<T>) {
      return R"({"type":"object","additionalProperties":)" + Of<typename T::mapped_type>() + '}';
    } else if constexpr (HasFields<T>) {
      if (kSchemaName<T>.empty()) return ObjectOf<T>();
      const std::string name(kSchemaName<T>);
      if (!named_.contains(name)) named_[name] = ObjectOf<T>();
      return R"({"$ref":"#/components/schemas/)" + name + R"("})";
    } else if constexpr (std::is_same_v<T, Json>) {
      return "{}";
    } else if constexpr (std::is_same_v<T, WallTime>) {
      return R"({"type":["string","null"],"format":"date-time"})";
    } else if constexpr (WireEnum<T>) {
      std::string words;
      for (const std::string_view word : EnumWords<T>::kWords) {
        words += words.empty() ? "" : ",";
        AppendJsonString(words, word);
      }
      return R"({"type":"string","enum":[)" + words + "]}";
    } else if constexpr (std::is_same_v<T, bool>) {
      return R"({"type":"boolean"})";
    } else if constexpr (std::is_unsigned_v<T>) {
      return R"({"type":"integer","minimum":0})";
    } else if constexpr (std::is_integral_v<T>) {
      return R"({"type":"integer"})";
    } else if constexpr (std::is_floating_point_v<T>) {
      return R"({"type":"number"})";
    } else {
      static_assert(std::is_same_v<T, std::string>, "no schema for this type");
      return R"({"type":"string"})";
    }
  }

  /// The same for the body of a request, where null stands for a member that is left out.
  template <class T>
  std::string OfRequest() {
    in_request_ = true;
    std::string schema = Of<T>();
    in_request_ = false;
    return schema;
  }

  static std::string AnyOf(const std::string& a, const std::string& b) {
    return R"({"anyOf":[)" + a + ',' + b + "]}";
  }
  static std::string OrNull(const std::string& schema) {
    return AnyOf(schema, R"({"type":"null"})");
  }

  const std::map<std::string, std::string>& named() const { return named_; }

 private:
  template <class T>
  std::string ObjectOf() {
    std::string properties, required;
    ForEachField<T>([&](const auto& field) {
      using Member = std::remove_cvref_t<decltype(std::declval<T>().*field.member)>;
      if (!properties.empty()) properties += ',';
      AppendJsonString(properties, field.name);
      properties += ':';
      if (field.when == When::kAlways) {
        if (!required.empty()) required += ',';
        AppendJsonString(required, field.name);
        properties += Of<Member>();
      } else if constexpr (internal::kIsOptional<Member>) {
        const std::string schema = Of<typename Member::value_type>();  // left out, not null
        properties += in_request_ ? OrNull(schema) : schema;
      } else {
        properties += in_request_ ? OrNull(Of<Member>()) : Of<Member>();
      }
    });
    std::string schema = R"({"type":"object","properties":{)" + properties + '}';
    if (!required.empty()) schema += R"(,"required":[)" + required + ']';
    return schema + '}';
  }

  std::map<std::string, std::string> named_;
  bool in_request_ = false;
};

}  // namespace gpud::server
