// SPDX-License-Identifier: Apache-2.0
// Calls to systemd over D-Bus, by libsystemd (sd-bus(3)), which is loaded when it is needed: it is
// not there on every machine.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/root.h"

namespace gpud::systemd {

/// A line of the answer to ListUnitsByPatterns.
struct ListedUnit {
  std::string name, active, sub;
  std::string path;  ///< of its D-Bus object
};

class Bus {
 public:
  /// Connects to the machine's system bus. Errors: kUnsupported, there is no such bus or no
  /// libsystemd; kPermission, kIo.
  static Result<Bus> Open(const Root& root);

  /// Those of the loaded units that are in one of `states` (empty: any) and match one of `patterns`
  /// (empty: any). Errors: kUnsupported, systemd is not on the bus; kPermission, kTimeout, kIo.
  Result<std::vector<ListedUnit>> List(const std::vector<std::string>& states,
                                       const std::vector<std::string>& patterns);
  /// A property of an object, empty when it cannot be had: "Result" of
  /// "org.freedesktop.systemd1.Service".
  std::string Text(const std::string& path, const char* interface, const char* property);
  /// The same of type t (64 bits) or u (32 bits).
  std::optional<std::uint64_t> Number64(const std::string& path, const char* interface,
                                        const char* property);
  std::optional<std::uint64_t> Number32(const std::string& path, const char* interface,
                                        const char* property);

 private:
  struct Connection;
  struct Close {
    void operator()(Connection* connection) const;
  };
  explicit Bus(std::unique_ptr<Connection, Close> connection);
  std::unique_ptr<Connection, Close> connection_;
};

}  // namespace gpud::systemd
