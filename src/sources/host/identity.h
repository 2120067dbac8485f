// SPDX-License-Identifier: Apache-2.0
// Which machine this is: names, ids, kernel, distribution, maker and virtualisation.
#pragma once

#include <string>
#include <string_view>

#include "sources/host/os_release.h"

namespace gpud::host {

struct Identity {
  Result<std::string> hostname = Fail(ErrorCode::kInternal, "not read");
  Result<std::string> kernel_release = Fail(ErrorCode::kInternal, "not read");  ///< `uname -r`
  Result<std::string> boot_id = Fail(ErrorCode::kInternal, "not read");     ///< new at each boot
  Result<std::string> machine_id = Fail(ErrorCode::kInternal, "not read");  ///< of the installation
  /// Of the hardware or virtual machine (DMI; root only), else from the device tree.
  Result<std::string> system_uuid = Fail(ErrorCode::kInternal, "not read");
  Result<std::string> manufacturer = Fail(ErrorCode::kInternal, "not read");
  Result<std::string> product = Fail(ErrorCode::kInternal, "not read");
  Result<OsRelease> os = Fail(ErrorCode::kInternal, "not read");
  std::string virtual_machine;  ///< "kvm", "vmware", "vm-other" ...; "none" on bare metal
  std::string container;        ///< "docker", "podman", "lxc" ...; "none" outside

  static constexpr auto Fields() {
    using I = Identity;
    return std::tuple{Field{"hostname", &I::hostname},
                      Field{"kernel_release", &I::kernel_release},
                      Field{"boot_id", &I::boot_id},
                      Field{"machine_id", &I::machine_id},
                      Field{"system_uuid", &I::system_uuid},
                      Field{"manufacturer", &I::manufacturer},
                      Field{"product", &I::product},
                      Field{"os", &I::os},
                      Field{"virtual_machine", &I::virtual_machine},
                      Field{"container", &I::container}};
  }
};

/// "amd64" or "arm64": of this program, which is that of the machine.
std::string_view Architecture();

/// Error: that of the kernel's release, without which nothing of /proc is there.
Result<Identity> ReadIdentity(const Root& root);

extern const SourceType kIdentity;

}  // namespace gpud::host
