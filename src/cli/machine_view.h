// SPDX-License-Identifier: Apache-2.0
// MachineInfo as tables for a person, with the original's row names.
#pragma once

#include <string>

#include "cli/terminal.h"
#include "model/fields.h"
#include "model/machine_info.h"

namespace gpud::cli {

/// What is known of the cloud that the machine belongs to; the original's JSON.
struct ProviderInfo {
  std::string provider = "unknown";
  std::string public_ip, private_ip, region, vm_environment, instance_id;

  static constexpr auto Fields() {
    using P = ProviderInfo;
    return std::tuple{Field{"provider", &P::provider},
                      Field{"public_ip", &P::public_ip},
                      Field{"private_ip", &P::private_ip},
                      Field{"region", &P::region},
                      Field{"vm_environment", &P::vm_environment},
                      Field{"instance_id", &P::instance_id}};
  }
};

/// The machine, then its disks, then its GPUs; tables without rows are left out.
std::string MachineText(const MachineInfo& machine, const Terminal& terminal);
std::string ProviderText(const ProviderInfo& provider, const Terminal& terminal);

}  // namespace gpud::cli
