// SPDX-License-Identifier: Apache-2.0
// Machine profiles: how many GPUs of which model, and the host around them
// (specs/diagnosis.md, 5.8).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gpud::scenario {

struct Profile {
  std::string_view family;  ///< "hgx-h100"
  std::string_view model;   ///< "H100"
  int gpus = 0;
  double memory_mib = 0;
  double clock_mhz = 0;  ///< highest SM clock
  double power_watts = 0;
  double slowdown_celsius = 0;
  std::optional<double> memory_limit_celsius;  ///< absent where memory has no sensor
  int pcie_generation = 0;
  int links = 0;     ///< NVLink or XGMI, of each GPU
  int switches = 0;  ///< NVSwitches of the machine
  int nics = 0;
  double nic_gbps = 0;
  int numa_nodes = 0;
  int cores = 0;
  double cpu_mhz = 0;
  double host_gib = 0;

  bool amd() const { return model == "MI300X"; }
  /// NVLink 5: bit error ratios in place of the four error counters.
  bool counts_bit_errors() const { return model == "B200" || model == "GB200"; }
};

/// "hgx-h100-8": a family and its number of GPUs, 1 to 16. Nothing for an unknown name.
std::optional<Profile> FindProfile(std::string_view name);
/// "hgx-a100-N, hgx-h100-N, ...", for messages.
std::string ProfileNames();

/// PCI addresses of GPU i, of the adapter that shares its switch, and of their root port. The buses
/// are those of 5.8 for 2, 4 and 8 GPUs; GPUs 8 to 15 repeat them in PCI domain 0001.
struct Slot {
  std::string gpu, nic, root_port;
};
Slot SlotOf(const Profile& profile, int gpu);

}  // namespace gpud::scenario
