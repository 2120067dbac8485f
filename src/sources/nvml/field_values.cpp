// SPDX-License-Identifier: Apache-2.0
#include "sources/nvml/field_values.h"

#include "sources/nvml/return_code.h"

namespace gpud::nvml {
namespace {

using namespace nvml_abi;

// Whole numbers, exactly; what is none is cut.
std::optional<std::int64_t> WholeOf(nvmlValueType_t type, const nvmlValue_t& value) {
  switch (type) {
    case NVML_VALUE_TYPE_DOUBLE:
      return static_cast<std::int64_t>(value.dVal);
    case NVML_VALUE_TYPE_UNSIGNED_INT:
      return value.uiVal;
    case NVML_VALUE_TYPE_UNSIGNED_LONG:
      return static_cast<std::int64_t>(value.ulVal);
    case NVML_VALUE_TYPE_UNSIGNED_LONG_LONG:
      return static_cast<std::int64_t>(value.ullVal);
    case NVML_VALUE_TYPE_SIGNED_LONG_LONG:
      return value.sllVal;
    case NVML_VALUE_TYPE_SIGNED_INT:
      return value.siVal;
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> ValueOf(nvmlValueType_t type, const nvmlValue_t& value) {
  if (type == NVML_VALUE_TYPE_DOUBLE) return value.dVal;
  const auto whole = WholeOf(type, value);
  if (!whole) return std::nullopt;
  return static_cast<double>(*whole);
}

std::size_t FieldValues::Add(unsigned field, unsigned scope) {
  nvmlFieldValue_t value{};
  value.fieldId = field;
  value.scopeId = scope;
  // A driver that fills in fewer than it was asked for leaves this.
  value.nvmlReturn = NVML_ERROR_NOT_SUPPORTED;
  values_.push_back(value);
  return values_.size() - 1;
}

void FieldValues::Read(Gpu& gpu) {
  driver_version_ = gpu.driver_version();
  called_ = gpu.Call(gpu.symbols().field_values, static_cast<int>(values_.size()), values_.data());
}

Result<const nvmlFieldValue_t*> FieldValues::At(std::size_t place) const {
  if (!called_) return tl::unexpected<Error>(called_.error());
  const nvmlFieldValue_t& value = values_[place];
  switch (value.nvmlReturn) {
    case NVML_SUCCESS:
      return &value;
    case NVML_ERROR_INVALID_ARGUMENT:  // how drivers answer for a field that came after them
      return tl::unexpected<Error>(ErrorOf(NVML_ERROR_NOT_SUPPORTED, "", driver_version_));
    default:
      return tl::unexpected<Error>(
          ErrorOf(value.nvmlReturn, "field " + std::to_string(value.fieldId), driver_version_));
  }
}

Result<std::int64_t> FieldValues::Signed(std::size_t place) const {
  const auto value = At(place);
  if (!value) return tl::unexpected<Error>(value.error());
  const auto whole = WholeOf((*value)->valueType, (*value)->value);
  if (!whole) {
    return Fail(ErrorCode::kParse,
                "field " + std::to_string((*value)->fieldId) + ": a value of unknown type");
  }
  return *whole;
}

Result<std::uint64_t> FieldValues::Whole(std::size_t place) const {
  return Signed(place).map([](std::int64_t value) { return static_cast<std::uint64_t>(value); });
}

}  // namespace gpud::nvml
