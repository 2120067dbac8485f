// SPDX-License-Identifier: Apache-2.0
// AMD's GPUs, as amdgpu tells them in sysfs. No library is needed; docs/amd.md has the files.
#pragma once

#include <string>
#include <vector>

#include "sources/amdgpu/kfd.h"
#include "sources/amdgpu/metrics.h"
#include "sources/amdgpu/ras.h"
#include "sources/drm/gpu.h"
#include "sources/source.h"

namespace gpud::amdgpu {

struct Gpu {
  drm::Gpu base;
  Result<std::string> serial = drm::kNotRead;
  Result<std::string> vbios_version = drm::kNotRead;
  /// How the GPU is cut up: "SPX" (whole) to "CPX", "NPS1" to "NPS8". MI300 on.
  Result<std::string> compute_partition = drm::kNotRead, memory_partition = drm::kNotRead;
  Result<std::vector<RasBlock>> ras = drm::kNotRead;
  Result<BadPages> bad_pages = drm::kNotRead;
  Result<Metrics> metrics = drm::kNotRead;
  /// The group of GPUs that XGMI links, and those that this one is linked to (PCI addresses).
  std::string hive;
  std::vector<std::string> xgmi_peers;
  /// By KFD: those that compute. For others see drm::Clients.
  Result<std::vector<ComputeProcess>> processes = drm::kNotRead;

  static constexpr auto Fields() {
    using G = Gpu;
    return std::tuple{Field{"base", &G::base},
                      Field{"serial", &G::serial},
                      Field{"vbios_version", &G::vbios_version},
                      Field{"compute_partition", &G::compute_partition},
                      Field{"memory_partition", &G::memory_partition},
                      Field{"ras", &G::ras},
                      Field{"bad_pages", &G::bad_pages},
                      Field{"metrics", &G::metrics},
                      Field{"hive", &G::hive},
                      Field{"xgmi_peers", &G::xgmi_peers},
                      Field{"processes", &G::processes}};
  }
};

struct Gpus {
  std::string driver_version;  ///< of a driver that does not come with the kernel; else empty
  bool module_loaded = false;
  std::vector<Gpu> gpus;
  std::vector<drm::Undriven> undriven;

  static constexpr auto Fields() {
    return std::tuple{Field{"driver_version", &Gpus::driver_version},
                      Field{"module_loaded", &Gpus::module_loaded}, Field{"gpus", &Gpus::gpus},
                      Field{"undriven", &Gpus::undriven}};
  }
};

/// Error in place of the snapshot: kUnsupported without a GPU of AMD's on the PCI bus.
/// Source: Documentation/gpu/amdgpu/{driver-misc,thermal,ras}.rst.
extern const SourceType kGpus;

/// The clock of a table of steps: the one marked as now, and the highest ("1: 800Mhz *").
struct ClockSteps {
  Result<double> now_mhz, max_mhz;
};
ClockSteps ParseClockSteps(const Result<std::string>& text);

}  // namespace gpud::amdgpu
