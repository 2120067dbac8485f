// SPDX-License-Identifier: Apache-2.0
#include "sources/kmsg/record.h"

#include "platform/text.h"

namespace gpud::kmsg {
namespace {

tl::unexpected<Error> Bad(std::string_view why, std::string_view raw) {
  constexpr std::size_t kMostShown = 80;
  return Fail(ErrorCode::kParse, "kernel log record: " + std::string(why) + ": \"" +
                                     std::string(raw.substr(0, kMostShown)) + '"');
}

std::string_view TakeField(std::string_view& head) {
  const std::size_t end = head.find(',');
  const std::string_view field = head.substr(0, end);
  head.remove_prefix(end == std::string_view::npos ? head.size() : end + 1);
  return field;
}

// The kernel writes bytes below ' ', from 127 up, and the backslash itself as \xNN
// (kernel/printk/printk.c, append_char).
std::string Unescape(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    const std::size_t at = text.find("\\x");
    plain += text.substr(0, at);
    if (at == std::string_view::npos) break;
    text.remove_prefix(at);
    const auto byte = ParseNumber<unsigned char>(text.substr(2, 2), 16);
    const bool escape = byte && text.size() >= 4;
    plain += escape ? static_cast<char>(*byte) : text.front();
    text.remove_prefix(escape ? 4 : 1);
  }
  return plain;
}

}  // namespace

Result<Record> ParseRecord(std::string_view raw) {
  const std::size_t semicolon = raw.find(';');
  if (semicolon == std::string_view::npos) return Bad("no ';'", raw);
  std::string_view head = raw.substr(0, semicolon);
  const auto priority = ParseNumber<unsigned>(TakeField(head));
  const auto sequence = ParseNumber<std::uint64_t>(TakeField(head));
  const auto micros = ParseNumber<std::int64_t>(TakeField(head));
  if (!priority) return Bad("the priority is not a number", raw);
  if (!sequence) return Bad("the sequence is not a number", raw);
  if (!micros || *micros < 0) return Bad("the time stamp is not a number", raw);
  std::string_view text = raw.substr(semicolon + 1);
  text = text.substr(0, text.find('\n'));
  return Record{.priority = *priority,
                .sequence = *sequence,
                .timestamp = std::chrono::microseconds(*micros),
                .text = Unescape(text)};
}

}  // namespace gpud::kmsg
