// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "scenario/bundled.h"

namespace gpud::scenario {
namespace {

std::string MistakesOf(const std::string& text) {
  const auto scenario = ParseScenario("test.yaml", text);
  return scenario ? "" : scenario.error().what;
}

TEST(Parse, NamesEveryMistakeWithItsLine) {
  EXPECT_EQ(
      MistakesOf(
          "schema: gpud-scenario/1\n"
          "id: other\n"
          "title: t\n"
          "seed: -3\n"
          "duration_s: 100\n"
          "colour: red\n"
          "nodes:\n"
          "  - {name: Node A, profile: hgx-h100-9000}\n"
          "  - {name: b, profile: hgx-h100-8, facts: {gpu.0.ecc_mode: off}}\n"
          "signals:\n"
          "  - {signal: gpu.tmp, value: 1}\n"
          "  - {signal: gpu.temp, labels: {gpu: 8, nic: 1}, node: b, points: [[5, 1], [4, 2]]}\n"
          "  - {signal: gpu.lost, value: 1, noise: {sd: 1}}\n"
          "kmsg:\n"
          "  - {t: 500, text: x}\n"
          "expect:\n"
          "  - {id: pcie.gpu_lost, as: leaf}\n"),
      "test.yaml:2: id: must equal the file's name without .yaml\n"
      "test.yaml:4: seed: -3 is not within 0 to any\n"
      "test.yaml:6: unknown key 'colour'\n"
      "test.yaml:8: nodes[0].name: must be of a-z, 0-9 and -\n"
      "test.yaml:8: nodes[0]: unknown profile 'hgx-h100-9000'; there are " +
          ProfileNames() +
          "\n"
          "test.yaml:9: nodes[1].facts: gpu.0.ecc_mode: write on and off in quotes\n"
          "test.yaml:11: signals[0]: unknown signal 'gpu.tmp'\n"
          "test.yaml:12: signals[1] gpu.temp.labels: gpu=8 does not exist on every node it "
          "names\n"
          "test.yaml:12: signals[1] gpu.temp.labels: the signal has no label 'nic'\n"
          "test.yaml:12: signals[1] gpu.temp.points: times must rise\n"
          "test.yaml:13: signals[2] gpu.lost.noise: a state has none\n"
          "test.yaml:15: kmsg[0].t: 500 is not within 0 to 100\n"
          "test.yaml:15: kmsg[0]: node is needed when there are several\n"
          "test.yaml:17: expect[0].as: 'leaf' is not one of root, effect, any");
}

TEST(Parse, RefusesARateAndATotalOnOneSeries) {
  EXPECT_EQ(MistakesOf("schema: gpud-scenario/1\nid: test\ntitle: t\nseed: 1\nduration_s: 9\n"
                       "nodes: [{name: a, profile: hgx-h100-8}]\nexpect: []\nforbid: ['*']\n"
                       "signals:\n"
                       "  - {signal: gpu.pcie.replay, labels: {gpu: 1}, value: 1}\n"
                       "  - {signal: gpu.pcie.replay, labels: {gpu: 2}, value: 1, as: total}\n"
                       "  - {signal: gpu.pcie.replay, value: 5, as: total}\n"),
            "test.yaml:12: gpu.pcie.replay: a rate and a total (line 10) on one series");
}

TEST(Parse, SurvivesWhatIsNoScenario) {
  EXPECT_NE(MistakesOf(""), "");
  EXPECT_NE(MistakesOf("just a text"), "");
  EXPECT_NE(MistakesOf("[1, 2"), "");
  EXPECT_NE(MistakesOf("nodes: 7\nsignals: {a: b}\n"), "");
  EXPECT_NE(MistakesOf("a: &x [1]\nb: *x\na: 2\n"), "");
  EXPECT_EQ(LoadScenario("/no/such/file.yaml").error().code, ErrorCode::kNotFound);
}

TEST(Bundled, ScenariosAreValidAndFoundByName) {
  EXPECT_GE(BundledScenarios().size(), 40u);
  for (const BundledScenario& bundled : BundledScenarios()) {
    const auto scenario = FindScenario(std::string(bundled.name));
    EXPECT_TRUE(scenario) << (scenario ? "" : scenario.error().what);
  }
  const auto unknown = FindScenario("no-such-scenario");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::kNotFound);
  EXPECT_NE(unknown.error().what.find(" healthy-8xh100 "), std::string::npos);
}

}  // namespace
}  // namespace gpud::scenario
