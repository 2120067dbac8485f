// SPDX-License-Identifier: Apache-2.0
#include "sources/nvml/product_name.h"

namespace gpud::nvml {
namespace {

bool IsKept(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

}  // namespace

std::string ProductName(std::string_view name) {
  std::string product;
  bool gap = false;
  for (const char c : name) {
    gap = gap || c == ' ';
    if (!IsKept(c)) continue;
    if (gap && !product.empty()) product += '-';
    gap = false;
    product += c;
  }
  return product;
}

}  // namespace gpud::nvml
