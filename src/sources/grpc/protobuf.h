// SPDX-License-Identifier: Apache-2.0
// Protobuf's wire format, read field by field: for the few messages of which gpud wants a few
// fields (https://protobuf.dev/programming-guides/encoding).
#pragma once

#include <cstdint>
#include <string_view>

namespace gpud::grpc {

struct ProtobufField {
  std::uint32_t number = 0;
  bool has_bytes = false;   ///< a text, bytes or a message
  std::string_view bytes;   ///< into the message that was given
  std::uint64_t value = 0;  ///< of all other kinds
};

class ProtobufReader {
 public:
  explicit ProtobufReader(std::string_view message) : rest_(message) {}

  /// The next field; false at the end, and at what is no message.
  bool Next(ProtobufField& field);
  /// False after bytes that are no message.
  bool ok() const { return ok_; }

 private:
  bool Bad();
  bool Varint(std::uint64_t& value);
  bool Fixed(std::size_t bytes, std::uint64_t& value);

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace gpud::grpc
