// SPDX-License-Identifier: Apache-2.0
#include "components/nvidia/xid/nvlink_registers.h"

#include <array>
#include <cstdint>

#include "platform/text.h"

namespace gpud::nvidia_xid {
namespace {

using Registers = std::array<std::uint32_t, 7>;

constexpr std::uint32_t Bits(std::initializer_list<unsigned> bits) {
  std::uint32_t mask = 0;
  for (const unsigned bit : bits) mask |= 1U << bit;
  return mask;
}

struct Meaning {
  std::size_t reg;  ///< from 1, as NVIDIA counts them
  std::uint32_t bits;
  RegisterVerdict verdict;
};

constexpr auto kFatal = EventType::kFatal;
constexpr auto kWarning = EventType::kWarning;
constexpr RegisterVerdict kHardware{kFatal, Advice::kResetGpu, Advice::kHardwareInspection,
                                    "possible hardware fault: check the mechanical connection"};
constexpr RegisterVerdict kParity{kFatal, Advice::kResetGpu, Advice::kRunFieldDiagnostics,
                                  "parity or ECC error; bad when seen more than twice on a link"};
constexpr RegisterVerdict kMarginal{kFatal, Advice::kResetGpu, Advice::kInvestigateLink,
                                    "marginal signal"};
constexpr RegisterVerdict kFabricEcho{kFatal, Advice::kResetFabric, Advice::kInvestigatePeer,
                                      "echo of another fault; the fabric must be reset"};
constexpr RegisterVerdict kEcho{kFatal, Advice::kResetGpu, Advice::kInvestigatePeer,
                                "echo of another fault: look at the peer first"};
constexpr RegisterVerdict kRepeated{kFatal, Advice::kResetGpu, Advice::kRunFieldDiagnostics,
                                    "report it when it is repeated"};
constexpr RegisterVerdict kThreshold{kWarning, Advice::kIgnore, Advice::kInvestigateLink,
                                     "threshold of corrected errors only: work may go on"};
constexpr RegisterVerdict kHarmless{kWarning, Advice::kIgnore, Advice::kNone, "harmless"};

// The gravest first. Source: NVIDIA's Xid 74 guide, registers of Hopper.
constexpr Meaning kMeanings[] = {
    {1, Bits({8, 9, 12, 16, 17, 24, 28}), kHardware},
    {1, Bits({4, 5}), kParity},
    {3, Bits({0, 1, 2, 6}), kParity},
    {5, Bits({18, 19, 21, 22, 24, 25, 27, 28}), kParity},
    {1, Bits({21, 22}), kMarginal},
    {3, Bits({13, 16, 17, 18, 19}), kRepeated},
    {1, Bits({27, 29}), kRepeated},
    {4, Bits({18}), kFabricEcho},
    {4, Bits({16, 17}), kEcho},
    {1, Bits({1, 20}), kEcho},
    {5, Bits({20, 23, 26, 29}), kThreshold},
    {1, Bits({0, 23, 30}), kHarmless},
};

std::optional<Registers> Parse(std::string_view text) {
  const std::size_t open = text.find("(0x");
  if (open == std::string_view::npos) return std::nullopt;
  text.remove_prefix(open + 1);
  text = text.substr(0, text.find(')'));
  const auto words = Split(text, ',');
  Registers registers{};
  if (words.size() != registers.size()) return std::nullopt;
  for (std::size_t i = 0; i < registers.size(); ++i) {
    std::string_view digits = Trim(words[i]);
    if (digits.starts_with("0x")) digits.remove_prefix(2);
    const auto value = ParseNumber<std::uint32_t>(digits, 16);
    if (!value) return std::nullopt;
    registers[i] = *value;
  }
  return registers;
}

}  // namespace

std::optional<RegisterVerdict> JudgeRegisters(std::string_view text) {
  const auto registers = Parse(text);
  if (!registers) return std::nullopt;
  for (const Meaning& meaning : kMeanings) {
    if (((*registers)[meaning.reg - 1] & meaning.bits) != 0) return meaning.verdict;
  }
  return std::nullopt;
}

}  // namespace gpud::nvidia_xid
