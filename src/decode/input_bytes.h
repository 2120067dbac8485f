// SPDX-License-Identifier: Apache-2.0
// InputBytes: the bytes of a file or pipe, unpacked when they are gzip's, with a view far enough
// ahead that no message is split.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/result.h"
#include "platform/unique_fd.h"

namespace gpud::decode {

class InputBytes {
 public:
  static constexpr std::size_t kLookAhead = 128 << 10;

  InputBytes(UniqueFd fd, std::string name);
  ~InputBytes();

  /// What comes next: at least kLookAhead bytes unless the input ends before; empty at the end.
  /// Valid until the next call.
  std::string_view Ahead();
  /// The first `n` bytes of Ahead() have been used.
  void Consume(std::size_t n) {
    begin_ += n;
    consumed_ += n;
  }
  std::uint64_t consumed() const { return consumed_; }
  /// Why the input ended early.
  const std::optional<Error>& problem() const { return problem_; }

 private:
  struct Inflater;

  void ReadMore();
  /// 0 = the end. Error: kIo.
  Result<std::size_t> ReadFd(char* into, std::size_t most);
  Result<std::size_t> Inflate(char* into, std::size_t most);

  UniqueFd fd_;
  std::string name_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;  // what of the buffer is not used yet
  std::uint64_t consumed_ = 0;
  bool started_ = false, ended_ = false;
  std::unique_ptr<Inflater> inflater_;  // null for plain input
  std::optional<Error> problem_;
};

}  // namespace gpud::decode
