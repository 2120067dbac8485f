// SPDX-License-Identifier: Apache-2.0
// The random numbers of a series: SplitMix64 and Box-Muller, the same in every implementation of
// the format, so that a scenario is one machine and not a distribution of machines.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <string_view>

#include "scenario/sha256.h"

namespace gpud::scenario {

/// What one sample may use; exactly one is drawn for each sample, used or not.
struct Draw {
  double uniform = 0;  ///< in (0, 1]
  double normal = 0;   ///< mean 0, standard deviation 1
};

class Draws {
 public:
  Draws() = default;
  /// `identity`: "SEED|NODE|SIGNAL|k=v,k=v".
  explicit Draws(std::string_view identity) {
    const Sha256Digest digest = Sha256(identity);
    for (int i = 0; i < 8; ++i) state_ = state_ << 8 | digest[static_cast<std::size_t>(i)];
  }

  Draw Next() {
    const double u1 = Uniform();
    const double u2 = Uniform();
    return {.uniform = u1,
            .normal = std::sqrt(-2.0 * std::log(u1)) * std::cos(2.0 * std::numbers::pi * u2)};
  }

 private:
  double Uniform() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    z ^= z >> 31;
    return static_cast<double>((z >> 11) + 1) * 0x1p-53;
  }

  std::uint64_t state_ = 0;
};

}  // namespace gpud::scenario
