// SPDX-License-Identifier: Apache-2.0
// /sys/devices/system/cpu: how fast the processors run, how often heat has slowed them down, and
// what the kernel does about their flaws.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sources/source.h"

namespace gpud::sysfs {

/// A group of processors that run at one frequency, often one alone.
struct ClockDomain {
  std::uint32_t first_cpu = 0;
  std::uint64_t hertz = 0;  ///< now

  static constexpr auto Fields() {
    return std::tuple{Field{"first_cpu", &ClockDomain::first_cpu},
                      Field{"hertz", &ClockDomain::hertz}};
  }
};

struct Clocks {
  std::vector<ClockDomain> domains;  ///< by first_cpu
  std::uint64_t max_hertz = 0;       ///< of the first domain; 0 where it is not told
  std::string governor, driver;      ///< of the first domain: "performance", "intel_pstate"

  static constexpr auto Fields() {
    using C = Clocks;
    return std::tuple{Field{"domains", &C::domains}, Field{"max_hertz", &C::max_hertz},
                      Field{"governor", &C::governor}, Field{"driver", &C::driver}};
  }
};

/// How often heat has slowed one package (socket) down since boot; Intel only.
struct Throttling {
  std::uint32_t package = 0;
  std::uint64_t package_events = 0;  ///< the package as a whole
  std::uint64_t core_events = 0;     ///< single cores, summed

  static constexpr auto Fields() {
    using T = Throttling;
    return std::tuple{Field{"package", &T::package}, Field{"package_events", &T::package_events},
                      Field{"core_events", &T::core_events}};
  }
};

struct CpuSpeed {
  Result<Clocks> clocks = Fail(ErrorCode::kInternal, "not read");
  Result<std::vector<Throttling>> throttling = Fail(ErrorCode::kInternal, "not read");
  /// By flaw ("spectre_v2"), the kernel's words ("Mitigation: Retpolines"); those only that this
  /// processor has.
  std::map<std::string, std::string> flaws;

  static constexpr auto Fields() {
    using S = CpuSpeed;
    return std::tuple{Field{"clocks", &S::clocks}, Field{"throttling", &S::throttling},
                      Field{"flaws", &S::flaws}};
  }
};

/// Error in place of the snapshot: kNotFound without the folder. A virtual machine usually has
/// neither clocks nor throttling: kUnsupported in their places.
/// Source: Documentation/ABI/testing/sysfs-devices-system-cpu.
extern const SourceType kCpuSpeed;

}  // namespace gpud::sysfs
