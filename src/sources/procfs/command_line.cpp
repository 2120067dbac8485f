// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/command_line.h"

#include <algorithm>

#include "platform/text.h"

namespace gpud::procfs {
namespace {

constexpr std::string_view kMask = "***";
constexpr auto kNone = std::string_view::npos;

// Ends of names, without '-' and '_': --hf-token, AWS_SECRET_ACCESS_KEY, apiKey.
constexpr std::string_view kSecretNames[] = {
    "token",         "password",   "passwd",      "passphrase", "passcode",      "pwd",
    "secret",        "credential", "credentials", "key",        "auth",          "bearer",
    "authorization", "cookie",     "signature",   "pass",       "authentication"};
// Beginnings of keys: Hugging Face, OpenAI, GitHub, GitLab, Slack, AWS, Google, W&B, a JWT.
constexpr std::string_view kKeyBeginnings[] = {
    "hf_", "sk-", "ghp_", "gho_", "github_pat_", "glpat-", "xox", "AKIA", "ASIA", "AIza", "eyJ"};
constexpr std::size_t kShortestKey = 16;

bool NamesSecret(std::string_view name) {
  std::string plain = ToLower(name);
  std::erase_if(plain, [](char c) { return c == '-' || c == '_' || c == '.' || c == '"'; });
  // Parts of other words: bypass, compass.
  if (plain.ends_with("bypass") || plain.ends_with("compass")) return false;
  return std::any_of(std::begin(kSecretNames), std::end(kSecretNames),
                     [&](std::string_view secret) { return plain.ends_with(secret); });
}

bool LooksLikeKey(std::string_view word) {
  return word.size() >= kShortestKey &&
         std::any_of(std::begin(kKeyBeginnings), std::end(kKeyBeginnings),
                     [&](std::string_view start) { return word.starts_with(start); });
}

/// Copies arguments word by word, masking.
class Masker {
 public:
  void Argument(std::string_view argument) {
    if (!out_.empty()) out_ += ' ';
    if (next_is_secret_ && !argument.empty() && !argument.starts_with('-')) {
      next_is_secret_ = false;
      out_ += kMask;
      return;
    }
    next_is_secret_ = false;
    for (bool first = true; !argument.empty(); first = false) {
      const std::size_t end = std::min(argument.find_first_of(" \t\n"), argument.size());
      const std::size_t taken = Word(argument, end, first);
      argument.remove_prefix(taken);
      const std::size_t blanks = std::min(argument.find_first_not_of(" \t\n"), argument.size());
      if (blanks > 0) out_ += ' ';
      argument.remove_prefix(blanks);
    }
  }
  std::string Take() { return std::move(out_); }
  std::size_t size() const { return out_.size(); }

 private:
  /// Copies the word of `length` at the start of `rest`; gives what it took, which is more where a
  /// secret goes on behind blanks.
  std::size_t Word(std::string_view rest, std::size_t length, bool first) {
    const std::string_view word = rest.substr(0, length);
    const bool scheme = word == "Bearer" || word == "Basic" || word == "bearer" || word == "basic";
    if (next_is_secret_ && !word.empty() && !scheme) {
      next_is_secret_ = false;
      out_ += kMask;
      return SecretEnd(rest, 0, length, false);
    }
    const std::size_t sign = word.find_first_of("=:");
    const std::string_view name = word.substr(0, sign);
    if (NamesSecret(name)) {
      if (sign != kNone && sign + 1 < word.size()) {
        out_ += word.substr(0, sign + 1);
        out_ += kMask;
        return SecretEnd(rest, sign + 1, length, first);
      }
      // The value comes next: behind "--token", "Authorization:" and "Bearer", not behind a word.
      next_is_secret_ = sign != kNone || word.starts_with('-') || scheme;
    }
    Plain(word);
    return length;
  }

  /// Where the secret that starts at `start` ends: at its closing quote; at the argument's end
  /// where the argument is nothing but NAME=VALUE; else with the word.
  static std::size_t SecretEnd(std::string_view rest, std::size_t start, std::size_t word_end,
                               bool whole) {
    const char quote = rest[start];
    if (quote == '"' || quote == '\'') {
      const std::size_t close = rest.find(quote, start + 1);
      return close == kNone ? rest.size() : std::max(close + 1, word_end);
    }
    return whole ? rest.size() : word_end;
  }

  /// A word that is no secret by its name: but a URL may have one inside, or it is a key.
  void Plain(std::string_view word) {
    const std::size_t scheme = word.find("://");
    const std::size_t host = scheme == kNone ? kNone : word.find('@', scheme);
    if (host != kNone) {
      out_ += word.substr(0, scheme + 3);
      out_ += kMask;
      word.remove_prefix(host);
    }
    const std::size_t value = word.rfind('=') + 1;  // 0 without one
    const bool key = LooksLikeKey(word.substr(value));
    out_ += key ? word.substr(0, value) : word;
    if (key) out_ += kMask;
  }

  std::string out_;
  bool next_is_secret_ = false;
};

}  // namespace

std::string ShownCommand(std::string_view nul_separated, std::size_t most_bytes) {
  while (nul_separated.ends_with('\0')) nul_separated.remove_suffix(1);
  Masker masker;
  if (nul_separated.empty()) return {};
  for (const std::string_view argument : Split(nul_separated, '\0')) {
    masker.Argument(argument);
    if (masker.size() > most_bytes) break;
  }
  std::string shown = ValidUtf8(masker.Take());
  if (shown.size() > most_bytes) {
    constexpr std::string_view kCut = "...";
    shown.resize(most_bytes - kCut.size());
    while (!shown.empty() && (static_cast<unsigned char>(shown.back()) & 0x80U) != 0) {
      shown.pop_back();  // not in the middle of a character
    }
    shown += kCut;
  }
  return shown;
}

}  // namespace gpud::procfs
