// SPDX-License-Identifier: Apache-2.0
// NVIDIA bad environment variables: is a debugger or profiler set up for every CUDA program of the
// machine?
#include "components/findings.h"
#include "components/vendor_support.h"
#include "platform/list_text.h"
#include "sources/nvidia/environment.h"

namespace gpud::nvidia_bad_envs {
namespace {

constexpr std::string_view kName = "accelerator-nvidia-bad-envs";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", kName};
constexpr const SourceType* kNeeds[] = {&sysfs::kPci, &procfs::kModules, &nvidia::kEnvironment};

Report Check(const Inputs& in) {
  const auto& environment = in.Latest<nvidia::Environment>();
  if (!environment) return Unreadable(kName, environment.error());
  std::vector<std::string> bad;
  for (const nvidia::SetVariable& variable : environment->bad) {
    bad.push_back(variable.name + " (" + variable.place + ")");
  }
  Findings findings;
  if (!bad.empty()) {
    findings.Add(Health::kDegraded,
                 "variables that slow or stop CUDA programs are set for all: " + ListText(bad),
                 Advice::kInvestigateSoftware);
  }
  return {.states = {findings.ToState(kName, "no such variable is set for all programs")}};
}

}  // namespace

extern constinit const ComponentType kType{
    .name = kName,
    .tags = kTags,
    .needs = kNeeds,
    .supported = [](const Inputs& in) { return VendorSupport(in, kNvidia, "variable"); },
    .check = Check,
};

}  // namespace gpud::nvidia_bad_envs
