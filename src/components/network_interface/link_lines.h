// SPDX-License-Identifier: Apache-2.0
// Kernel lines that say that a network link went down or came up, in the wording of any driver.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gpud::network_interface {

/// What the lines hold, and those by which the machine starts, and a card gets its name.
inline constexpr std::string_view kLinkNeedles[] = {"Link is Down",
                                                    "Link is down",
                                                    "Link Down",
                                                    "Link down",
                                                    "link down",
                                                    "Link is Up",
                                                    "Link is up",
                                                    "Link Up",
                                                    "Link up",
                                                    "link up",
                                                    "link status definitely ",
                                                    "without any active interface",
                                                    "active interface up",
                                                    ": renamed from ",
                                                    "Linux version "};

struct LinkChange {
  enum class Kind : unsigned char { kDown, kUp, kBondDown, kBondUp, kBorn, kBoot };
  Kind kind = Kind::kDown;
  std::string device;  ///< "eno1", or the PCI address where the driver names no interface
};

/// Nothing when the line is about another kind of link (SATA, a slot), or an interface that lives
/// and dies with a container.
std::optional<LinkChange> ParseLinkLine(std::string_view line);

/// The network interface that a driver names before its message: "eno1" of
/// "ixgbe 0000:04:00.0 eno1: ..." and of "mlx4_en: eno1: ...". The PCI address when it names none.
std::string InterfaceIn(std::string_view line);

}  // namespace gpud::network_interface
