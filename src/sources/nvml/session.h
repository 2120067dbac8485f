// SPDX-License-Identifier: Apache-2.0
// How NVIDIA's management library (NVML) was reached for a snapshot, and what its errors mean.
#pragma once

#include <string>

#include "model/fields.h"
#include "platform/result.h"

namespace gpud::nvml {

/// A value that nothing has read: what each reading is until then.
inline const tl::unexpected<Error> kNotRead = Fail(ErrorCode::kInternal, "not read");

/// With which library and driver a snapshot was taken.
struct Session {
  std::string library;         ///< path as loaded
  std::string simulated;       ///< name of the scenario; empty with a real driver
  std::string driver_version;  ///< "575.57.08" (nvmlSystemGetDriverVersion)
  std::string nvml_version;    ///< "12.575.57.08"
  std::string cuda_version;    ///< highest that the driver supports, "12.9"
  /// Not empty: the driver was left alone this time, and why ("all GPUs idle, persistence off: to
  /// ask would wake them"). The snapshot then holds what was read last, if anything.
  std::string asleep;

  static constexpr auto Fields() {
    using S = Session;
    return std::tuple{Field{"library", &S::library},
                      Field{"simulated", &S::simulated},
                      Field{"driver_version", &S::driver_version},
                      Field{"nvml_version", &S::nvml_version},
                      Field{"cuda_version", &S::cuda_version},
                      Field{"asleep", &S::asleep}};
  }
};

/// How Error::sys of NVML's readings is to be read: nvmlReturn_t (0 where NVML did not say it).
/// Error::code: kUnsupported (NOT_SUPPORTED, FUNCTION_NOT_FOUND, a missing symbol), kPermission,
/// kNotFound, kDeviceLost (GPU_IS_LOST and RESET_REQUIRED), kTimeout, else kIo.
inline constexpr int kGpuIsLost = 15;
inline constexpr int kResetRequired = 16;
inline constexpr int kVersionMismatch = 18;  ///< NVML_ERROR_LIB_RM_VERSION_MISMATCH

/// The device has left the bus.
inline bool IsLost(const Error& error) { return error.sys == kGpuIsLost; }
/// The device works again after a reset only.
inline bool NeedsReset(const Error& error) { return error.sys == kResetRequired; }

}  // namespace gpud::nvml
