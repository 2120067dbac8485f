// SPDX-License-Identifier: Apache-2.0
#include "plugins/spec.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "platform/text.h"
#include "platform/time_text.h"

namespace gpud::plugins {
namespace {

/// The value of a character of the standard alphabet, or -1.
int SixBits(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

Result<std::string> DecodeBase64(std::string_view text) {
  std::string out;
  unsigned group = 0;
  int digits = 0;
  std::size_t padding = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n' || c == '\r') continue;
    const int bits = SixBits(c);
    const bool pad = c == '=' && digits + static_cast<int>(padding) >= 2 && padding < 2;
    if ((bits < 0 && !pad) || (bits >= 0 && padding > 0) ||
        (pad && digits + static_cast<int>(padding) >= 4)) {
      return Fail(ErrorCode::kParse, "illegal base64 data at input byte " + std::to_string(i));
    }
    if (pad) {
      ++padding;
      continue;
    }
    group = (group << 6) | static_cast<unsigned>(bits);
    if (++digits == 4) {
      for (int shift = 16; shift >= 0; shift -= 8) out += static_cast<char>(group >> shift);
      group = 0;
      digits = 0;
    }
  }
  if ((digits + static_cast<int>(padding)) % 4 != 0) {
    return Fail(ErrorCode::kParse,
                "illegal base64 data at input byte " + std::to_string(text.size()));
  }
  if (digits >= 2) out += static_cast<char>(group >> (digits == 3 ? 10 : 4));
  if (digits == 3) out += static_cast<char>(group >> 2);
  return out;
}

}  // namespace

void AppendJson(std::string& out, const Duration& duration) {
  AppendJsonString(out, DurationText(duration.value));
}

std::string ComponentName(std::string_view plugin_name) {
  std::string name = ToLower(Trim(plugin_name));
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string MetricPrefix(std::string_view component) {
  std::string prefix = ToLower(component);
  for (char& c : prefix) {
    if (c == '-' || c == '.' || c == '/') c = '_';
  }
  return prefix;
}

std::string SpecsJson(const std::vector<Spec>& specs) {
  return specs.empty() ? "null" : ToJson(specs);
}

Result<std::string> Decode(const BashScript& script) {
  if (script.content_type == "plaintext" || script.content_type == "text/plain") {
    return script.script;
  }
  if (script.content_type == "base64") return DecodeBase64(script.script);
  return Fail(ErrorCode::kUnsupported, "unsupported content type: " + script.content_type);
}

std::string Sha256Hex(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  std::string hex;
  for (const unsigned char byte : digest) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

}  // namespace gpud::plugins
