// SPDX-License-Identifier: Apache-2.0
// The bits of AER's status registers (PCI Express Base Specification, "Advanced Error Reporting").
#pragma once

#include <cstdint>
#include <string>

namespace gpud::pcie_aer {

/// "RxErr, BadTLP": the names that the kernel gives to the bits.
std::string ErrorNames(std::uint32_t status, bool correctable);

/// Which of the two registers a value is of, when the line does not say. Bits 12 to 15 are in both:
/// a replay that timed out and an advisory error are frequent, a poisoned packet is not, and a
/// completion time-out is.
bool IsCorrectable(std::uint32_t status);

}  // namespace gpud::pcie_aer
