// SPDX-License-Identifier: Apache-2.0
// NVML's return codes as errors: the one place that decides what a code means (session.h).
#pragma once

#include <string_view>

#include "platform/result.h"
#include "sources/nvml/abi/base.h"

namespace gpud::nvml {

/// The error of `code` (not NVML_SUCCESS). The text is short, as it is repeated in every field; the
/// function is named only where the code alone says too little.
Error ErrorOf(nvml_abi::nvmlReturn_t code, std::string_view function,
              std::string_view driver_version);

/// The driver has no such function.
Error MissingFunction(std::string_view driver_version);

}  // namespace gpud::nvml
