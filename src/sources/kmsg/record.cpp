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
// (kernel/printk/printk.c, append_char). `text` has an escape at `first`.
std::string_view Unescape(std::string_view text, std::size_t first, std::string& plain) {
  plain.clear();
  for (std::size_t at = first;; at = text.find("\\x")) {
    plain += text.substr(0, at);
    if (at == std::string_view::npos) return plain;
    text.remove_prefix(at);
    const auto byte = ParseNumber<unsigned char>(text.substr(2, 2), 16);
    const bool escape = byte && text.size() >= 4;
    plain += escape ? static_cast<char>(*byte) : text.front();
    text.remove_prefix(escape ? 4 : 1);
  }
}

std::string_view DeviceIn(std::string_view properties) {
  constexpr std::string_view kKey = " DEVICE=";
  std::string_view line;
  while (NextLine(properties, line)) {
    if (line.starts_with(kKey)) return PciAddressOf(line.substr(kKey.size()));
  }
  return {};
}

}  // namespace

Result<Record> ParseRecord(std::string_view raw, std::string& scratch) {
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
  const std::size_t end = text.find('\n');
  const std::string_view properties = end == std::string_view::npos ? "" : text.substr(end + 1);
  text = text.substr(0, end);
  const std::size_t escape = text.find("\\x");
  if (escape != std::string_view::npos) text = Unescape(text, escape, scratch);
  return Record{.priority = *priority,
                .sequence = *sequence,
                .timestamp = std::chrono::microseconds(*micros),
                .text = text,
                .pci_device = DeviceIn(properties)};
}

std::string_view PciAddressOf(std::string_view device) {
  constexpr std::string_view kBus = "+pci:";
  device = Trim(device);
  return device.starts_with(kBus) ? device.substr(kBus.size()) : std::string_view();
}

}  // namespace gpud::kmsg
