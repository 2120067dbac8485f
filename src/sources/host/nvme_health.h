// SPDX-License-Identifier: Apache-2.0
// What NVMe disks say of their own health: the SMART log, asked of the controller itself. In the
// mounts lane, as a controller that has died lets the question hang.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace gpud::host {

/// Log page 02h, NVM Express Base Specification 2.0, 5.16.1.3. Counters are since manufacture and
/// stop at 2^64.
struct NvmeSmart {
  std::uint8_t critical_warning = 0;  ///< bits, kNvmeSpareLow and those below it
  double temperature_celsius = 0;     ///< of the controller as a whole
  std::uint32_t spare_percent = 0;    ///< what is left of the spare blocks
  std::uint32_t spare_threshold_percent = 0;
  std::uint32_t used_percent = 0;  ///< of its life, by the maker's estimate; may exceed 100
  std::uint64_t read_bytes = 0, written_bytes = 0;
  std::uint64_t power_on_hours = 0, unsafe_shutdowns = 0;
  std::uint64_t media_errors = 0;                      ///< data that could not be brought back
  std::uint64_t hot_minutes = 0, too_hot_minutes = 0;  ///< above the warning and critical limits

  bool operator==(const NvmeSmart&) const = default;
  static constexpr auto Fields() {
    using S = NvmeSmart;
    return std::tuple{Field{"critical_warning", &S::critical_warning},
                      Field{"temperature_celsius", &S::temperature_celsius},
                      Field{"spare_percent", &S::spare_percent},
                      Field{"spare_threshold_percent", &S::spare_threshold_percent},
                      Field{"used_percent", &S::used_percent},
                      Field{"read_bytes", &S::read_bytes},
                      Field{"written_bytes", &S::written_bytes},
                      Field{"power_on_hours", &S::power_on_hours},
                      Field{"unsafe_shutdowns", &S::unsafe_shutdowns},
                      Field{"media_errors", &S::media_errors},
                      Field{"hot_minutes", &S::hot_minutes},
                      Field{"too_hot_minutes", &S::too_hot_minutes}};
  }
};
inline constexpr unsigned kNvmeSpareLow = 0x01, kNvmeTemperature = 0x02, kNvmeUnreliable = 0x04,
                          kNvmeReadOnly = 0x08, kNvmeBackupFailed = 0x10,
                          kNvmePersistentMemoryReadOnly = 0x20;

struct NvmeController {
  std::string name;   ///< "nvme0"
  std::string model;  ///< empty where not told
  std::string state;  ///< the kernel's: "live", "resetting", "dead" ...
  Result<NvmeSmart> smart = Fail(ErrorCode::kInternal, "not read");

  static constexpr auto Fields() {
    using C = NvmeController;
    return std::tuple{Field{"name", &C::name}, Field{"model", &C::model}, Field{"state", &C::state},
                      Field{"smart", &C::smart}};
  }
};

struct NvmeHealth {
  BootTime asked{};  ///< the disks are asked every five minutes, however often this is read
  std::vector<NvmeController> controllers;  ///< those on the PCI bus

  static constexpr auto Fields() {
    return std::tuple{Field{"asked", &NvmeHealth::asked},
                      Field{"controllers", &NvmeHealth::controllers}};
  }
};

/// Error: kParse when it is not 512 bytes.
Result<NvmeSmart> ParseNvmeSmart(std::string_view log);

/// Errors in place of the snapshot: kUnsupported where there is none; kPermission: only root may
/// ask. In the place of a disk's log: kTimeout, kUnsupported (some clouds' disks), kIo.
extern const SourceType kNvmeHealth;

}  // namespace gpud::host
