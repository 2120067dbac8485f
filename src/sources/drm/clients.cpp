// SPDX-License-Identifier: Apache-2.0
#include "sources/drm/clients.h"

#include <set>

#include "platform/text.h"
#include "sources/drm/card.h"

namespace gpud::drm {
namespace {

using Numbers = std::map<std::string, std::uint64_t>;

/// "1024 KiB": bytes without a unit.
std::optional<std::uint64_t> Amount(std::string_view value) {
  const auto words = SplitBlanks(value);
  if (words.empty()) return std::nullopt;
  const auto number = ParseNumber<std::uint64_t>(words[0]);
  if (!number || words.size() == 1) return number;
  std::uint64_t unit = 1;
  if (words[1] == "KiB") unit = 1ull << 10;
  if (words[1] == "MiB") unit = 1ull << 20;
  if (words[1] == "GiB") unit = 1ull << 30;
  return *number * unit;
}

struct Prefix {
  std::string_view text;
  Numbers Client::*member;
};
// Longer ones first. What is resident is better than what is allotted; "memory" is the older word
// for the former.
constexpr Prefix kPrefixes[] = {
    {"drm-engine-capacity-", &Client::engine_capacity},
    {"drm-engine-", &Client::engine_ns},
    {"drm-total-cycles-", &Client::engine_total_cycles},
    {"drm-cycles-", &Client::engine_cycles},
    {"drm-resident-", &Client::memory_bytes},
    {"drm-memory-", &Client::memory_bytes},
};

void Take(std::string_view key, std::string_view value, Client& client) {
  if (key == "drm-driver") client.driver = ValidUtf8(value);
  if (key == "drm-pdev") client.bus_id = ValidUtf8(value);
  if (key == "drm-client-id") client.id = ParseNumber<std::uint64_t>(value).value_or(0);
  for (const Prefix& prefix : kPrefixes) {
    if (!key.starts_with(prefix.text)) continue;
    if (const auto amount = Amount(value)) {
      (client.*prefix.member)[ValidUtf8(key.substr(prefix.text.size()))] = *amount;
    }
    return;
  }
}

bool AnyCard(const Root& root) {
  for (const std::uint32_t vendor : {kAmdVendor, kIntelVendor}) {
    const auto cards = ListCards(root, vendor);
    if (cards && !cards->cards.empty()) return true;
  }
  return false;
}

Result<Clients> ReadClients(const Root& root) {
  const auto pids = root.List("/proc");
  if (!pids) return Pass(pids, "GPU clients");
  if (!AnyCard(root)) {
    return Fail(ErrorCode::kUnsupported, "/sys/class/drm: no GPU of AMD's or Intel's");
  }
  Clients all;
  std::set<std::pair<std::string, std::uint64_t>> seen;
  for (const std::string& pid : *pids) {
    const auto number = ParseNumber<std::uint32_t>(pid);
    if (!number) continue;
    const std::string folder = "/proc/" + pid;
    const auto files = root.List(folder + "/fd");
    if (!files) {
      all.hidden_processes += files.error().code == ErrorCode::kPermission ? 1 : 0;
      continue;
    }
    for (const std::string& file : *files) {
      const std::string target = root.ReadLink(folder + "/fd/" + file).value_or(std::string());
      if (!target.starts_with("/dev/dri/")) continue;
      const auto text = root.Read(folder + "/fdinfo/" + file, 1 << 16);
      if (!text) continue;  // closed while we looked
      auto client = ParseFdinfo(*text);
      if (!client || !seen.emplace(client->bus_id, client->id).second) continue;
      client->pid = *number;
      all.clients.push_back(*std::move(client));
    }
  }
  return all;
}

}  // namespace

Result<Client> ParseFdinfo(std::string_view text) {
  Client client;
  for (std::string_view line; NextLine(text, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    Take(line.substr(0, colon), Trim(line.substr(colon + 1)), client);
  }
  if (client.driver.empty() || client.bus_id.empty()) {
    return Fail(ErrorCode::kUnsupported, "fdinfo: no drm-driver, or no drm-pdev");
  }
  return client;
}

constinit const SourceType kClients{
    .name = "drm/clients",
    .lane = Lane::kGpu,
    .snapshot = &kSnapshot<Clients>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadClients(host.root)); },
};

}  // namespace gpud::drm
