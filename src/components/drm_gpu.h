// SPDX-License-Identifier: Apache-2.0
// What components of AMD's and of Intel's GPUs share: readings of each GPU as metrics and as data,
// and what is judged alike.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "components/component.h"
#include "components/findings.h"
#include "sources/drm/gpu.h"

namespace gpud {

/// A GPU now and, for rates and for what must last, at the reading before (null: not there then).
struct GpuPair {
  const drm::Gpu* now = nullptr;
  const drm::Gpu* before = nullptr;
};

/// All GPUs of a maker; why there are none, else.
Result<std::vector<GpuPair>> AmdPairs(const Inputs& in);
Result<std::vector<GpuPair>> IntelPairs(const Inputs& in);

/// Supported where a GPU of the maker's is on the PCI bus.
Support AmdSupport(const Inputs& in);
Support IntelSupport(const Inputs& in);

/// A component that shows readings of each GPU and judges them.
struct GpuCheck {
  std::string_view component;  ///< "accelerator-amd-power"
  Result<std::vector<GpuPair>> (*pairs)(const Inputs&) = AmdPairs;
  std::span<const MetricType> metrics = {};     ///< more may follow those of `readings`
  std::span<const drm::Reading> readings = {};  ///< the i-th is exported as the i-th metric
  std::string_view list;                        ///< name of the list in `data`: "powers"
  std::string_view good;                        ///< the reason when nothing was found
  void (*judge)(const GpuPair&, Findings&) = nullptr;
};

/// The first state is the component's. A reading that failed and is not absent by design is a state
/// COMPONENT/BUS_ID, Unknown; when nothing could be read of any GPU, the first state is.
Report CheckGpus(const Inputs& in, const GpuCheck& check, Findings findings = {});

/// Adds a sample with the label uuid, and those in `more`.
void AddGpuSample(Report& report, std::string_view metric, const drm::Gpu& gpu, double value,
                  Labels more = {});

/// "GPU 0000:03:00.0", for reasons.
std::string GpuText(const drm::Gpu& gpu);
/// Whether it has worked half of the time at least, now and at the reading before.
bool IsBusy(const GpuPair& gpu);

// What both makers' components judge.
void JudgeTemperature(const GpuPair& gpu, Findings& findings);
void JudgeLink(const GpuPair& gpu, Findings& findings);
void JudgeUndriven(const std::vector<drm::Undriven>& undriven, bool module_loaded,
                   std::string_view module, Findings& findings);

/// How many GPUs have a driver and how many have none, as the check's first and second metric.
Report CountGpus(const Inputs& in, const GpuCheck& check, std::size_t driven, std::size_t undriven,
                 Findings findings);
/// The same of a maker's snapshot; `module`: the driver that its GPUs are to have, for a person.
template <class Gpus>
Report CheckCounts(const Inputs& in, const GpuCheck& check, const Result<Gpus>& gpus,
                   std::string_view module) {
  if (!gpus) return CheckGpus(in, check);
  Findings findings;
  JudgeUndriven(gpus->undriven, gpus->module_loaded, module, findings);
  return CountGpus(in, check, gpus->gpus.size(), gpus->undriven.size(), std::move(findings));
}

}  // namespace gpud
