// SPDX-License-Identifier: Apache-2.0
#include "components/all.h"

#include <gtest/gtest.h>

#include <set>

#include "platform/json.h"
#include "testing/component_kit.h"
#include "testing/fake_host.h"

namespace gpud {
namespace {

/// Two readings of all that a component needs, five seconds apart.
Inputs ReadAll(const ComponentType& type, const std::string& machine) {
  const Root root(std::string(GPUD_SOURCE_DIR) + "/tests/hosts/" + machine);
  FakeClock clock;
  Inputs in;
  for (int i = 0; i < 2; ++i) {
    clock.Advance(std::chrono::seconds(5));
    in.SetNow(clock.Boot(), clock.Wall());
    for (const SourceType* source : type.needs) source->read({root, clock}, in);
  }
  return in;
}

TEST(AllComponents, HaveUniqueNamesAndAllThatTheFrameCalls) {
  std::set<std::string_view> names;
  for (const ComponentType* type : AllComponents()) {
    EXPECT_TRUE(names.insert(type->name).second) << type->name;
    EXPECT_FALSE(type->tags.empty()) << type->name;
    EXPECT_TRUE(type->check) << type->name;
    EXPECT_EQ(type->needles.empty(), type->create_matcher == nullptr) << type->name;
  }
}

TEST(AllComponents, ListEveryMetricOnceWithHelpAndCountersEndInTotal) {
  std::set<std::string_view> names;
  for (const ComponentType* type : AllComponents()) {
    for (const MetricType& metric : type->metrics) {
      EXPECT_TRUE(names.insert(metric.name).second) << metric.name;
      EXPECT_FALSE(metric.help.empty()) << metric.name;
      // A gauge by this name in the original.
      if (metric.name == "accelerator_nvidia_processes_running_total") continue;
      EXPECT_EQ(metric.kind == MetricKind::kCounter, metric.name.ends_with("_total"))
          << metric.name;
    }
  }
}

TEST(AllComponents, SampleOnlyWhatTheyListAndTellTheirDataAsJson) {
  for (const char* machine : {"debian12-vm", "h100-8x", "container-no-kmsg"}) {
    for (const ComponentType* type : AllComponents()) {
      const Report report = type->check(ReadAll(*type, machine));
      std::set<std::string_view> listed;
      for (const MetricType& metric : type->metrics) listed.insert(metric.name);
      for (const Sample& sample : report.samples) {
        EXPECT_TRUE(listed.count(sample.metric)) << sample.metric;
      }
      ASSERT_FALSE(report.states.empty()) << type->name;
      EXPECT_EQ(report.states[0].health, Health::kHealthy)
          << machine << " " << type->name << ": " << report.states[0].reason;
      for (const HealthState& state : report.states) {
        EXPECT_NE(state.health, Health::kUnknown) << machine << " " << state.name << state.error;
        for (const auto& [key, text] : state.extra_info) EXPECT_TRUE(ParseJson(text)) << text;
      }
    }
  }
}

TEST(AllComponents, AreUnknownAndNeverHealthyOnAMachineOfWhichNothingCanBeRead) {
  for (const ComponentType* type : AllComponents()) {
    const Inputs in = ReadAll(*type, "empty");
    const Support support = type->supported(in);
    if (!support.supported) {
      EXPECT_FALSE(support.reason.empty()) << type->name;
      continue;
    }
    const Report report = type->check(in);
    EXPECT_EQ(report.states.at(0).health, Health::kUnknown) << type->name;
    EXPECT_FALSE(report.states[0].error.empty()) << type->name;
    EXPECT_TRUE(report.samples.empty()) << type->name;
  }
}

TEST(AllComponents, SupportXidOnlyWhereThereIsAnNvidiaDevice) {
  for (const ComponentType* type : AllComponents()) {
    if (type->name != "accelerator-nvidia-error-xid") continue;
    EXPECT_TRUE(type->supported(ReadAll(*type, "h100-8x")).supported);
    EXPECT_FALSE(type->supported(ReadAll(*type, "debian12-vm")).supported);
  }
}

}  // namespace
}  // namespace gpud
