// SPDX-License-Identifier: Apache-2.0
#include "sources/nvml/gpu.h"

#include "platform/text.h"
#include "sources/nvml/return_code.h"

namespace gpud::nvml {

Result<void> Calls::Missing() {
  took = {};
  return tl::unexpected<Error>(MissingFunction(driver_version));
}

Result<void> Calls::Judge(const Symbol& function, abi::nvmlReturn_t code, BootTime begun) {
  took = clock.Boot() - begun;
  if (code == abi::NVML_SUCCESS) return {};
  return tl::unexpected<Error>(ErrorOf(code, function.name, driver_version));
}

void Gpu::Begin() {
  lost_ = unreachable;
  trouble_ = unreachable;
}

Result<void> Gpu::Note(const Symbol& function, Result<void> result) {
  if (calls_.took > slowest) {
    slowest = calls_.took;
    slowest_call = function.name;
  }
  if (!result && result.error().code == ErrorCode::kDeviceLost) {
    if (!trouble_) trouble_ = result.error();
    if (IsLost(result.error())) lost_ = trouble_ = result.error();
  }
  return result;
}

Result<std::string> Gpu::GetTextOn(abi::nvmlDevice_t device, Text& function) {
  char text[abi::kNameSize] = "";
  if (auto done = CallOn(device, function, text, sizeof text); !done) {
    return tl::unexpected<Error>(std::move(done).error());
  }
  text[sizeof text - 1] = '\0';
  return std::string(text);
}

int Gpu::driver_release() const {
  const std::string_view version = driver_version();
  return ParseNumber<int>(version.substr(0, version.find('.'))).value_or(0);
}

Result<bool> Gpu::Answers() const {
  if (trouble_) return tl::unexpected<Error>(*trouble_);
  return true;
}

}  // namespace gpud::nvml
