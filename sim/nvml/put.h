// SPDX-License-Identifier: Apache-2.0
// Puts an answer where the caller wants it, by the rules of the C interface.
#pragma once

#include <algorithm>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "nvml/gpu.h"

namespace gpud::sim_nvml {

template <class T>
nvmlReturn_t Put(T* into, std::type_identity_t<T> value) {
  if (!into) return NVML_ERROR_INVALID_ARGUMENT;
  *into = value;
  return NVML_SUCCESS;
}

/// A reading times `scale`, rounded to a whole number.
template <class T>
nvmlReturn_t PutReading(T* into, const Reading& reading, double scale = 1) {
  if (!into) return NVML_ERROR_INVALID_ARGUMENT;
  if (reading) *into = static_cast<T>(std::llround(reading.value * scale));
  return reading.status;
}

inline nvmlReturn_t PutText(char* into, unsigned length, std::string_view text) {
  if (!into) return NVML_ERROR_INVALID_ARGUMENT;
  if (length <= text.size()) return NVML_ERROR_INSUFFICIENT_SIZE;
  std::memcpy(into, text.data(), text.size());
  into[text.size()] = '\0';
  return NVML_SUCCESS;
}

/// Into an array of the interface's own size; longer text is cut.
template <std::size_t N>
void FillText(char (&into)[N], std::string_view text) {
  const std::size_t size = std::min(N - 1, text.size());
  std::memcpy(into, text.data(), size);
  into[size] = '\0';
}

/// A list by NVML's rule: `*count` is the room that there is and becomes the number of rows; with
/// too little room nothing is written.
template <class Rows, class T>
nvmlReturn_t PutRows(const Rows& rows, unsigned* count, T* into) {
  if (!count) return NVML_ERROR_INVALID_ARGUMENT;
  const unsigned room = *count;
  *count = static_cast<unsigned>(rows.size());
  if (rows.size() > room) return NVML_ERROR_INSUFFICIENT_SIZE;
  if (!into && !rows.empty()) return NVML_ERROR_INVALID_ARGUMENT;
  std::ranges::copy(rows, into);
  return NVML_SUCCESS;
}

}  // namespace gpud::sim_nvml
