// SPDX-License-Identifier: Apache-2.0
#include "components/nvidia/xid/xid_line.h"

#include <algorithm>
#include <optional>

#include "components/line_pattern.h"
#include "platform/text.h"

namespace gpud::nvidia_xid {
namespace {

constexpr auto kNone = std::string_view::npos;
constexpr std::string_view kMark = "Xid (";

std::string_view TrimLeft(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return text;
}

/// Takes "KEY=value, " off the front; the value without quotes; nothing when it is not there. The
/// last one of a line has no comma.
std::optional<std::string_view> TakeField(std::string_view& text, std::string_view key) {
  const std::string_view rest = TrimLeft(text);
  if (!rest.starts_with(key)) return std::nullopt;
  const std::size_t comma = rest.find(',', key.size());
  std::string_view value = rest.substr(key.size(), comma == kNone ? kNone : comma - key.size());
  text = comma == kNone ? std::string_view() : rest.substr(comma + 1);
  if (value.size() >= 2 && value.front() == '\'' && value.back() == '\'') {
    value = value.substr(1, value.size() - 2);
  }
  if (value == "<unknown>") value = {};
  return value;
}

/// One report; `text` begins behind "Xid (" and ends where the next one begins.
std::optional<XidLine> ParseOne(std::string_view text) {
  const std::size_t close = text.find(')');
  if (close == kNone) return std::nullopt;
  const std::string_view inside = text.substr(0, close);
  const std::size_t blank = inside.find(' ');
  XidLine line{.device = PciAddress(inside.substr(0, blank))};
  if (line.device.empty()) return std::nullopt;
  if (blank != kNone) line.instance = Trim(inside.substr(blank));
  text.remove_prefix(close + 1);
  if (!text.starts_with(':')) return std::nullopt;
  text = TrimLeft(text.substr(1));
  const std::string_view digits = text.substr(0, text.find_first_not_of("0123456789"));
  const auto code = ParseNumber<std::uint32_t>(digits);
  text.remove_prefix(digits.size());
  if (!code || (!text.empty() && text.front() != ',')) return std::nullopt;
  line.code = *code;
  text.remove_prefix(std::min<std::size_t>(1, text.size()));
  if (const auto pid = TakeField(text, "pid=")) {
    if (ParseNumber<std::uint32_t>(*pid)) line.pid = *pid;
    line.process = TakeField(text, "name=").value_or(std::string_view());
  }
  line.text = Trim(text);
  return line;
}

/// The address behind the words: "0000:cb:00.0", "cb:00.0".
std::string AddressBehind(std::string_view text, std::string_view words) {
  const std::size_t at = text.find(words);
  if (at == kNone) return {};
  const std::string_view rest = text.substr(at + words.size());
  LineFields fields;
  if (!MatchForm("<device:pci>", rest, fields)) return {};
  const std::string_view address = fields["device"];
  return address.data() == rest.data() ? PciAddress(address) : std::string();
}

constexpr std::string_view kThree = "The NVIDIA GPU ";

/// Where the next report's mark stands, from `at` on; "SXid (" is another one.
std::size_t FindMark(std::string_view record, std::size_t at) {
  for (;; ++at) {
    at = record.find(kMark, at);
    if (at == kNone || at == 0 || record[at - 1] != 'S') return at;
  }
}

}  // namespace

std::vector<XidLine> ParseXidLines(std::string_view record) {
  std::vector<XidLine> lines;
  for (std::size_t at = FindMark(record, 0); at != kNone;) {
    const std::string_view rest = record.substr(at + kMark.size());
    const std::size_t next = FindMark(rest, 0);
    // The next report's own prefix is not this one's text.
    std::string_view own = rest.substr(0, next);
    if (next != kNone) own = own.substr(0, std::min(own.rfind("NVRM:"), own.size()));
    own = own.substr(0, own.find('\n'));
    if (auto line = ParseOne(own)) lines.push_back(std::move(*line));
    at = next == kNone ? kNone : at + kMark.size() + next;
  }
  return lines;
}

std::string LostGpuInWords(std::string_view record) {
  if (record.find("fallen off the bus") == kNone || record.find("NVRM: ") == kNone) return {};
  for (const std::string_view words : {"GPU at PCI:", "GPU at ", "GPU "}) {
    if (std::string device = AddressBehind(record, words); !device.empty()) return device;
  }
  return {};
}

std::string LostGpuToCome(std::string_view record) {
  if (record.find("fallen off the bus") != kNone) return {};
  return AddressBehind(record, kThree);
}

}  // namespace gpud::nvidia_xid
