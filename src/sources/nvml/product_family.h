// SPDX-License-Identifier: Apache-2.0
// Families of products by their name, for the few facts that no driver tells. Whatever a driver can
// be asked is asked of it.
#pragma once

#include <cstdint>
#include <string_view>

namespace gpud::nvml {

/// Whether a name has `family` as one of its words: "NVIDIA A100-SXM4-80GB" is of "A100", and
/// neither "NVIDIA A10" nor "NVIDIA A1000" is.
bool IsOfFamily(std::string_view name, std::string_view family);

/// The InfiniBand ports that a machine of eight such GPUs is built with.
struct NetworkOfProduct {
  std::string_view family;
  std::uint32_t ports = 0;
  double gbps = 0;  ///< of each
};
/// Null for a product of which nothing is known.
const NetworkOfProduct* NetworkOf(std::string_view name);

}  // namespace gpud::nvml
