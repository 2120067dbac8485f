// SPDX-License-Identifier: Apache-2.0
#include "decode/input_bytes.h"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace gpud::decode {
namespace {

constexpr std::size_t kBlock = 256 << 10;
constexpr std::size_t kLeastRead = 64 << 10;
constexpr std::string_view kGzipMagic = "\x1f\x8b";

}  // namespace

struct InputBytes::Inflater {
  Inflater() {
    constexpr int kGzipOnly = 15 + 16;  // zlib.h, inflateInit2
    usable = inflateInit2(&stream, kGzipOnly) == Z_OK;
  }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  z_stream stream{};
  std::vector<char> packed;  // stream.next_in points into it
  bool usable = false;
  bool between_members = false;  // gzip files may be joined: `cat a.gz b.gz`
};

InputBytes::InputBytes(UniqueFd fd, std::string name)
    : fd_(std::move(fd)), name_(std::move(name)), buffer_(kLookAhead + kBlock) {}
InputBytes::~InputBytes() = default;

std::string_view InputBytes::Ahead() {
  while (end_ - begin_ < kLookAhead && !ended_) ReadMore();
  return {buffer_.data() + begin_, end_ - begin_};
}

void InputBytes::ReadMore() {
  if (buffer_.size() - end_ < kLeastRead) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  char* const into = buffer_.data() + end_;
  const auto n =
      inflater_ ? Inflate(into, buffer_.size() - end_) : ReadFd(into, buffer_.size() - end_);
  if (!n || *n == 0) {
    ended_ = true;
    if (!n) problem_ = n.error();
    return;
  }
  end_ += *n;
  if (started_ || end_ < kGzipMagic.size()) return;
  started_ = true;  // the first two bytes show whether it is gzip
  if (!std::string_view(buffer_.data(), end_).starts_with(kGzipMagic)) return;
  inflater_ = std::make_unique<Inflater>();
  inflater_->packed.resize(std::max(end_, kLeastRead));
  std::copy_n(buffer_.data(), end_, inflater_->packed.data());
  inflater_->stream.next_in = reinterpret_cast<Bytef*>(inflater_->packed.data());
  inflater_->stream.avail_in = static_cast<uInt>(end_);
  end_ = 0;
}

Result<std::size_t> InputBytes::ReadFd(char* into, std::size_t most) {
  for (;;) {
    const ssize_t n = ::read(fd_.get(), into, most);
    if (n >= 0) return static_cast<std::size_t>(n);
    // EPIPE: records of /dev/kmsg were overwritten before they were read.
    if (errno == EINTR || errno == EPIPE) continue;
    if (errno == EAGAIN) return 0;  // /dev/kmsg has no more
    return FailErrno("reading " + name_, errno);
  }
}

Result<std::size_t> InputBytes::Inflate(char* into, std::size_t most) {
  z_stream& stream = inflater_->stream;
  if (!inflater_->usable) return Fail(ErrorCode::kInternal, name_ + ": no memory to unpack it");
  stream.next_out = reinterpret_cast<Bytef*>(into);
  stream.avail_out = static_cast<uInt>(most);
  while (stream.avail_out == most) {
    if (stream.avail_in == 0) {
      const auto n = ReadFd(inflater_->packed.data(), inflater_->packed.size());
      if (!n) return n;
      if (*n == 0 && inflater_->between_members) return 0;
      if (*n == 0) {
        return Fail(ErrorCode::kIo,
                    name_ + ": the gzip data is cut off; what came before was read");
      }
      stream.next_in = reinterpret_cast<Bytef*>(inflater_->packed.data());
      stream.avail_in = static_cast<uInt>(*n);
    }
    if (inflater_->between_members) {
      if (*stream.next_in == 0) {  // padding, as from a tape
        ++stream.next_in;
        --stream.avail_in;
        continue;
      }
      inflateReset(&stream);
      inflater_->between_members = false;
    }
    const int rc = ::inflate(&stream, Z_NO_FLUSH);
    if (rc == Z_STREAM_END) {
      inflater_->between_members = true;
    } else if (rc != Z_OK && rc != Z_BUF_ERROR) {
      if (stream.avail_out < most) break;  // what is good first; the next call fails again
      return Fail(ErrorCode::kIo, name_ + ": corrupt gzip data; what came before was read", rc);
    }
  }
  return most - stream.avail_out;
}

}  // namespace gpud::decode
