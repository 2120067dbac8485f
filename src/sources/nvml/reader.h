// SPDX-License-Identifier: Apache-2.0
// Reader: what the four sources of NVIDIA's GPUs keep together from one reading to the next: the
// library, the open driver, and what was read last.
#pragma once

#include <memory>

#include "sources/nvml/holders.h"
#include "sources/nvml/readings.h"
#include "sources/nvml/wake_policy.h"

namespace gpud::nvml {

class Reader {
 public:
  Reader() = default;
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Result<Devices> TakeDevices(const Host& host) { return Take(host, devices_); }
  Result<Activity> TakeActivity(const Host& host) { return Take(host, activity_); }
  Result<Errors> TakeErrors(const Host& host) { return Take(host, errors_); }
  Result<Processes> TakeProcesses(const Host& host) { return Take(host, processes_); }

 private:
  /// A snapshot as it was read last, for while the driver is left alone.
  template <class T>
  struct Last {
    T (*read)(Driver&, const Host&);
    std::optional<T> value = std::nullopt;
    bool told = false;
  };
  template <class T>
  Result<T> Take(const Host& host, Last<T>& last);
  template <class T>
  void Read(const Host& host, Last<T>& last);

  Access Choose(const Host& host);
  bool IsUsed(const Host& host, bool& kept_awake);
  Result<void> Open(const Host& host);
  Result<void> OpenNow(const Host& host);
  void CloseIfStale(const Host& host);
  void Close();
  void ReadAll(const Host& host);

  Last<Devices> devices_{ReadDevices};
  Last<Activity> activity_{ReadActivity};
  Last<Errors> errors_{ReadErrors};
  Last<Processes> processes_{ReadProcesses};

  // Of the policy.
  Holders holders_;
  std::optional<bool> persistence_;
  std::optional<BootTime> used_, glanced_;

  // Why the driver could not be opened, and until when it is not tried again.
  std::optional<Error> failure_;
  BootTime not_before_{};
  std::chrono::seconds pause_{};
  // When it is looked at next whether a driver with a lost GPU is to be opened anew.
  BootTime look_after_{};
  std::chrono::seconds look_pause_{};

  std::vector<Device> known_;  ///< GPUs, when the driver was closed
  std::unique_ptr<Library> library_;
  std::unique_ptr<Driver> driver_;  // last: it ends before its library
};

}  // namespace gpud::nvml
