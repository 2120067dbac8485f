// SPDX-License-Identifier: Apache-2.0
#include "components/network_interface/link_lines.h"

#include <algorithm>

#include "components/line_device.h"
#include "components/line_pattern.h"
#include "platform/text.h"

namespace gpud::network_interface {
namespace {

constexpr auto kNone = std::string_view::npos;
using Kind = LinkChange::Kind;

bool IsInterface(std::string_view word) {
  constexpr std::size_t kLongest = 15;  // IFNAMSIZ without its end
  if (word.empty() || word.size() > kLongest || word.front() < 'a' || word.front() > 'z') {
    return false;
  }
  constexpr std::string_view kOthers = "_.-@";
  return std::all_of(word.begin(), word.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kOthers.find(c) != kNone;
  });
}

/// Interfaces of containers and virtual machines come and go.
bool IsVirtual(std::string_view interface) {
  constexpr std::string_view kPrefixes[] = {"veth", "docker", "cni",  "cali", "lxc",
                                            "br-",  "virbr",  "vnet", "tap",  "tun"};
  return std::any_of(std::begin(kPrefixes), std::end(kPrefixes),
                     [&](std::string_view prefix) { return interface.starts_with(prefix); });
}

std::string_view LastWord(std::string_view text) {
  const std::size_t blank = text.rfind(' ');
  return blank == kNone ? text : text.substr(blank + 1);
}

/// The device in front of "Link is Down": "... eno1: ", "... eno1: igb: eno1 NIC ".
std::string DeviceBefore(std::string_view prefix) {
  prefix = Trim(prefix);
  bool named = false;
  for (const std::string_view word : {"Copper", "NIC"}) {
    if (LastWord(prefix) != word) continue;
    prefix = Trim(prefix.substr(0, prefix.size() - word.size()));
    named = true;
  }
  std::string_view word = LastWord(prefix);
  if (!word.ends_with(':') && !named) return {};
  while (word.ends_with(':')) word.remove_suffix(1);
  if (std::string address = PciAddress(word); !address.empty()) return address;
  return IsInterface(word) ? std::string(word) : std::string();
}

std::optional<LinkChange> ParseBond(std::string_view line) {
  if (line.find("link status definitely ") == kNone && line.find(" active interface") == kNone) {
    return std::nullopt;
  }
  struct Form {
    std::string_view form;
    Kind kind;
  };
  constexpr Form kForms[] = {
      {"(slave <device:dev>): link status definitely down", Kind::kDown},
      {"link status definitely down for interface <device:dev>", Kind::kDown},
      {"(slave <device:dev>): link status definitely up", Kind::kUp},
      {"link status definitely up for interface <device:dev>", Kind::kUp},
      {"<device:dev>: now running without any active interface", Kind::kBondDown},
      {"<device:dev>: first active interface up", Kind::kBondUp},
      {"<device:dev>: active interface up", Kind::kBondUp}};
  for (const Form& form : kForms) {
    LineFields fields;
    if (!MatchForm(form.form, line, fields)) continue;
    return LinkChange{form.kind, std::string(fields["device"])};
  }
  return std::nullopt;
}

}  // namespace

std::optional<LinkChange> ParseLinkLine(std::string_view line) {
  if (line.find(": renamed from ") != kNone) {
    return LinkChange{Kind::kBorn, InterfaceIn(line)};
  }
  if (line.starts_with("Linux version ")) return LinkChange{Kind::kBoot, {}};
  if (auto bond = ParseBond(line)) return bond;
  struct Phrase {
    std::string_view text;
    Kind kind;
  };
  constexpr Phrase kPhrases[] = {{"Link is Down", Kind::kDown}, {"Link is down", Kind::kDown},
                                 {"Link Down", Kind::kDown},    {"Link down", Kind::kDown},
                                 {"link down", Kind::kDown},    {"Link is Up", Kind::kUp},
                                 {"Link is up", Kind::kUp},     {"Link Up", Kind::kUp},
                                 {"Link up", Kind::kUp},        {"link up", Kind::kUp}};
  for (const Phrase& phrase : kPhrases) {
    const std::size_t at = line.find(phrase.text);
    if (at == kNone) continue;
    const std::string_view rest = line.substr(at + phrase.text.size());
    if (!rest.empty() && std::string_view(" ,.!:;-\n").find(rest.front()) == kNone) continue;
    if (rest.starts_with(" event")) continue;
    std::string device = DeviceBefore(line.substr(0, at));
    if (device.empty() || IsVirtual(device)) return std::nullopt;
    return LinkChange{phrase.kind, std::move(device)};
  }
  return std::nullopt;
}

std::string InterfaceIn(std::string_view line) {
  std::string found;
  while (!line.empty()) {
    std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(line.size(), word.size() + 1));
    const bool last = word.ends_with(':');
    while (word.ends_with(':')) word.remove_suffix(1);
    if (std::string address = PciAddress(word); !address.empty()) {
      found = std::move(address);
      if (last) return found;
    } else if (last) {
      if (!IsInterface(word)) return found;
      const bool behind_address = !found.empty();
      found = word;
      // "mlx4_en: eno1: ...": the driver first, when it gives no address.
      if (behind_address) return found;
    } else if (!found.empty() && PciAddress(found).empty()) {
      return found;  // the message has begun
    }
  }
  return PciAddress(found).empty() ? std::string() : found;
}

}  // namespace gpud::network_interface
