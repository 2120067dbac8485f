// SPDX-License-Identifier: Apache-2.0
#include "components/pcie_aer/aer_bits.h"

#include <array>
#include <string_view>

namespace gpud::pcie_aer {
namespace {

using Names = std::array<std::string_view, 32>;

constexpr Names MakeCorrectable() {
  Names names{};
  names[0] = "RxErr";
  names[6] = "BadTLP";
  names[7] = "BadDLLP";
  names[8] = "Rollover";
  names[12] = "Timeout";
  names[13] = "NonFatalErr";
  names[14] = "CorrIntErr";
  names[15] = "HeaderOF";
  return names;
}

constexpr Names MakeUncorrectable() {
  Names names{};
  names[4] = "DLP";
  names[5] = "SDES";
  constexpr std::string_view kFromTwelve[] = {"TLP",
                                              "FCP",
                                              "CmpltTO",
                                              "CmpltAbrt",
                                              "UnxCmplt",
                                              "RxOF",
                                              "MalfTLP",
                                              "ECRC",
                                              "UnsupReq",
                                              "ACSViol",
                                              "UncorrIntErr",
                                              "BlockedTLP",
                                              "AtomicOpBlocked",
                                              "TLPBlockedErr",
                                              "PoisonTLPBlocked"};
  for (std::size_t i = 0; i < std::size(kFromTwelve); ++i) names[12 + i] = kFromTwelve[i];
  return names;
}

constexpr Names kCorrectableNames = MakeCorrectable();
constexpr Names kUncorrectableNames = MakeUncorrectable();

}  // namespace

std::string ErrorNames(std::uint32_t status, bool correctable) {
  const Names& names = correctable ? kCorrectableNames : kUncorrectableNames;
  std::string text;
  for (std::size_t bit = 0; bit < names.size(); ++bit) {
    if ((status >> bit & 1) == 0) continue;
    if (!text.empty()) text += ", ";
    text += names[bit].empty() ? "bit " + std::to_string(bit) : std::string(names[bit]);
  }
  return text;
}

bool IsCorrectable(std::uint32_t status) {
  constexpr std::uint32_t kOnlyCorrectable = 1U << 0 | 1U << 6 | 1U << 7 | 1U << 8;
  constexpr std::uint32_t kFrequent = 1U << 12 | 1U << 13;
  return (status & ~(kOnlyCorrectable | kFrequent)) == 0;
}

}  // namespace gpud::pcie_aer
