// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value, or the Error that says for a person what was tried and what came back.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace gpud {

/// Code decides on this; people read Error::what. A new code only when some caller acts on it.
enum class ErrorCode : unsigned char {
  kNotFound,
  kPermission,
  kTimeout,
  kParse,
  kUnsupported,
  kDeviceLost,
  kIo,
  kInternal,
};

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string what;  ///< for a person: what was tried, on what, and what came back
  int sys = 0;       ///< errno or vendor return code; 0 when there is none

  bool operator==(const Error&) const = default;
};

template <class T>
using Result = tl::expected<T, Error>;

/// Makes an error.
inline tl::unexpected<Error> Fail(ErrorCode code, std::string what, int sys = 0) {
  return tl::unexpected<Error>(Error{code, std::move(what), sys});
}

/// Makes an error of an errno value: its code from the number, ": strerror" behind `what`.
tl::unexpected<Error> FailErrno(std::string what, int sys);

/// Hands the error of `result` on, with "context: " before its text.
template <class R>
tl::unexpected<Error> Pass(R&& result, std::string_view context) {
  Error error = std::forward<R>(result).error();
  error.what = std::string(context) + ": " + error.what;
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace gpud
