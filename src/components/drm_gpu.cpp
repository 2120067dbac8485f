// SPDX-License-Identifier: Apache-2.0
#include "components/drm_gpu.h"

#include <algorithm>

#include "platform/json.h"
#include "platform/text.h"
#include "sources/amdgpu/gpus.h"
#include "sources/intel_gpu/gpus.h"

namespace gpud {
namespace {

template <class Snapshot>
Result<std::vector<GpuPair>> Pairs(const Inputs& in) {
  const Result<Snapshot>& latest = in.Latest<Snapshot>();
  if (!latest) return tl::unexpected<Error>(latest.error());
  const Snapshot* previous = in.Previous<Snapshot>();
  std::vector<GpuPair> pairs;
  for (const auto& gpu : latest->gpus) {
    GpuPair pair{.now = &gpu.base};
    if (previous) {
      const auto same =
          std::find_if(previous->gpus.begin(), previous->gpus.end(),
                       [&](const auto& before) { return before.base.bus_id == gpu.base.bus_id; });
      if (same != previous->gpus.end()) pair.before = &same->base;
    }
    pairs.push_back(pair);
  }
  return pairs;
}

template <class Snapshot>
Support SupportBy(const Inputs& in) {
  const auto& latest = in.Latest<Snapshot>();
  if (latest || !AbsentByDesign(latest.error())) return {};
  return {false, latest.error().what};
}

/// "power_limit_watts" of "accelerator_amd_power_limit_watts": what follows the component's name.
std::string_view ShortName(std::string_view metric, std::string_view component) {
  return metric.substr(std::min(metric.size(), component.size() + 1));
}

/// The GPU's row of `data`; what is not told is left out.
Json RowOf(const GpuCheck& check, const drm::Gpu& gpu) {
  Json::Object row = {{"uuid", Json{gpu.uuid}}, {"bus_id", Json{gpu.bus_id}}};
  if (gpu.asleep) row.emplace_back("asleep", Json{true});
  for (std::size_t i = 0; i < check.readings.size(); ++i) {
    const Result<double>& reading = gpu.*check.readings[i];
    if (!reading) continue;
    row.emplace_back(ShortName(check.metrics[i].name, check.component), Json{*reading});
  }
  return Json{std::move(row)};
}

/// The first reading of a GPU that failed and should not have.
const Error* FirstFailure(const GpuCheck& check, const drm::Gpu& gpu) {
  for (const drm::Reading reading : check.readings) {
    const Result<double>& value = gpu.*reading;
    if (!value && !AbsentByDesign(value.error())) return &value.error();
  }
  return nullptr;
}

bool AnyGood(const GpuCheck& check, const drm::Gpu& gpu) {
  return std::any_of(check.readings.begin(), check.readings.end(),
                     [&](drm::Reading reading) { return (gpu.*reading).has_value(); });
}

}  // namespace

Result<std::vector<GpuPair>> AmdPairs(const Inputs& in) { return Pairs<amdgpu::Gpus>(in); }
Result<std::vector<GpuPair>> IntelPairs(const Inputs& in) { return Pairs<intel_gpu::Gpus>(in); }
Support AmdSupport(const Inputs& in) { return SupportBy<amdgpu::Gpus>(in); }
Support IntelSupport(const Inputs& in) { return SupportBy<intel_gpu::Gpus>(in); }

void AddGpuSample(Report& report, std::string_view metric, const drm::Gpu& gpu, double value,
                  Labels more) {
  more.emplace("uuid", gpu.uuid);
  report.samples.push_back(
      {.metric = std::string(metric), .labels = std::move(more), .value = value});
}

Report CheckGpus(const Inputs& in, const GpuCheck& check, Findings findings) {
  const auto pairs = check.pairs(in);
  if (!pairs) {
    if (!AbsentByDesign(pairs.error())) return Unreadable(check.component, pairs.error());
    return {.states = {{.name = std::string(check.component), .reason = pairs.error().what}}};
  }
  Report report;
  report.states.emplace_back();  // the main state stands first; it is known last
  Json::Array rows;
  const Error* failure = nullptr;
  bool any_good = false;
  for (const GpuPair& pair : *pairs) {
    const drm::Gpu& gpu = *pair.now;
    for (std::size_t i = 0; i < check.readings.size(); ++i) {
      const Result<double>& reading = gpu.*check.readings[i];
      if (reading) AddGpuSample(report, check.metrics[i].name, gpu, *reading);
    }
    if (const Error* failed = FirstFailure(check, gpu)) {
      failure = failed;
      report.states.push_back(
          Unreadable(std::string(check.component) + "/" + gpu.bus_id, *failed).states.front());
    }
    any_good = any_good || AnyGood(check, gpu);
    if (check.judge) check.judge(pair, findings);
    rows.push_back(RowOf(check, gpu));
  }
  if (failure && !any_good) return Unreadable(check.component, *failure);
  report.states.front() = findings.ToState(check.component, check.good);
  report.states.front().extra_info["data"] =
      JsonText(Json{Json::Object{{std::string(check.list), Json{std::move(rows)}}}});
  return report;
}

std::string GpuText(const drm::Gpu& gpu) { return "GPU " + gpu.bus_id; }

bool IsBusy(const GpuPair& gpu) {
  constexpr double kHalf = 50;
  return gpu.before && gpu.now->gpu_percent.value_or(0) >= kHalf &&
         gpu.before->gpu_percent.value_or(0) >= kHalf;
}

namespace {

struct Limited {
  std::string_view place;
  drm::Reading value, limit;
};
constexpr Limited kHeat[] = {
    {"GPU", &drm::Gpu::celsius, &drm::Gpu::celsius_crit},
    {"hottest spot", &drm::Gpu::hotspot_celsius, &drm::Gpu::hotspot_celsius_crit},
    {"memory", &drm::Gpu::memory_celsius, &drm::Gpu::memory_celsius_crit},
};

bool Is(const drm::Gpu* gpu, drm::Reading flag) { return gpu && (gpu->*flag).value_or(0) > 0; }

}  // namespace

void JudgeTemperature(const GpuPair& gpu, Findings& findings) {
  for (const Limited& heat : kHeat) {
    const Result<double>& value = gpu.now->*heat.value;
    const Result<double>& limit = gpu.now->*heat.limit;
    if (!value || !limit || *limit <= 0 || *value < *limit) continue;
    findings.Add(Health::kDegraded,
                 GpuText(*gpu.now) + ": " + std::string(heat.place) + " has reached its limit of " +
                     NumberText(*limit) + " C",
                 Advice::kCheckCooling);
  }
  // A spike is no fault: at both readings.
  if (Is(gpu.now, &drm::Gpu::thermal_throttled) && Is(gpu.before, &drm::Gpu::thermal_throttled)) {
    findings.Add(Health::kDegraded, GpuText(*gpu.now) + " is so hot that it runs slower",
                 Advice::kCheckCooling);
  }
}

void JudgeLink(const GpuPair& gpu, Findings& findings) {
  const drm::Gpu& now = *gpu.now;
  if (now.pcie_width && now.pcie_width_max && *now.pcie_width < *now.pcie_width_max) {
    findings.Add(Health::kDegraded,
                 GpuText(now) + " has a PCIe link of x" + NumberText(*now.pcie_width) +
                     " where card and slot can x" + NumberText(*now.pcie_width_max),
                 Advice::kInvestigateLink);
  }
  // An idle link is slowed down to save power.
  if (!IsBusy(gpu) || !now.pcie_gts || !now.pcie_gts_max || !gpu.before->pcie_gts) return;
  if (std::max(*now.pcie_gts, *gpu.before->pcie_gts) < *now.pcie_gts_max) {
    findings.Add(Health::kDegraded,
                 GpuText(now) + " works over a PCIe link of " + NumberText(*now.pcie_gts) +
                     " GT/s where card and slot can " + NumberText(*now.pcie_gts_max),
                 Advice::kInvestigateLink);
  }
}

void JudgeUndriven(const std::vector<drm::Undriven>& undriven, bool module_loaded,
                   std::string_view module, Findings& findings) {
  for (const drm::Undriven& gpu : undriven) {
    const bool has_driver = gpu.driver == "amdgpu" || gpu.driver == "i915" || gpu.driver == "xe";
    // Bound to another driver, it was given away on purpose (to a virtual machine). Without the
    // module, a GPU that also makes a picture is not meant for work.
    if (!has_driver && !gpu.driver.empty()) continue;
    if (!has_driver && !module_loaded && !drm::IsForComputing(gpu)) continue;
    if (!has_driver && gpu.bus_id == drm::kIntegratedIntel) continue;
    std::string reason = "GPU " + gpu.bus_id + " is on the PCI bus, but ";
    if (has_driver) {
      reason += gpu.driver + " has made no card of it";
    } else {
      reason += std::string(module) + (module_loaded ? " does not drive it" : " is not loaded");
    }
    // The kernel unbinds what a driver fails to set up.
    if (has_driver || (module_loaded && drm::IsForComputing(gpu))) {
      findings.Add(Health::kUnhealthy, std::move(reason), Advice::kRebootSystem);
    } else {
      findings.Add(Health::kDegraded, std::move(reason), Advice::kInvestigateSoftware);
    }
  }
}

Report CountGpus(const Inputs& in, const GpuCheck& check, std::size_t driven, std::size_t undriven,
                 Findings findings) {
  Report report = CheckGpus(in, check, std::move(findings));
  for (const auto& [metric, count] :
       {std::pair{std::size_t{0}, driven}, std::pair{std::size_t{1}, undriven}}) {
    report.samples.push_back(
        {.metric = std::string(check.metrics[metric].name), .value = static_cast<double>(count)});
  }
  return report;
}

}  // namespace gpud
