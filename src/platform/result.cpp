// SPDX-License-Identifier: Apache-2.0
#include "platform/result.h"

#include <cerrno>
#include <system_error>

namespace gpud {

tl::unexpected<Error> FailErrno(std::string what, int sys) {
  ErrorCode code = ErrorCode::kIo;
  switch (sys) {
    case ENOENT:
    case ENOTDIR:
      code = ErrorCode::kNotFound;
      break;
    case EACCES:
    case EPERM:
      code = ErrorCode::kPermission;
      break;
    case ETIMEDOUT:
      code = ErrorCode::kTimeout;
      break;
    case ENODEV:
    case ENXIO:
      code = ErrorCode::kDeviceLost;
      break;
    case EOPNOTSUPP:
    case ENOSYS:
      code = ErrorCode::kUnsupported;
      break;
    default:
      break;
  }
  return Fail(code, std::move(what) + ": " + std::generic_category().message(sys), sys);
}

}  // namespace gpud
