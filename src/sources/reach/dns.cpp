// SPDX-License-Identifier: Apache-2.0
// Just enough of DNS to see that a server answers: libc's resolver waits for as long as it likes.
#include <arpa/inet.h>

#include "platform/text.h"
#include "sources/reach/reach.h"

namespace gpud::reach {
namespace {

constexpr std::size_t kHeader = 12, kLongestName = 253, kLongestLabel = 63, kMostServers = 3;

std::string Two(std::uint16_t value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)};
}

}  // namespace

std::vector<std::string> ParseNameServers(std::string_view text) {
  std::vector<std::string> servers;
  for (std::string_view line; NextLine(text, line);) {
    const auto words = SplitBlanks(line);
    if (words.size() >= 2 && words[0] == "nameserver" && servers.size() < kMostServers) {
      servers.emplace_back(words[1]);
    }
  }
  return servers;
}

std::string DnsQuery(std::string_view name, std::uint16_t id) {
  constexpr std::uint16_t kRecursionDesired = 0x0100, kTypeA = 1, kClassIn = 1;
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty() || name.size() > kLongestName) return {};
  std::string query = Two(id) + Two(kRecursionDesired) + Two(1) + Two(0) + Two(0) + Two(0);
  for (const std::string_view label : Split(name, '.')) {
    if (label.empty() || label.size() > kLongestLabel) return {};
    query += static_cast<char>(label.size());
    query += label;
  }
  return query + '\0' + Two(kTypeA) + Two(kClassIn);
}

Result<void> CheckDnsAnswer(std::string_view answer, std::uint16_t id) {
  constexpr unsigned kIsAnswer = 0x80, kCodeMask = 0x0f, kNoSuchName = 3;
  if (answer.size() < kHeader || answer.substr(0, 2) != Two(id) ||
      (static_cast<unsigned char>(answer[2]) & kIsAnswer) == 0) {
    return Fail(ErrorCode::kParse, "not an answer to the question");
  }
  const unsigned code = static_cast<unsigned char>(answer[3]) & kCodeMask;
  if (code == kNoSuchName) return Fail(ErrorCode::kNotFound, "there is no such name");
  if (code != 0) return Fail(ErrorCode::kIo, "the name server's error " + std::to_string(code));
  return {};
}

std::optional<std::pair<std::string, std::string>> ParseGateway(std::string_view route) {
  constexpr std::size_t kInterface = 0, kDestination = 1, kGateway = 2, kMask = 7;
  for (std::string_view line; NextLine(route, line);) {
    const auto words = SplitBlanks(line);
    if (words.size() <= kMask || words[kDestination] != "00000000" || words[kMask] != "00000000") {
      continue;
    }
    const auto raw = ParseNumber<std::uint32_t>(words[kGateway], 16);
    if (!raw || *raw == 0) continue;        // a link without a gateway
    const in_addr address{.s_addr = *raw};  // the file has it in the machine's order of bytes
    char text[INET_ADDRSTRLEN] = {};
    ::inet_ntop(AF_INET, &address, text, sizeof text);
    return std::pair{std::string(text), std::string(words[kInterface])};
  }
  return std::nullopt;
}

Result<void> FindNeighbour(std::string_view arp, std::string_view address) {
  constexpr std::size_t kFlags = 2;
  constexpr unsigned kComplete = 2;  // ATF_COM
  for (std::string_view line; NextLine(arp, line);) {
    const auto words = SplitBlanks(line);
    if (words.size() <= kFlags || words[0] != address || !words[kFlags].starts_with("0x")) continue;
    const auto flags = ParseNumber<unsigned>(words[kFlags].substr(2), 16);
    if (flags && (*flags & kComplete) != 0) return {};
    return Fail(ErrorCode::kIo, "does not answer (ARP)");
  }
  return Fail(ErrorCode::kNotFound, "not asked of late");
}

}  // namespace gpud::reach
