// SPDX-License-Identifier: Apache-2.0
#include "tools/catalog/columns.h"

#include <algorithm>

#include "catalog/rules.h"
#include "catalog/sxid.h"
#include "catalog/text.h"
#include "platform/text.h"

namespace gpud::tools {
namespace {

constexpr Column kXid[] = {
    {"code", "code", Kind::kNumber},
    {"mnemonic", "mnemonic", Kind::kText},
    {"meaning", "meaning", Kind::kText},
    {"category", "category", Kind::kCategory},
    {"severity", "severity", Kind::kSeverity},
    {"reboot_worthy", "reboot_worthy", Kind::kFlag},
    {"immediate_action", "immediate", Kind::kAction},
    {"investigatory_action", "investigatory", Kind::kOptionalAction},
    {"applies_to", "applies_to", Kind::kOptionalText},
    {"nvidia_immediate_bucket", "nvidia_immediate_bucket", Kind::kOptionalText},
    {"nvidia_investigatory_bucket", "nvidia_investigatory_bucket", Kind::kOptionalText},
    {"xid154_linked", "xid154_linked", Kind::kOptionalFlag},
    {"legacy_causes", "legacy_causes", Kind::kOptionalText},
    {"peer_gpud_go", "peer_gpud_go", Kind::kOptionalText},
    {"peer_aws_eks", "peer_aws_eks", Kind::kOptionalText},
    {"peer_dcgm_health", "peer_dcgm_health", Kind::kOptionalText},
    {"peer_meta_gcm", "peer_meta_gcm", Kind::kOptionalText},
    {"confidence", "confidence", Kind::kConfidence},
    {"source_notes", "notes", Kind::kOptionalText},
};

constexpr Column kNvlink5[] = {
    {"xid", "xid", Kind::kNumber},
    {"unit_v1", "unit_v1", Kind::kText},
    {"unit_v2", "unit_v2", Kind::kText},
    {"intrinfo_pattern_v1", "", Kind::kPattern},
    {"intrinfo_pattern_v2", "", Kind::kPattern},
    {"intrinfo_mask_v1", "mask_v1", Kind::kHex},
    {"intrinfo_value_v1", "value_v1", Kind::kHex},
    {"intrinfo_mask_v2", "mask_v2", Kind::kHex},
    {"intrinfo_value_v2", "value_v2", Kind::kHex},
    {"error_status", "error_status", Kind::kStatus},
    {"error_status_match", "any_error_status", Kind::kStatusMatch},
    {"link_down_code", "link_down_code", Kind::kOptionalNumber},
    {"link_down_reason", "link_down_reason", Kind::kOptionalText},
    {"nvidia_severity", "nvidia_severity", Kind::kText},
    {"severity", "severity", Kind::kSeverity},
    {"origin", "origin", Kind::kText},
    {"local_impact", "local_impact", Kind::kText},
    {"remote_impact", "remote_impact", Kind::kText},
    {"reboot_worthy", "reboot_worthy", Kind::kFlag},
    {"immediate_action", "immediate", Kind::kAction},
    {"investigatory_action", "investigatory", Kind::kOptionalAction},
    {"promoted_action", "promoted", Kind::kOptionalAction},
    {"promote_bit_v1", "promote_bit_v1", Kind::kOptionalHex},
    {"promote_bit_v2", "promote_bit_v2", Kind::kOptionalHex},
    {"nvidia_immediate_bucket", "nvidia_immediate_bucket", Kind::kOptionalText},
    {"nvidia_investigatory_bucket", "nvidia_investigatory_bucket", Kind::kOptionalText},
    {"confidence", "confidence", Kind::kConfidence},
    {"notes", "notes", Kind::kOptionalText},
};

constexpr Column kSxid[] = {
    {"sxid", "code", Kind::kNumber},
    {"mnemonic", "mnemonic", Kind::kOptionalText},
    {"unit", "unit", Kind::kText},
    {"meaning", "meaning", Kind::kText},
    {"driver_log_text", "driver_log_text", Kind::kOptionalText},
    {"class", "sxid_class", Kind::kSxidClass},
    {"driver_report", "", Kind::kLeftOut},
    {"device_fatal", "device_fatal", Kind::kOptionalFlag},
    {"potential_impact", "impact", Kind::kText},
    {"recovery_action", "recovery", Kind::kText},
    {"severity", "severity", Kind::kSeverity},
    {"reboot_worthy", "reboot_worthy", Kind::kFlag},
    {"immediate_action", "immediate", Kind::kAction},
    {"investigatory_action", "investigatory", Kind::kOptionalAction},
    {"peer_gpud_go", "peer_gpud_go", Kind::kOptionalText},
    {"peer_nvsentinel", "peer_nvsentinel", Kind::kOptionalText},
    {"confidence", "confidence", Kind::kConfidence},
    {"source_notes", "notes", Kind::kOptionalText},
};

template <WireEnum E>
std::optional<std::string> Enumerator(std::string_view type, std::string_view word) {
  E value{};
  if (!ParseWord(word, value)) return std::nullopt;
  return std::string(type) + '{' + std::to_string(static_cast<int>(value)) + '}';
}

template <WireEnum E>
std::string Words() {
  std::string words;
  for (const std::string_view word : EnumWords<E>::kWords) {
    if (!word.empty()) words += (words.empty() ? "one of " : ", ") + std::string(word);
  }
  return words;
}

std::optional<std::string> SeverityText(std::string_view word) {
  EventType severity{};
  // Only lower case here, so that the files stay uniform.
  if (ToLower(word) != word || !catalog::ParseSeverity(word, severity)) return std::nullopt;
  return "EventType{" + std::to_string(static_cast<int>(severity)) + '}';
}

/// "A, .other_error_status = B".
std::optional<std::string> StatusText(std::string_view field) {
  if (field.empty()) return "0";
  const std::size_t slash = field.find('/');
  const std::string_view one = field.substr(0, slash);
  const std::string_view other = slash == field.npos ? one : field.substr(slash + 1);
  if (!ParseHex(one) || !ParseHex(other)) return std::nullopt;
  return std::string(one) + ", .other_error_status = " + std::string(other);
}

/// The value of a field as C++; nothing when it does not fit the kind.
std::optional<std::string> Value(Kind kind, std::string_view field, TextPool& pool) {
  const auto only_if = [&field](bool fits) {
    return fits ? std::optional(std::string(field)) : std::nullopt;
  };
  switch (kind) {
    case Kind::kNumber:
      return only_if(ParseNumber<std::uint32_t>(field).has_value());
    case Kind::kOptionalNumber:
      return field.empty() ? std::optional<std::string>("{}")
                           : only_if(ParseNumber<std::uint8_t>(field).has_value());
    case Kind::kHex:
      return only_if(ParseHex(field).has_value());
    case Kind::kOptionalHex:
      return field.empty() ? std::optional<std::string>("0") : only_if(ParseHex(field).has_value());
    case Kind::kText:
      return field.empty() ? std::nullopt : pool.Add(field);
    case Kind::kOptionalText:
      return pool.Add(field);
    case Kind::kFlag:
    case Kind::kOptionalFlag:
      if (field == "y") return "true";
      if (field == "n" || (field.empty() && kind == Kind::kOptionalFlag)) return "false";
      return std::nullopt;
    case Kind::kSeverity:
      return SeverityText(field);
    case Kind::kAction:
      return field.empty() ? std::nullopt : Enumerator<Advice>("Advice", field);
    case Kind::kOptionalAction:
      return Enumerator<Advice>("Advice", field);
    case Kind::kCategory:
      return Enumerator<catalog::Category>("Category", field);
    case Kind::kSxidClass:
      return Enumerator<catalog::SxidClass>("SxidClass", field);
    case Kind::kConfidence:
      return Enumerator<catalog::Confidence>("Confidence", field);
    case Kind::kPattern:
      return only_if(field.size() == 32 && field.find_first_not_of("01-") == field.npos);
    case Kind::kStatus:
      return StatusText(field);
    case Kind::kStatusMatch:
      if (field == "any") return "true";
      return field == "exact" ? std::optional<std::string>("false") : std::nullopt;
    case Kind::kLeftOut:
      return "";
  }
  return std::nullopt;
}

}  // namespace

constinit const std::span<const Column> kXidColumns = kXid;
constinit const std::span<const Column> kNvlink5Columns = kNvlink5;
constinit const std::span<const Column> kSxidColumns = kSxid;

std::optional<std::string> TextPool::Add(std::string_view text) {
  if (text.empty()) return "{}";
  if (text.size() > catalog::Text::kLongest) return std::nullopt;
  auto found = offsets_.find(text);
  if (found == offsets_.end()) {
    if (bytes_.size() + text.size() > catalog::Text::kLargestPool) return std::nullopt;
    found = offsets_.emplace(text, bytes_.size()).first;
    bytes_ += text;
  }
  return '{' + std::to_string(found->second) + ", " + std::to_string(text.size()) + '}';
}

std::optional<std::string> Initialiser(const Column& column, std::string_view field,
                                       TextPool& pool) {
  const auto value = Value(column.kind, field, pool);
  if (!value || column.member.empty()) return value ? std::optional<std::string>("") : value;
  return '.' + std::string(column.member) + " = " + *value + ", ";
}

std::string Expected(Kind kind) {
  switch (kind) {
    case Kind::kNumber:
    case Kind::kOptionalNumber:
      return "a number";
    case Kind::kHex:
    case Kind::kOptionalHex:
      return "a number such as 0x0000001f";
    case Kind::kText:
      return "a text of 1 to " + std::to_string(catalog::Text::kLongest) + " bytes";
    case Kind::kOptionalText:
      return "a text of at most " + std::to_string(catalog::Text::kLongest) + " bytes";
    case Kind::kFlag:
    case Kind::kOptionalFlag:
      return "y or n";
    case Kind::kSeverity:
      return "one of " + std::string(catalog::kSeverityWords);
    case Kind::kAction:
    case Kind::kOptionalAction:
      return Words<Advice>();
    case Kind::kCategory:
      return Words<catalog::Category>();
    case Kind::kSxidClass:
      return Words<catalog::SxidClass>();
    case Kind::kConfidence:
      return Words<catalog::Confidence>();
    case Kind::kPattern:
      return "32 characters of 0, 1 and -";
    case Kind::kStatus:
      return "0xNNNNNNNN, two of them with a slash, or nothing";
    case Kind::kStatusMatch:
      return "exact or any";
    case Kind::kLeftOut:
      return "anything";
  }
  return {};
}

std::optional<std::uint32_t> ParseHex(std::string_view text) {
  if (text.size() != 10 || !text.starts_with("0x")) return std::nullopt;
  return ParseNumber<std::uint32_t>(text.substr(2), 16);
}

}  // namespace gpud::tools
