// SPDX-License-Identifier: Apache-2.0
#include "scenario/sha256.h"

// The low-level calls alone: EVP would link (and start up) all of libcrypto into the simulated
// driver, which is loaded into other programs.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

namespace gpud::scenario {

struct Sha256Stream::State {
  SHA256_CTX context;
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) { SHA256_Init(&state_->context); }
Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&&) noexcept = default;
Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::Add(std::string_view text) {
  SHA256_Update(&state_->context, text.data(), text.size());
}

Sha256Digest Sha256Stream::Finish() {
  Sha256Digest digest;
  SHA256_Final(digest.data(), &state_->context);
  return digest;
}

Sha256Digest Sha256(std::string_view text) {
  Sha256Stream stream;
  stream.Add(text);
  return stream.Finish();
}

std::string Hex(const Sha256Digest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(digest.size() * 2);
  for (const std::uint8_t byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace gpud::scenario
