// SPDX-License-Identifier: Apache-2.0
// Access Control Services of the PCI Express ports: where they are on, traffic between two GPUs
// takes the way through the processor.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace gpud::sysfs {

struct AcsPort {
  std::string address;                        ///< "0000:16:01.0"
  std::uint16_t capability = 0, control = 0;  ///< bits as in the PCI Express specification, 7.7.11

  static constexpr auto Fields() {
    using A = AcsPort;
    return std::tuple{Field{"address", &A::address}, Field{"capability", &A::capability},
                      Field{"control", &A::control}};
  }
};
inline constexpr std::uint16_t kAcsSourceValidation = 0x01, kAcsRequestRedirect = 0x04,
                               kAcsCompletionRedirect = 0x08;

struct AcsPorts {
  std::vector<AcsPort> ports;  ///< the bridges that have the capability, by address

  static constexpr auto Fields() { return std::tuple{Field{"ports", &AcsPorts::ports}}; }
};

/// Looks for the capability in a device's configuration space through `read`, which gives the 32
/// bits at an offset, or nothing. Never more than 480 steps, whatever it reads.
template <class ReadWord>
std::optional<AcsPort> FindAcs(ReadWord&& read) {
  constexpr std::uint32_t kFirst = 0x100, kEnd = 0x1000, kSmallest = 8, kAcs = 0x000d;
  std::uint32_t at = kFirst;
  for (std::uint32_t steps = (kEnd - kFirst) / kSmallest; steps > 0 && at >= kFirst; --steps) {
    const std::optional<std::uint32_t> header = read(at);
    if (!header || *header == 0 || *header == 0xffffffff) return std::nullopt;
    if ((*header & 0xffff) == kAcs) {
      const std::optional<std::uint32_t> bits = read(at + 4);
      if (!bits) return std::nullopt;
      return AcsPort{.address = {},
                     .capability = static_cast<std::uint16_t>(*bits & 0xffff),
                     .control = static_cast<std::uint16_t>(*bits >> 16)};
    }
    at = (*header >> 20) & 0xffc;
  }
  return std::nullopt;
}

/// Errors in place of the snapshot: kUnsupported where there is no bridge; kPermission: only root
/// may read that far. Source: Documentation/ABI/testing/sysfs-bus-pci, config.
extern const SourceType kPciAcs;

}  // namespace gpud::sysfs
