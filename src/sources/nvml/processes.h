// SPDX-License-Identifier: Apache-2.0
// Which processes use NVIDIA's GPUs, and how much of them. Who they are (user, container, pod, job)
// is the kernel's to tell: sources/procfs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sources/nvml/session.h"
#include "sources/source.h"

namespace gpud::nvml {

struct GpuProcess {
  std::uint32_t pid = 0;
  std::string kind;  ///< "compute", "graphics", "mps"
  /// kUnsupported where the driver cannot tell it.
  Result<std::uint64_t> memory_bytes = kNotRead;
  /// In MIG mode; else nothing.
  std::optional<std::uint32_t> gpu_instance, compute_instance;
  /// Share of the time since the reading before; kNotFound when the driver has no sample of it.
  Result<double> sm_percent = kNotRead, memory_percent = kNotRead;
  Result<double> encoder_percent = kNotRead, decoder_percent = kNotRead;

  static constexpr auto Fields() {
    using P = GpuProcess;
    return std::tuple{Field{"pid", &P::pid},
                      Field{"kind", &P::kind},
                      Field{"memory_bytes", &P::memory_bytes},
                      Field{"gpu_instance", &P::gpu_instance},
                      Field{"compute_instance", &P::compute_instance},
                      Field{"sm_percent", &P::sm_percent},
                      Field{"memory_percent", &P::memory_percent},
                      Field{"encoder_percent", &P::encoder_percent},
                      Field{"decoder_percent", &P::decoder_percent}};
  }
};

struct GpuProcesses {
  std::uint32_t index = 0;
  std::string uuid, bus_id;
  Result<std::vector<GpuProcess>> processes = kNotRead;

  static constexpr auto Fields() {
    using G = GpuProcesses;
    return std::tuple{Field{"index", &G::index}, Field{"uuid", &G::uuid},
                      Field{"bus_id", &G::bus_id}, Field{"processes", &G::processes}};
  }
};

struct Processes {
  Session session;
  std::vector<GpuProcesses> gpus;

  static constexpr auto Fields() {
    return std::tuple{Field{"session", &Processes::session}, Field{"gpus", &Processes::gpus}};
  }
};

/// Errors in place of the snapshot as of kDevices.
extern const SourceType kProcesses;

}  // namespace gpud::nvml
