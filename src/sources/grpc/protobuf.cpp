// SPDX-License-Identifier: Apache-2.0
#include "sources/grpc/protobuf.h"

namespace gpud::grpc {

bool ProtobufReader::Bad() {
  ok_ = false;
  rest_ = {};
  return false;
}

bool ProtobufReader::Varint(std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (rest_.empty()) return Bad();
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
    if ((byte & 0x80U) == 0) return true;
  }
  return Bad();
}

bool ProtobufReader::Fixed(std::size_t bytes, std::uint64_t& value) {
  if (rest_.size() < bytes) return Bad();
  value = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
  }
  rest_.remove_prefix(bytes);
  return true;
}

bool ProtobufReader::Next(ProtobufField& field) {
  if (rest_.empty()) return false;
  std::uint64_t tag = 0;
  if (!Varint(tag)) return false;
  field = {.number = static_cast<std::uint32_t>(tag >> 3)};
  if (field.number == 0 || tag >> 32 != 0) return Bad();
  switch (tag & 7) {
    case 0:
      return Varint(field.value);
    case 1:
      return Fixed(8, field.value);
    case 2: {
      std::uint64_t length = 0;
      if (!Varint(length)) return false;
      if (length > rest_.size()) return Bad();
      field.has_bytes = true;
      field.bytes = rest_.substr(0, length);
      rest_.remove_prefix(length);
      return true;
    }
    case 5:
      return Fixed(4, field.value);
    default:  // groups, which proto3 does not have
      return Bad();
  }
}

}  // namespace gpud::grpc
