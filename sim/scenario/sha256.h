// SPDX-License-Identifier: Apache-2.0
// SHA-256, which seeds the random numbers of a scenario and names its GPUs.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace gpud::scenario {

using Sha256Digest = std::array<std::uint8_t, 32>;

Sha256Digest Sha256(std::string_view text);
std::string Hex(const Sha256Digest& digest);

/// SHA-256 of a text that comes in pieces: the digest of a series of any length in 112 bytes.
class Sha256Stream {
 public:
  Sha256Stream();
  Sha256Stream(Sha256Stream&&) noexcept;
  Sha256Stream& operator=(Sha256Stream&&) noexcept;
  ~Sha256Stream();

  void Add(std::string_view text);
  /// Ends the text; the stream must not be used after it.
  Sha256Digest Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gpud::scenario
