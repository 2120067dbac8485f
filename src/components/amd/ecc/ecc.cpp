// SPDX-License-Identifier: Apache-2.0
// Broken memory and parts of AMD's GPUs (RAS): uncorrected errors, and memory taken out of use.
#include <algorithm>

#include "components/amd/throttling.h"
#include "components/drm_gpu.h"
#include "components/fault_history.h"

namespace gpud::amd_ecc {
namespace {

constexpr std::string_view kName = "accelerator-amd-ecc";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "amd", kName};
constexpr const SourceType* kNeeds[] = {&amdgpu::kGpus};
constexpr auto kCounter = MetricKind::kCounter;
constexpr std::string_view kBadPages = "accelerator_amd_ecc_bad_pages";
constexpr std::string_view kBadPagesLimit = "accelerator_amd_ecc_bad_pages_limit";
constexpr MetricType kMetrics[] = {
    {"accelerator_amd_ecc_corrected_total", "corrected errors of a block of the chip", kCounter},
    {"accelerator_amd_ecc_uncorrected_total", "uncorrected ones", kCounter},
    {"accelerator_amd_ecc_deferred_total", "uncorrected ones that nobody has used yet", kCounter},
    {kBadPages, "pages of memory that are broken"},
    {kBadPagesLimit, "with so many the driver will not take the board"},
};
constexpr std::uint64_t amdgpu::RasBlock::*kCounts[] = {
    &amdgpu::RasBlock::corrected, &amdgpu::RasBlock::uncorrected, &amdgpu::RasBlock::deferred};
constexpr std::string_view kUncorrected = "ras_uncorrected";

const amdgpu::RasBlock* Find(const amdgpu::Gpu* gpu, const std::string& name) {
  if (!gpu || !gpu->ras) return nullptr;
  for (const amdgpu::RasBlock& block : *gpu->ras) {
    if (block.block == name) return &block;
  }
  return nullptr;
}

/// Errors that came since the reading before. A count that jumps by 0xffff0 was misread by the
/// driver: it is what a register full of ones gives.
std::uint64_t NewErrors(const amdgpu::RasBlock& now, const amdgpu::RasBlock* then) {
  constexpr std::uint64_t kReadFault = 1'048'560;
  if (!then || now.uncorrected <= then->uncorrected) return 0;
  return (now.uncorrected - then->uncorrected) % kReadFault;
}

class Judge {
 public:
  explicit Judge(const Inputs& in) : in_(in), faults_(OpenFaults(in)) {
    AddFaults(
        faults_, [](const Fault&) { return std::string("uncorrected memory errors"); }, findings_);
  }

  void Look(const amdgpu::Gpu& gpu) {
    AddUnreadable(report_, std::string(kName) + "/" + gpu.base.bus_id, gpu.ras);
    AddUnreadable(report_, std::string(kName) + "/" + gpu.base.bus_id + "/pages", gpu.bad_pages);
    if (gpu.ras) {
      for (const amdgpu::RasBlock& block : *gpu.ras) LookAt(gpu, block);
    }
    if (gpu.bad_pages) LookAt(gpu, *gpu.bad_pages);
  }

  Findings findings_;
  Report report_;  ///< its states but the first, its samples and events

 private:
  void LookAt(const amdgpu::Gpu& gpu, const amdgpu::RasBlock& block) {
    for (std::size_t i = 0; i < std::size(kCounts); ++i) {
      AddGpuSample(report_, kMetrics[i].name, gpu.base, static_cast<double>(block.*kCounts[i]),
                   {{"block", block.block}});
    }
    const std::uint64_t errors = NewErrors(block, Find(GpuBefore(in_, gpu), block.block));
    if (errors == 0) return;
    const std::string what = std::to_string(errors) + " uncorrected error(s) in " + block.block +
                             " of " + GpuText(gpu.base);
    Event event = ToEvent({.family = "amd-gpu",
                           .code = std::string(kUncorrected),
                           .severity = EventType::kFatal,
                           .action = Advice::kResetGpu,
                           .follow_up = Advice::kHardwareInspection,
                           .device = gpu.base.bus_id,
                           .message = what,
                           .details = {{"block", block.block}}});
    event.time = in_.Now();
    report_.events.push_back(std::move(event));
    const bool is_told = std::any_of(faults_.begin(), faults_.end(), [&](const Fault& fault) {
      return fault.device == gpu.base.bus_id;
    });
    if (!is_told) {
      findings_.Add(Health::kUnhealthy, "uncorrected memory errors on " + gpu.base.bus_id,
                    Advice::kResetGpu);
    }
  }

  void LookAt(const amdgpu::Gpu& gpu, const amdgpu::BadPages& pages) {
    const auto add = [&](const char* state, std::uint64_t count) {
      AddGpuSample(report_, kBadPages, gpu.base, static_cast<double>(count), {{"state", state}});
    };
    add("retired", pages.retired);
    add("pending", pages.pending);
    add("stuck", pages.stuck);
    if (pages.stuck > 0) {
      findings_.Add(Health::kDegraded,
                    GpuText(gpu.base) + " has broken memory that could not be taken out of use",
                    Advice::kResetGpu);
    }
    if (!pages.limit) return;
    AddGpuSample(report_, kBadPagesLimit, gpu.base, static_cast<double>(*pages.limit));
    constexpr double kNear = 0.9;
    const auto broken = static_cast<double>(pages.retired + pages.pending + pages.stuck);
    const auto limit = static_cast<double>(*pages.limit);
    if (broken >= limit) {
      findings_.Add(Health::kUnhealthy,
                    GpuText(gpu.base) +
                        " has so much broken memory that the driver will not take "
                        "it at its next start",
                    Advice::kHardwareInspection);
    } else if (broken >= kNear * limit) {
      findings_.Add(Health::kDegraded,
                    GpuText(gpu.base) + " has nearly as much broken memory as the driver allows",
                    Advice::kHardwareInspection);
    }
  }

  const Inputs& in_;
  const std::vector<Fault> faults_;
};

/// Why no board's counts can be read; null when one can, or none has any.
const Error* NothingToJudgeBy(const amdgpu::Gpus& gpus) {
  const Error* failure = nullptr;
  for (const amdgpu::Gpu& gpu : gpus.gpus) {
    if (gpu.ras) return nullptr;
    if (!AbsentByDesign(gpu.ras.error())) failure = &gpu.ras.error();
  }
  return failure;
}

Report Check(const Inputs& in) {
  constexpr GpuCheck kCheck{.component = kName,
                            .metrics = kMetrics,
                            .list = "gpus",
                            .good = "no AMD GPU has new uncorrected errors"};
  const auto& gpus = in.Latest<amdgpu::Gpus>();
  if (!gpus) return CheckGpus(in, kCheck);
  if (const Error* failure = NothingToJudgeBy(*gpus)) return Unreadable(kName, *failure);
  Judge judge(in);
  for (const amdgpu::Gpu& gpu : gpus->gpus) judge.Look(gpu);
  Report report = CheckGpus(in, kCheck, std::move(judge.findings_));
  report.samples = std::move(judge.report_.samples);
  report.events = std::move(judge.report_.events);
  for (HealthState& state : judge.report_.states) report.states.push_back(std::move(state));
  return report;
}

}  // namespace

extern constinit const ComponentType kType{
    .name = kName,
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .clearable = true,
    .supported = AmdSupport,
    .check = Check,
};

}  // namespace gpud::amd_ecc
