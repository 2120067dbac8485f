// SPDX-License-Identifier: Apache-2.0
// What several files of rules ask.
#pragma once

#include <string>

#include "diagnosis/rule.h"

namespace gpud::diagnosis {

std::span<const Rule> ComputeRules();
std::span<const Rule> DataRules();
std::span<const Rule> CpuRules();
std::span<const Rule> MemoryRules();
std::span<const Rule> ThermalRules();
std::span<const Rule> PowerRules();
std::span<const Rule> PcieRules();
std::span<const Rule> NvlinkRules();
std::span<const Rule> NetRules();
std::span<const Rule> StorageRules();
std::span<const Rule> DriverRules();
std::span<const Rule> GpuHardwareRules();
std::span<const Rule> TenantRules();

inline const GpuState& StateOf(const Look& look) {
  return look.pass.gpus[static_cast<std::size_t>(look.at)];
}
inline const GpuFacts& FactsOf(const Look& look) {
  return look.node.facts.gpus[static_cast<std::size_t>(look.at)];
}
inline const ProcessFacts& ProcessAt(const Look& look, int place) {
  return look.node.processes[static_cast<std::size_t>(place)];
}

/// Mean power as a share of the limit that holds now.
Value PowerShare(const Look& look, int gpu, int seconds);
/// No clock reason but idle has at least this share of the time (a look-alike when it has).
bool NotThrottled(Look& look, int seconds, double share);
/// The subject is this GPU, the victims its users.
void AboutGpu(Look& look);
/// "python3 (pid 10003)".
std::string NameOf(const Look& look, int place);
/// -1: none that the node knows.
int CgroupOf(const Look& look, int place);
/// A GPU made for data centres, with what belongs to that.
bool IsDataCentreModel(std::string_view model);
/// Share of the samples of 120 s in which the most stuck loader waited for a device.
Value StuckLoader(const Look& look);
/// Mean of the last `seconds` for all of them together; absent when all are.
double SumOf(const Look& look, Signal signal, int seconds, const std::vector<int>& places);
/// "gpu", counting from the node's path of root port and device: a record of any of these.
bool IsOnPathOf(const GpuFacts& gpu, std::string_view device);

}  // namespace gpud::diagnosis
