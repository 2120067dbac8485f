// SPDX-License-Identifier: Apache-2.0
#include "components/machine_check/status_word.h"

namespace gpud::machine_check {
namespace {

bool Bit(std::uint64_t status, unsigned bit) { return ((status >> bit) & 1) != 0; }

}  // namespace

ErrorKind KindOf(std::uint64_t status) {
  if (!Bit(status, 63)) return ErrorKind::kNone;
  if (!Bit(status, 61)) return ErrorKind::kCorrected;
  return Bit(status, 57) ? ErrorKind::kFatal : ErrorKind::kUncorrected;
}

bool Overflowed(std::uint64_t status) { return Bit(status, 62); }

std::string_view UnitOf(std::uint64_t status) {
  // The codes are told by their highest bit; bit 12 says only that corrected ones are filtered.
  const std::uint64_t code = status & 0xefff;
  if ((code & 0xe800) == 0x0800) return "bus and interconnect";
  if ((code & 0xfe00) == 0x0400) return "internal";
  if ((code & 0xff00) == 0x0100) return "cache";
  if ((code & 0xff80) == 0x0080) return "memory controller";
  if ((code & 0xfff0) == 0x0010) return "TLB";
  if ((code & 0xfffc) == 0x000c) return "cache";
  return {};
}

}  // namespace gpud::machine_check
