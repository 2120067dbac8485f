// SPDX-License-Identifier: Apache-2.0
// Intel's GPUs, as i915 and xe tell them in sysfs. docs/intel.md has the files.
#pragma once

#include <string>
#include <vector>

#include "sources/drm/gpu.h"
#include "sources/source.h"

namespace gpud::intel_gpu {

/// One graphics unit of a GPU (GT): a GPU has one for each tile, and newer ones one for media.
struct Unit {
  std::string name;                              ///< "gt0", "tile1/gt2"
  Result<double> clock_mhz = drm::kNotRead;      ///< 0 while it sleeps
  Result<double> clock_max_mhz = drm::kNotRead;  ///< what the hardware can
  Result<double> asleep_ms = drm::kNotRead;      ///< time asleep (RC6), total
  std::vector<std::string> throttled_by;         ///< "thermal", "pl1" ... now
  Result<double> throttled = drm::kNotRead;      ///< by anything: 0 or 1

  static constexpr auto Fields() {
    using U = Unit;
    return std::tuple{Field{"name", &U::name},
                      Field{"clock_mhz", &U::clock_mhz},
                      Field{"clock_max_mhz", &U::clock_max_mhz},
                      Field{"asleep_ms", &U::asleep_ms},
                      Field{"throttled_by", &U::throttled_by},
                      Field{"throttled", &U::throttled}};
  }
};

struct Gpu {
  drm::Gpu base;
  std::vector<Unit> units;  ///< empty while the GPU is asleep

  static constexpr auto Fields() {
    return std::tuple{Field{"base", &Gpu::base}, Field{"units", &Gpu::units}};
  }
};

struct Gpus {
  bool module_loaded = false;  ///< i915 or xe
  std::vector<Gpu> gpus;
  std::vector<drm::Undriven> undriven;

  static constexpr auto Fields() {
    return std::tuple{Field{"module_loaded", &Gpus::module_loaded}, Field{"gpus", &Gpus::gpus},
                      Field{"undriven", &Gpus::undriven}};
  }
};

/// Error in place of the snapshot: kUnsupported without a GPU of Intel's on the PCI bus.
/// Source: Documentation/ABI/testing/sysfs-driver-intel-{i915,xe}-hwmon, the attributes of
/// drivers/gpu/drm/i915/gt/intel_gt_sysfs_pm.c and drivers/gpu/drm/xe/xe_gt_{freq,idle,throttle}.c.
extern const SourceType kGpus;

}  // namespace gpud::intel_gpu
