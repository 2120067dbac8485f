// SPDX-License-Identifier: Apache-2.0
#include "decode/input_json.h"

#include <algorithm>
#include <initializer_list>

#include "decode/input_text.h"
#include "platform/text.h"
#include "sources/kmsg/record.h"

namespace gpud::decode {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

std::size_t SkipSpace(std::string_view text, std::size_t at) {
  while (at < text.size() &&
         (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r')) {
    ++at;
  }
  return at;
}

// How much of the text these tokens take, with blanks between them; 0 when they are not there.
std::size_t SizeOfTokens(std::string_view text, std::initializer_list<std::string_view> tokens) {
  std::size_t at = 0;
  for (const std::string_view token : tokens) {
    // Not over lines before the first: a megabyte of empty lines would be looked through for each.
    at = at == 0 ? std::min(text.find_first_not_of(" \t"), text.size()) : SkipSpace(text, at);
    if (!text.substr(at).starts_with(token)) return 0;
    at += token.size();
  }
  return at;
}

// Of the functions below, besides a place in the text.
constexpr std::size_t kBroken = kNone;
constexpr std::size_t kRanOut = kJsonRanOut;
bool IsPlace(std::size_t at) { return at < kRanOut; }

// `at` is at the opening quote; the place behind the closing one. A control character is not
// allowed in there, so that a line that was cut takes no other with it.
std::size_t SkipString(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '"') return at + 1;
    if (static_cast<unsigned char>(text[at]) < ' ') return kBroken;
    if (text[at] == '\\') ++at;
  }
  return kRanOut;
}

// Any value, without a look at what is inside of arrays and objects but strings and brackets.
std::size_t SkipValue(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    switch (text[at]) {
      case '"':
        at = SkipString(text, at);
        if (!IsPlace(at) || depth == 0) return at;
        continue;
      case '[':
      case '{':
        ++depth;
        break;
      case ']':
      case '}':
        if (depth == 0) return at;  // the end of what the value is in
        if (--depth == 0) return at + 1;
        break;
      case ',':
        if (depth == 0) return at;
        break;
      default:
        break;
    }
    ++at;
  }
  return kRanOut;
}

// Calls `member(key, value)`, both as they are written, for each member of the object at the start
// of the text. The place behind the object.
template <class Member>
std::size_t ForEachMember(std::string_view text, const Member& member) {
  std::size_t at = SkipSpace(text, 1);
  while (at < text.size() && text[at] == '"') {
    const std::size_t key_end = SkipString(text, at);
    if (!IsPlace(key_end)) return key_end;
    const std::string_view key = text.substr(at + 1, key_end - at - 2);
    at = SkipSpace(text, key_end);
    if (at < text.size() && text[at] != ':') return kBroken;
    at = SkipSpace(text, at + 1);
    const std::size_t end = SkipValue(text, at);
    if (!IsPlace(end)) return end;
    if (end == at) return kBroken;
    member(key, Trim(text.substr(at, end - at)));
    at = SkipSpace(text, end);
    if (at < text.size() && text[at] == '}') return at + 1;
    if (at < text.size() && text[at] != ',') return kBroken;
    at = SkipSpace(text, at + 1);
  }
  return at < text.size() ? kBroken : kRanOut;
}

void AppendUtf8(std::string& out, unsigned code) {
  const auto put = [&out](unsigned byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6), put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  }
}

// "\u00e4" at the start of the text, or a pair of surrogates; takes it.
unsigned TakeUnicode(std::string_view& text) {
  const auto unit = [&text](std::size_t at) -> unsigned {
    return text.size() >= at + 6 && text.substr(at, 2) == "\\u"
               ? ParseNumber<unsigned>(text.substr(at + 2, 4), 16).value_or(0xFFFD)
               : 0xFFFD;
  };
  const unsigned first = unit(0);
  const unsigned second = first >= 0xD800 && first < 0xDC00 ? unit(6) : 0;
  const bool pair = second >= 0xDC00 && second < 0xE000;
  text.remove_prefix(std::min<std::size_t>(pair ? 12 : 6, text.size()));
  if (pair) return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
  return first >= 0xD800 && first < 0xE000 ? 0xFFFD : first;
}

void Unescape(std::string_view text, std::string& out) {
  constexpr std::string_view kLetters = "nrtbf", kMeant = "\n\r\t\b\f";
  while (!text.empty()) {
    const std::size_t at = text.find('\\');
    out += text.substr(0, at);
    if (at == kNone || at + 1 >= text.size()) return;
    text.remove_prefix(at);
    if (text[1] == 'u') {
      AppendUtf8(out, TakeUnicode(text));
      continue;
    }
    const std::size_t letter = kLetters.find(text[1]);
    out += letter == kNone ? text[1] : kMeant[letter];
    text.remove_prefix(2);
  }
}

// A string, or the array of byte numbers that the journal makes of what is not UTF-8.
std::optional<std::string_view> TextOf(std::string_view value, std::string& scratch) {
  if (value.starts_with('"') && value.size() >= 2) {
    const std::string_view inside = value.substr(1, value.size() - 2);
    if (inside.find('\\') == kNone) return inside;
    scratch.clear();
    Unescape(inside, scratch);
    return scratch;
  }
  if (!value.starts_with('[') || value.size() < 2) return std::nullopt;
  scratch.clear();
  value = value.substr(1, value.size() - 2);
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    const auto byte = ParseNumber<unsigned char>(Trim(value.substr(0, comma)));
    if (!byte) return std::nullopt;
    scratch += static_cast<char>(*byte);
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  return scratch;
}

std::string_view Bare(std::string_view value) {
  if (value.size() >= 2 && value.front() == '"') value = value.substr(1, value.size() - 2);
  return value;
}

void TakePriority(std::string_view value, InputLine& line) {
  if (const auto number = ParseNumber<unsigned>(value)) {
    line.severity = *number & 7;
    line.facility = *number >> 3;
  } else {
    line.severity = LevelByName(value);
  }
}

// dmesg prints its time here as it does before a line, -T and all.
void TakeDmesgTime(std::string_view value, kmsg::StampReader& stamps, InputLine& line) {
  line.since_boot = kmsg::ParseKernelSeconds(value);
  if (line.since_boot) return;
  if (value.starts_with('[')) value.remove_prefix(1);
  auto stamp = stamps.Ctime(value);
  if (!stamp) stamp = stamps.Iso(value);
  if (stamp) line.wall = stamp->time;
}

}  // namespace

std::size_t DmesgDocumentHead(std::string_view ahead) {
  return SizeOfTokens(ahead, {"{", "\"dmesg\"", ":", "["});
}

std::size_t DmesgDocumentSeam(std::string_view ahead) {
  const std::size_t size = SizeOfTokens(ahead, {"}", ","});
  if (size == 0) return 0;
  const std::size_t next = SkipSpace(ahead, size);
  return BeginsJsonObject(ahead.substr(next)) ? next : 0;
}

bool BeginsJsonObject(std::string_view ahead) { return SizeOfTokens(ahead, {"{", "\""}) > 0; }

std::size_t ReadJsonMessage(std::string_view ahead, kmsg::StampReader& stamps, InputLine& line,
                            std::string& scratch) {
  std::string_view message, transport, program;
  const std::size_t size = ForEachMember(ahead, [&](std::string_view key, std::string_view value) {
    const auto micros = [&value] { return ParseNumber<std::int64_t>(Bare(value)); };
    if (key == "MESSAGE" || key == "msg") {
      message = value;
    } else if (key == "PRIORITY") {
      line.severity = ParseNumber<unsigned>(Bare(value));
    } else if (key == "SYSLOG_FACILITY") {
      line.facility = ParseNumber<unsigned>(Bare(value));
    } else if (key == "pri") {
      TakePriority(Bare(value), line);
    } else if (key == "fac") {
      line.facility = FacilityByName(Bare(value));
    } else if (key == "time") {
      TakeDmesgTime(Bare(value), stamps, line);
    } else if (key == "__REALTIME_TIMESTAMP") {
      if (const auto time = micros()) line.wall = WallTime(std::chrono::microseconds(*time));
    } else if (key == "_SOURCE_MONOTONIC_TIMESTAMP") {
      if (const auto time = micros()) line.since_boot = std::chrono::microseconds(*time);
    } else if (key == "_TRANSPORT") {
      transport = Bare(value);
    } else if (key == "SYSLOG_IDENTIFIER") {
      program = Bare(value);
    } else if (key == "_KERNEL_DEVICE") {
      line.pci_device = kmsg::PciAddressOf(Bare(value));
    }
  });
  if (!IsPlace(size)) return size;
  line.text = TextOf(message, scratch).value_or(std::string_view());
  line.from_program =
      transport.empty() ? !program.empty() && program != "kernel" : transport != "kernel";
  return size;
}

}  // namespace gpud::decode
