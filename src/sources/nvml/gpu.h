// SPDX-License-Identifier: Apache-2.0
// Gpu: one GPU of an open driver: the way to call NVML on it, and what is kept of it between
// readings.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "platform/clock.h"
#include "sources/nvml/devices.h"
#include "sources/nvml/errors.h"
#include "sources/nvml/library.h"

namespace gpud::nvml {

/// Calls functions of the library, and times them.
class Calls {
 public:
  Calls(Library& the_library, const Clock& the_clock) : library(the_library), clock(the_clock) {}

  template <class... P>
  Result<void> operator()(Function<abi::nvmlReturn_t(P...)>& function,
                          std::type_identity_t<P>... arguments) {
    using Pointer = abi::nvmlReturn_t (*)(P...);
    const auto address = reinterpret_cast<Pointer>(library.AddressOf(function));
    if (!address) return Missing();
    const BootTime begun = clock.Boot();
    return Judge(function, address(arguments...), begun);
  }

  Library& library;
  const Clock& clock;
  std::string driver_version;
  std::chrono::microseconds took{};  ///< the last call

 private:
  Result<void> Missing();
  Result<void> Judge(const Symbol& function, abi::nvmlReturn_t code, BootTime begun);
};

/// The samples between which profiling shares are computed.
struct GpmState {
  std::optional<bool> supported;  ///< asked once
  abi::nvmlGpmSample_t before = nullptr, now = nullptr;
  std::optional<BootTime> taken;  ///< `before`
};

class Gpu {
 public:
  Gpu(Calls& calls, std::uint32_t the_index) : index(the_index), calls_(calls) {}

  /// Begins a reading: all is tried anew.
  void Begin();

  /// Calls a function of this GPU. Once it has said in a reading that the GPU is lost, it is not
  /// asked again in that reading.
  template <class... P>
  Result<void> Call(Function<abi::nvmlReturn_t(abi::nvmlDevice_t, P...)>& function,
                    std::type_identity_t<P>... arguments) {
    return CallOn(handle, function, arguments...);
  }
  /// The same on a MIG device of it.
  template <class... P>
  Result<void> CallOn(abi::nvmlDevice_t device,
                      Function<abi::nvmlReturn_t(abi::nvmlDevice_t, P...)>& function,
                      std::type_identity_t<P>... arguments) {
    if (lost_) return tl::unexpected<Error>(*lost_);
    return Note(function, calls_(function, device, arguments...));
  }

  /// A function about this GPU that is not given its handle.
  template <class... P>
  Result<void> CallAside(Function<abi::nvmlReturn_t(P...)>& function,
                         std::type_identity_t<P>... arguments) {
    if (lost_) return tl::unexpected<Error>(*lost_);
    return Note(function, calls_(function, arguments...));
  }

  /// The only value that a function gives.
  template <class T>
  Result<T> Get(Function<abi::nvmlReturn_t(abi::nvmlDevice_t, T*)>& function) {
    return GetOn(handle, function);
  }
  template <class T>
  Result<T> GetOn(abi::nvmlDevice_t device,
                  Function<abi::nvmlReturn_t(abi::nvmlDevice_t, T*)>& function) {
    T value{};
    if (auto done = CallOn(device, function, &value); !done) {
      return tl::unexpected<Error>(std::move(done).error());
    }
    return value;
  }
  Result<std::string> GetText(Text& function) { return GetTextOn(handle, function); }
  Result<std::string> GetTextOn(abi::nvmlDevice_t device, Text& function);

  Symbols& symbols() { return calls_.library.symbols; }
  const Clock& clock() const { return calls_.clock; }
  const std::string& driver_version() const { return calls_.driver_version; }
  /// The first number of the driver's version: 575.
  int driver_release() const;

  /// What the GPU has said of itself in this reading: true, lost, or requires reset.
  Result<bool> Answers() const;

  std::uint32_t index = 0;
  abi::nvmlDevice_t handle = nullptr;
  std::optional<Error> unreachable;  ///< why there is no handle
  std::string uuid, bus_id;

  // Kept between readings.
  std::optional<Device> identity;  ///< with what does not change while the driver is open
  std::optional<std::map<std::string, std::string>> peers;
  std::optional<std::vector<Link>> links;  ///< with what changes with a link's state only
  std::vector<bool> active_links;
  GpmState gpm;
  unsigned long long utilization_seen = 0, power_seen = 0, processes_seen = 0;  ///< NVML's time

  std::chrono::microseconds slowest{};  ///< of the calls since somebody has taken it
  const char* slowest_call = "";

 private:
  Result<void> Note(const Symbol& function, Result<void> result);

  Calls& calls_;
  std::optional<Error> lost_, trouble_;
};

}  // namespace gpud::nvml
