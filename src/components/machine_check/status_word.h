// SPDX-License-Identifier: Apache-2.0
// The status register of a machine-check bank: what kind of error it holds.
#pragma once

#include <cstdint>
#include <string_view>

#include "components/line.h"

namespace gpud::machine_check {

enum class ErrorKind : unsigned char {
  kNone,  ///< the register is not valid
  kCorrected,
  kUncorrected,  ///< and contained: only who uses the data is hit
  kFatal,        ///< the processor's own state is lost
};

/// Bits of IA32_MCi_STATUS (Intel SDM volume 3B, "Machine-Check Architecture"; the same in AMD's
/// APM): 63 valid, 61 uncorrected, 57 processor context corrupt.
ErrorKind KindOf(std::uint64_t status);
/// Bit 62: an error before this one was overwritten.
bool Overflowed(std::uint64_t status);
/// What the architectural code (bits 0 to 15) says: "memory controller", "cache", "bus and
/// interconnect", "TLB", "internal"; empty when it is none of these.
std::string_view UnitOf(std::uint64_t status);

}  // namespace gpud::machine_check
