// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/rules/shared.h"

#include <algorithm>

namespace gpud::diagnosis {

using enum Signal;

Value PowerShare(const Look& look, int gpu, int seconds) {
  const double limit = look.Last(kGpuPowerLimit, gpu).value;
  const double standard = look.node.facts.gpus[static_cast<std::size_t>(gpu)].power_default;
  return look.Avg(kGpuPower, seconds, gpu) / (limit > 0 ? limit : standard);
}

bool NotThrottled(Look& look, int seconds, double share) {
  bool unseen = false;
  for (const Signal reason :
       {kGpuThrottleHwThermal, kGpuThrottleSwThermal, kGpuThrottleHwSlowdown,
        kGpuThrottleHwPowerBrake, kGpuThrottleSwPowerCap, kGpuThrottleAppClocks}) {
    const Condition throttled = look.Avg(reason, seconds) >= share;
    const Truth truth = look.Judge(throttled);
    if (truth == Truth::kYes) return look.Must(false);
    // However many of the reasons are not to be seen: it is one look-alike.
    if (truth == Truth::kUnknown && !unseen) {
      unseen = true;
      look.Not(throttled);
    }
  }
  return true;
}

void AboutGpu(Look& look) {
  if (!look.recording()) return;
  look.Gpu(look.at);
  look.UsersOf(look.at);
}

std::string NameOf(const Look& look, int place) {
  if (place < 0) return "?";
  const ProcessFacts& process = ProcessAt(look, place);
  return process.name + " (pid " + std::to_string(process.pid) + ")";
}

int CgroupOf(const Look& look, int place) {
  return look.node.facts.CgroupAt(ProcessAt(look, place).cgroup);
}

bool IsDataCentreModel(std::string_view model) {
  return model.find("RTX") == std::string_view::npos &&
         model.find("GeForce") == std::string_view::npos && !model.starts_with("T4");
}

Value StuckLoader(const Look& look) {
  Value most{.signal = kProcState, .seconds = 120};
  for (const int place : look.pass.loaders) {
    const Value stuck = look.Frac(kProcState, 120, place, [](float s) { return s == 2; });
    if (!most.IsKnown() || stuck.value > most.value) most = stuck;
  }
  return most;
}

double SumOf(const Look& look, Signal signal, int seconds, const std::vector<int>& places) {
  double sum = 0;
  bool known = false;
  for (const int place : places) {
    const double mean = look.Avg(signal, seconds, place).value;
    if (std::isnan(mean)) continue;
    sum += mean;
    known = true;
  }
  return known ? sum : static_cast<double>(kAbsent);
}

bool IsOnPathOf(const GpuFacts& gpu, std::string_view device) {
  if (device.size() < 10) return false;
  return gpu.pci_path.find(device) != std::string::npos || gpu.pci.starts_with(device);
}

}  // namespace gpud::diagnosis
