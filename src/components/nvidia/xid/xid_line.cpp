// SPDX-License-Identifier: Apache-2.0
#include "components/nvidia/xid/xid_line.h"

#include "components/nvidia/xid/catalog.h"
#include "platform/text.h"

namespace gpud::nvidia_xid {
namespace {

constexpr std::string_view kAddressCharacters = "0123456789abcdefABCDEF:";
constexpr std::uint32_t kLostGpu = 79;
constexpr std::string_view kFallen = "fallen off the bus";

std::string_view LeadingOf(std::string_view text, std::string_view characters) {
  return text.substr(0, text.find_first_not_of(characters));
}

/// "PCI:0000:cb:00" of "0000:cb:00.0..." or "cb:00.0..."; empty when there is no such address.
std::string AddressAtStart(std::string_view text) {
  const std::string_view address = LeadingOf(text, kAddressCharacters);
  if (!text.substr(address.size()).starts_with(".0")) return {};
  if (address.size() == 5 && address[2] == ':') return "PCI:0000:" + std::string(address);
  if (address.size() == 10 && address[4] == ':' && address[7] == ':') {
    return "PCI:" + std::string(address);
  }
  return {};
}

std::string AddressBehind(std::string_view text, std::string_view words) {
  const std::size_t at = text.find(words);
  return at == std::string_view::npos ? std::string()
                                      : AddressAtStart(text.substr(at + words.size()));
}

/// ": CODE," from `text` on, at the first place where it stands.
std::optional<XidLine> ParseCode(std::string_view text) {
  for (std::size_t at = 0; (at = text.find(": ", at)) != std::string_view::npos; ++at) {
    const std::string_view rest = text.substr(at + 2);
    const std::string_view digits = LeadingOf(rest, "0123456789");
    const auto code = ParseNumber<std::uint32_t>(digits);
    if (!code || !rest.substr(digits.size()).starts_with(",")) continue;
    return XidLine{.code = *code, .text = ValidUtf8(Trim(rest.substr(digits.size() + 1)))};
  }
  return std::nullopt;
}

std::optional<XidLine> ParseReport(std::string_view line) {
  constexpr std::string_view kStart = "NVRM: Xid (";
  const std::size_t at = line.find(kStart);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = line.substr(at + kStart.size());
  const std::size_t close = rest.find(')');
  if (close == std::string_view::npos) return std::nullopt;
  // "PCI:0000:05:00 GPU-I:02" names a MIG instance too.
  const std::string_view inside = rest.substr(0, close);
  const std::string_view device = inside.substr(0, inside.find(' '));
  const std::string_view address = device.starts_with("PCI:") ? device.substr(4) : device;
  if (address.empty() || LeadingOf(address, kAddressCharacters) != address) return std::nullopt;
  auto parsed = ParseCode(rest.substr(close));
  if (parsed) parsed->device = device;
  return parsed;
}

}  // namespace

std::optional<XidLine> ParseXidLine(std::string_view line) {
  if (auto report = ParseReport(line)) return report;
  if (line.find(kFallen) == std::string_view::npos) return std::nullopt;
  for (const std::string_view words : {"NVRM: GPU ", "The NVIDIA GPU "}) {
    if (std::string device = AddressBehind(line, words); !device.empty()) {
      return XidLine{kLostGpu, std::move(device), "GPU has fallen off the bus.", true};
    }
  }
  return std::nullopt;
}

std::optional<Event> XidMatcher::OnLine(const KernelLine& line) {
  auto xid = ParseXidLine(line.text);
  if (!xid) {
    // "NVRM: The NVIDIA GPU 0000:5d:00.0", "NVRM: (PCI ID: ...) installed in this system has",
    // "NVRM: fallen off the bus and is not responding to commands.": three records of one message.
    if (line.text.find(kFallen) == std::string_view::npos) {
      lost_gpu_ = AddressBehind(line.text, "NVRM: The NVIDIA GPU ");
      return std::nullopt;
    }
    if (lost_gpu_.empty() || !line.text.starts_with("NVRM:")) return std::nullopt;
    xid = XidLine{kLostGpu, std::move(lost_gpu_), "GPU has fallen off the bus.", true};
  }
  lost_gpu_.clear();
  const std::string code = std::to_string(xid->code);
  if (xid->code == kLostGpu && lost_gpus_.IsRepeat(line, xid->device) && xid->in_words) {
    return std::nullopt;
  }
  const XidRow* row = FindXid(xid->code);
  return Event{
      .name = "error_xid",
      .type = row ? row->type : EventType::kWarning,
      .message = "Xid " + code + " on " + xid->device + (xid->text.empty() ? "" : ": " + xid->text),
      .extra_info = {{"xid", code}, {"device", xid->device}}};
}

}  // namespace gpud::nvidia_xid
