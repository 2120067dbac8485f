// SPDX-License-Identifier: Apache-2.0
// Driver: NVML while it is initialised. It ends with nvmlShutdown, after all that was taken from it
// has been given back.
#pragma once

#include <deque>
#include <memory>

#include "sources/nvml/gpu.h"
#include "sources/source.h"

namespace gpud::nvml {

class Driver {
 public:
  /// Initialises NVML and takes up its GPUs. `library` and `host` outlive the driver. Error: that
  /// of nvmlInit or of nvmlDeviceGetCount.
  static Result<std::unique_ptr<Driver>> Open(Library& library, const Host& host);
  ~Driver();
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  /// Begins a reading.
  void Begin();
  /// A GPU is lost or has given no handle, or their number is another than when they were taken up:
  /// only to open the driver anew can tell more.
  bool IsStale();
  /// The GPUs, as far as they are known.
  std::vector<Device> Known() const;
  /// Keeps those of `before` in the list that are not listed any more: as lost.
  void AddLost(const std::vector<Device>& before);
  /// Whether persistence is on for every GPU that tells.
  std::optional<bool> Persistence();

  Symbols& symbols() { return calls.library.symbols; }

  Calls calls;
  Session session;
  std::deque<Gpu> gpus;  ///< by index; those that are lost since before stand behind

  std::optional<abi::nvmlEventSet_t> events;  ///< of Xids, once made
  bool links_changed = true;                  ///< since the GPUs were last asked for their peers
  std::vector<abi::nvmlSample_t> samples;     ///< room for the driver's sample buffers

 private:
  Driver(Library& library, const Host& host) : calls(library, host.clock), root_(host.root) {}
  void ReadVersions();
  Result<void> TakeUp();

  const Root& root_;
  unsigned listed_ = 0;
};

/// "0000:19:00.0", as sysfs writes it.
std::string BusId(const abi::nvmlPciInfo_t& pci);

}  // namespace gpud::nvml
