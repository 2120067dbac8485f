// SPDX-License-Identifier: Apache-2.0
#include "server/connection_writer.h"

#include <algorithm>

namespace gpud::server {

namespace {
constexpr std::size_t kRecordBytes = 16 << 10;
}

void ResponseWriter::Start(std::string head, std::string body) {
  head_ = std::move(head);
  body_ = std::move(body);
  body_in_head_ = std::min(body_.size(), kRecordBytes - std::min(kRecordBytes, head_.size()));
  head_.append(body_, 0, body_in_head_);
  written_ = 0;
}

client::Io ResponseWriter::WriteTo(client::Stream& stream) {
  const std::string_view head = head_;
  const std::string_view rest = std::string_view(body_).substr(body_in_head_);
  while (written_ < head.size() + rest.size()) {
    std::size_t put = 0;
    const auto io = stream.Write(
        written_ < head.size() ? head.substr(written_) : rest.substr(written_ - head.size()), put);
    if (io != client::Io::kDone) return io;
    written_ += put;
  }
  *this = {};
  return client::Io::kDone;
}

}  // namespace gpud::server
