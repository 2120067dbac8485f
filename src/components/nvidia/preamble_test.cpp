// SPDX-License-Identifier: Apache-2.0
// What holds for every component that judges NVML's snapshots.
#include <gtest/gtest.h>

#include <algorithm>

#include "components/all.h"
#include "components/nvidia/gpu_rig.h"
#include "platform/json.h"

namespace gpud::nvidia {
namespace {

bool Needs(const ComponentType& type, const SourceType& source) {
  return std::find(type.needs.begin(), type.needs.end(), &source) != type.needs.end();
}

/// Those whose first word is NVML's; driver, xid and infiniband have more to go by.
std::vector<const ComponentType*> NvmlComponents() {
  std::vector<const ComponentType*> all;
  for (const ComponentType* type : AllComponents()) {
    const bool nvml = Needs(*type, nvml::kDevices) || Needs(*type, nvml::kActivity) ||
                      Needs(*type, nvml::kErrors) || Needs(*type, nvml::kProcesses);
    const bool more = type->name.ends_with("-driver") || type->name.ends_with("-xid") ||
                      type->name.ends_with("-infiniband") || type->name == "gpu-inventory";
    if (nvml && !more) all.push_back(type);
  }
  return all;
}

TEST(NvmlComponents, AreHealthyOnEightHealthyGpus) {
  GpuRig rig;
  EXPECT_GE(NvmlComponents().size(), 19u);
  for (const ComponentType* type : NvmlComponents()) {
    const Report report = rig.Check(*type);
    EXPECT_EQ(report.states.at(0).health, Health::kHealthy)
        << type->name << ": " << report.states[0].reason;
    EXPECT_TRUE(report.events.empty()) << type->name;
    for (const auto& [key, text] : report.states[0].extra_info) EXPECT_TRUE(ParseJson(text));
  }
}

TEST(NvmlComponents, AreNotSupportedWithoutTheLibraryAndSayWhy) {
  GpuRig rig;
  rig.Fail({ErrorCode::kUnsupported, "NVML: libnvidia-ml.so.1 not found", 0});
  for (const ComponentType* type : NvmlComponents()) {
    const Support support = type->supported(rig.in);
    EXPECT_FALSE(support.supported) << type->name;
    EXPECT_NE(support.reason.find("libnvidia-ml"), std::string::npos) << type->name;
    EXPECT_EQ(type->check(rig.in).states.at(0).health, Health::kHealthy) << type->name;
  }
}

TEST(NvmlComponents, AreUnknownAndShownWhenTheDriverDoesNotAnswer) {
  for (const ErrorCode code : {ErrorCode::kTimeout, ErrorCode::kInternal, ErrorCode::kPermission}) {
    GpuRig rig;
    rig.Put();
    rig.Fail({code, "lane gpu: no answer", 0});
    for (const ComponentType* type : NvmlComponents()) {
      EXPECT_TRUE(type->supported(rig.in).supported) << type->name;
      const Report report = type->check(rig.in);
      EXPECT_EQ(report.states.at(0).health, Health::kUnknown) << type->name;
      EXPECT_EQ(report.states[0].error, "lane gpu: no answer") << type->name;
      EXPECT_TRUE(report.samples.empty()) << type->name;
    }
  }
}

TEST(NvmlComponents, AskForARebootWhenLibraryAndModuleDiffer) {
  GpuRig rig;
  rig.Fail({ErrorCode::kIo, "nvmlInit: version mismatch", nvml::kVersionMismatch});
  for (const ComponentType* type : NvmlComponents()) {
    EXPECT_TRUE(type->supported(rig.in).supported) << type->name;
    const HealthState state = type->check(rig.in).states.at(0);
    EXPECT_EQ(state.health, Health::kUnhealthy) << type->name;
    EXPECT_EQ(state.suggested_actions->repair_actions.at(0), RepairAction::kReboot) << type->name;
  }
}

TEST(NvmlComponents, NameALostGpuAndStillReportTheOthers) {
  for (const auto& [error, words] :
       {std::pair{kLost, "is lost"}, std::pair{kWantsReset, "requires a reset"}}) {
    GpuRig rig;
    rig.Break(3, error);
    for (const ComponentType* type : NvmlComponents()) {
      // Not in use, or not seen, on this machine.
      if (type->name.ends_with("-imex") || type->name.ends_with("-mps") ||
          type->name.ends_with("-confidential-compute")) {
        continue;
      }
      const Report report = rig.Check(*type);
      const HealthState& state = report.states.at(0);
      EXPECT_EQ(state.health, Health::kUnhealthy) << type->name;
      EXPECT_NE(state.reason.find("GPU 3 (0000:13:00.0, GPU-3) " + std::string(words)),
                std::string::npos)
          << type->name << ": " << state.reason;
      ASSERT_TRUE(state.suggested_actions) << type->name;
      EXPECT_EQ(state.suggested_actions->repair_actions.at(0), RepairAction::kReboot);
      const bool per_gpu =
          std::any_of(report.samples.begin(), report.samples.end(),
                      [](const Sample& sample) { return sample.labels.count("uuid") > 0; });
      const bool others =
          std::any_of(report.samples.begin(), report.samples.end(), [](const Sample& sample) {
            return sample.labels.count("uuid") > 0 && sample.labels.at("uuid") == "GPU-7";
          });
      EXPECT_EQ(per_gpu, others) << type->name;
    }
  }
}

TEST(NvmlComponents, LeaveASleepingGpuAloneAndGiveNoOldNumbers) {
  GpuRig rig;
  for (nvml::Session* session :
       {&rig.devices.session, &rig.activity.session, &rig.errors.session, &rig.processes.session}) {
    session->asleep = "all GPUs idle";
  }
  for (const ComponentType* type : NvmlComponents()) {
    const Report report = rig.Check(*type);
    EXPECT_EQ(report.states.at(0).health, Health::kHealthy) << type->name;
    EXPECT_TRUE(report.samples.empty()) << type->name;
  }
}

}  // namespace
}  // namespace gpud::nvidia
