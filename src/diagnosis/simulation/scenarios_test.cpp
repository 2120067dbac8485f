// SPDX-License-Identifier: Apache-2.0
// All scenarios, those of the program and those of tests/scenarios, are told as they expect.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "components/all.h"
#include "diagnosis/simulation/judge.h"
#include "scenario/bundled.h"
#include "scenario/verdict_names.h"

namespace gpud::diagnosis {
namespace {

std::vector<std::string> Files() {
  std::vector<std::string> files;
  for (const char* folder : {"/tests/scenarios", "/sim/scenarios"}) {
    for (const auto& entry :
         std::filesystem::directory_iterator(std::string(GPUD_SOURCE_DIR) + folder)) {
      if (entry.path().extension() == ".yaml") files.push_back(entry.path().string());
    }
  }
  return files;
}

std::string TextOf(const Judgement& judgement) {
  std::string text;
  for (const std::string& what : judgement.missing) text += "\n  missing " + what;
  for (const std::string& what : judgement.forbidden) text += "\n  forbidden " + what;
  return text;
}

TEST(Scenarios, AreToldAsExpected) {
  std::set<std::string> found;
  for (const std::string& file : Files()) {
    const auto scenario = scenario::LoadScenario(file);
    ASSERT_TRUE(scenario) << scenario.error().what;
    const Replayed replayed = Replay(*scenario, AllComponents(), "en");
    const Judgement judgement = Judge(*scenario, replayed.incidents);
    EXPECT_TRUE(judgement.ok()) << file << TextOf(judgement);
    for (const scenario::Expectation& expected : scenario->expect) found.insert(expected.id);
    for (const ReplayedIncident& incident : replayed.incidents) {
      EXPECT_FALSE(incident.verdict.summary.empty()) << incident.verdict.id;
      EXPECT_EQ(incident.verdict.summary.find('{'), std::string::npos) << incident.verdict.summary;
      EXPECT_EQ(incident.verdict.title.find('{'), std::string::npos) << incident.verdict.title;
      found.insert(incident.verdict.id);
    }
  }
  for (const std::string_view id : scenario::VerdictNames()) {
    EXPECT_TRUE(found.contains(std::string(id))) << id << " has no scenario";
  }
}

/// A bundled scenario with one more entry of signals.
scenario::Scenario With(const std::string& name, const std::string& entry) {
  auto scenario = scenario::FindScenario(name);
  const auto extra = scenario::ParseScenario(
      "extra.yaml",
      "schema: gpud-scenario/1\nid: extra\ntitle: x\nseed: 1\nduration_s: 900\n"
      "nodes: [{name: node-a, profile: hgx-h100-8, workload: train}]\nsignals:\n  - {" +
          entry + "}\nexpect: []\nforbid: ['*']\n");
  EXPECT_TRUE(extra) << extra.error().what;
  scenario->signals.push_back(extra->signals.front());
  return *scenario;
}

TEST(Scenarios, AVerdictIsNotGivenWithoutTheSignalThatItNeeds) {
  const auto scenario = With("power-limit-lowered",
                             "signal: gpu.throttle.sw_power_cap, value: 0, missing: [[0, 900]]");
  const Replayed replayed = Replay(scenario, AllComponents(), "en");
  for (const ReplayedIncident& incident : replayed.incidents) {
    EXPECT_NE(incident.verdict.id, "power.cap_reduced");
  }
  // What else is seen of it is no more than possible, and says what was not to be seen.
  ASSERT_FALSE(replayed.notes.empty());
  EXPECT_EQ(replayed.notes.front().verdict.id, "compute.slow_gpu");
  EXPECT_NE(std::ranges::find(replayed.notes.front().verdict.not_checked,
                              "gpu.throttle.sw_power_cap{gpu=2}"),
            replayed.notes.front().verdict.not_checked.end());
}

TEST(Scenarios, TheSameScenarioGivesTheSameVerdicts) {
  const auto scenario = scenario::FindScenario("thermal-one-gpu");
  const Replayed one = Replay(*scenario, AllComponents(), "en");
  const Replayed two = Replay(*scenario, AllComponents(), "en");
  ASSERT_EQ(one.incidents.size(), two.incidents.size());
  for (std::size_t i = 0; i < one.incidents.size(); ++i) {
    EXPECT_EQ(one.incidents[i].verdict, two.incidents[i].verdict);
  }
}

}  // namespace
}  // namespace gpud::diagnosis
