// SPDX-License-Identifier: Apache-2.0
// Many numbers of a GPU in one call: nvmlDeviceGetFieldValues.
#pragma once

#include "sources/nvml/abi/field_ids.h"
#include "sources/nvml/gpu.h"

namespace gpud::nvml {

/// The scope of fields that are counted per link: all of them together.
inline constexpr unsigned kAllLinks = ~0U;

class FieldValues {
 public:
  /// Returns the place of the field in the batch.
  std::size_t Add(unsigned field, unsigned scope = 0);
  void Read(Gpu& gpu);

  /// After Read. A field that this driver or board does not know is kUnsupported.
  Result<std::uint64_t> Whole(std::size_t place) const;
  Result<std::int64_t> Signed(std::size_t place) const;

 private:
  Result<const abi::nvmlFieldValue_t*> At(std::size_t place) const;

  std::vector<abi::nvmlFieldValue_t> values_;
  Result<void> called_ = kNotRead;
  std::string driver_version_;
};

/// A value of NVML's tagged union; nothing for a type that nobody knows.
std::optional<double> ValueOf(abi::nvmlValueType_t type, const abi::nvmlValue_t& value);

}  // namespace gpud::nvml
