// SPDX-License-Identifier: Apache-2.0
// Who uses the GPUs, of whichever vendor: a line for each process on each GPU.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sources/gpu/growth.h"
#include "sources/procfs/owner.h"
#include "sources/source.h"

namespace gpud::gpu {

enum class Vendor : unsigned char { kNvidia, kAmd, kIntel };

/// A GPU that can have processes.
struct Gpu {
  Vendor vendor = Vendor::kNvidia;
  std::optional<std::uint32_t> gpu;    ///< number in the vendor's own order
  std::optional<std::uint32_t> minor;  ///< number of the device's file: /dev/nvidia0, card0
  std::string uuid, bus_id;            ///< "0000:19:00.0", as in sysfs

  bool operator==(const Gpu&) const = default;
  static constexpr auto Fields() {
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"vendor", &Gpu::vendor}, Field{"gpu", &Gpu::gpu, kOmit},
                      Field{"minor", &Gpu::minor, kOmit}, Field{"uuid", &Gpu::uuid, kOmit},
                      Field{"bus_id", &Gpu::bus_id}};
  }
};

/// A part of an NVIDIA GPU.
struct MigPart {
  std::uint32_t gpu_instance = 0, compute_instance = 0;
  std::string uuid;  ///< "MIG-..."; empty when not told

  bool operator==(const MigPart&) const = default;
  static constexpr auto Fields() {
    using M = MigPart;
    return std::tuple{Field{"gpu_instance", &M::gpu_instance},
                      Field{"compute_instance", &M::compute_instance},
                      Field{"uuid", &M::uuid, When::kNonEmpty}};
  }
};

/// One process on one GPU, or on one MIG part of it.
struct Process : Gpu, procfs::ProcessOwner {
  std::optional<MigPart> mig;
  std::string kind;  ///< "compute", "graphics", "mps"; several with '+' between them
  std::optional<std::uint64_t> memory_bytes;  ///< of the device; nothing when the driver cannot say
  /// How fast that grows, over the readings of some minutes to hours; nothing while they are few.
  std::optional<double> growth_mib_per_hour;
  /// Share of the GPU's (or its busiest engines') time since the reading before.
  std::optional<double> sm_percent;
  WallTime time{};  ///< when this was read

  Growth growth;  ///< the readings behind it; stays with the source

  static constexpr auto Fields() {
    using P = Process;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple_cat(
        Gpu::Fields(),
        std::tuple{Field{"mig", &P::mig, kOmit}, Field{"kind", &P::kind},
                   Field{"memory_bytes", &P::memory_bytes, kOmit},
                   Field{"growth_mib_per_hour", &P::growth_mib_per_hour, kOmit},
                   Field{"sm_percent", &P::sm_percent, kOmit}, Field{"time", &P::time}},
        procfs::ProcessOwner::Fields());
  }
};

/// What could not be read.
struct Problem {
  std::optional<Vendor> vendor;  ///< nothing: of all
  std::string bus_id;            ///< of the GPU; empty: of all of the vendor's
  std::string what;

  static constexpr auto Fields() {
    return std::tuple{Field{"vendor", &Problem::vendor, When::kNonEmpty},
                      Field{"bus_id", &Problem::bus_id, When::kNonEmpty},
                      Field{"what", &Problem::what}};
  }
};

struct Processes {
  std::vector<Gpu> gpus;           ///< those whose processes were read
  std::vector<Process> processes;  ///< by vendor, GPU and pid; at most kMostProcesses
  std::uint64_t left_out = 0;      ///< so many more there were
  std::vector<Problem> problems;
  std::string simulated;  ///< name of the scenario; empty with real drivers

  static constexpr auto Fields() {
    using P = Processes;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"gpus", &P::gpus}, Field{"processes", &P::processes},
                      Field{"left_out", &P::left_out, kOmit},
                      Field{"problems", &P::problems, kOmit},
                      Field{"simulated", &P::simulated, kOmit}};
  }
};

inline constexpr std::size_t kMostProcesses = 1024;

/// Made of the vendors' snapshots that the gpu lane's process read last, so it is to be read after
/// them; that process also keeps the history for the growth. Never an error in its place.
extern const SourceType kProcesses;

}  // namespace gpud::gpu

template <>
struct gpud::EnumWords<gpud::gpu::Vendor> {
  static constexpr std::string_view kWords[] = {"nvidia", "amd", "intel"};
};
