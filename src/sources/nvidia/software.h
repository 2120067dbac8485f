// SPDX-License-Identifier: Apache-2.0
// NVIDIA's software as the host's files tell of it, whether or not the driver's library answers:
// versions of module and toolkit, and the end of the Fabric Manager's log.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace gpud::nvidia {

/// A line of /var/log/fabricmanager.log that tells of trouble.
struct FabricManagerLine {
  WallTime time{};   ///< as written, taken as UTC: the log names no zone
  std::string text;  ///< what stands behind the time

  bool operator==(const FabricManagerLine&) const = default;
  static constexpr auto Fields() {
    using L = FabricManagerLine;
    return std::tuple{Field{"time", &L::time}, Field{"text", &L::text}};
  }
};

struct Software {
  Result<std::string> module_version = Fail(ErrorCode::kNotFound, "not read");   ///< "575.57.08"
  Result<std::string> toolkit_version = Fail(ErrorCode::kNotFound, "not read");  ///< "12.4.1"
  bool peermem_in_use = false;                    ///< ib_core is held by nvidia_peermem
  std::vector<FabricManagerLine> fabric_manager;  ///< of the log's last 64 KiB, at most 256

  static constexpr auto Fields() {
    using S = Software;
    return std::tuple{
        Field{"module_version", &S::module_version}, Field{"toolkit_version", &S::toolkit_version},
        Field{"peermem_in_use", &S::peermem_in_use}, Field{"fabric_manager", &S::fabric_manager}};
  }
};

/// Lines with "[Jan 02 2006 15:04:05]" in front that hold one of the words of trouble.
std::vector<FabricManagerLine> ParseFabricManagerLog(std::string_view text);

/// Never an error in its place. Source: /sys/module/nvidia/version,
/// /usr/local/cuda/version.json, /sys/module/ib_core/holders, /var/log/fabricmanager.log.
extern const SourceType kSoftware;

}  // namespace gpud::nvidia
