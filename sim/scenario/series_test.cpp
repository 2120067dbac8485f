// SPDX-License-Identifier: Apache-2.0
#include "scenario/series.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "scenario/bundled.h"
#include "scenario/kernel_log.h"

namespace gpud::scenario {
namespace {

Scenario Parsed(const std::string& body) {
  const std::string text =
      "schema: gpud-scenario/1\nid: test\ntitle: t\nseed: 1001\nduration_s: 100\nexpect: []\n"
      "forbid: ['*']\n" +
      body;
  const Result<Scenario> scenario = ParseScenario("test.yaml", text);
  EXPECT_TRUE(scenario) << (scenario ? "" : scenario.error().what);
  return scenario.value_or(Scenario{});
}

std::optional<double> ValueAt(Series& series, std::int64_t k) {
  series.MoveTo(k);
  return series.value();
}

Series Make(const Node& node, std::string_view signal, Tags tags = {{Label::kGpu, 0}}) {
  return Series(node, *FindSignal(signal), std::move(tags));
}

constexpr const char* kNode = "nodes: [{name: node-a, profile: hgx-h100-8, workload: train}]\n";

TEST(Draws, AreThoseOfTheFormatsPage) {
  Draws draws("1001|node-a|gpu.temp|gpu=3");
  const Draw first = draws.Next();
  EXPECT_NEAR(first.uniform, 0.0262192154600, 1e-12);
  EXPECT_NEAR(first.normal, 1.62213608174, 1e-10);
  EXPECT_NEAR(draws.Next().normal, -1.12589836004, 1e-10);
  EXPECT_NEAR(draws.Next().normal, 0.755041132099, 1e-10);
}

TEST(Series, AreTheSameWhetherStepsAreSkippedTakenBackOrTakenOneByOne) {
  const Scenario scenario = Parsed(kNode);
  const Node node = std::move(NodesOf(scenario)[0]);
  Series steady = Make(node, "gpu.power"), jumping = Make(node, "gpu.power");
  std::vector<double> values;
  for (std::int64_t k = 0; k <= 20; ++k) values.push_back(ValueAt(steady, k).value());
  EXPECT_EQ(ValueAt(jumping, 20), values[20]);
  EXPECT_EQ(ValueAt(jumping, 3), values[3]);
  EXPECT_EQ(ValueAt(jumping, 11), values[11]);
  EXPECT_EQ(jumping.Recent(4), values[4]);
  EXPECT_EQ(jumping.Recent(3), std::nullopt) << "further back than it remembers";
  EXPECT_EQ(jumping.Recent(12), std::nullopt) << "not yet";
}

TEST(Series, ThatStandStillRememberWhenTheirDeviceWasAway) {
  const Scenario scenario = Parsed(std::string(kNode) +
                                   "facts:\n  - {t: 30, set: {gpu.0.present: false}}\n  - {t: 40, "
                                   "set: {gpu.0.present: true}}\n");
  const Node node = std::move(NodesOf(scenario)[0]);
  Series width = Make(node, "gpu.pcie.width");
  EXPECT_EQ(ValueAt(width, 9), 16);
  EXPECT_EQ(width.Recent(7), std::nullopt);
  EXPECT_EQ(width.Recent(8), 16);
  EXPECT_EQ(width.IntegralAt(47), 16 * 47);
  EXPECT_EQ(ValueAt(width, 6), std::nullopt) << "back again";
}

TEST(Series, SumUpOverTime) {
  const Scenario scenario =
      Parsed(std::string(kNode) +
             "signals:\n  - {signal: gpu.power, points: [[0, 100], [10, 300]], interp: step}\n");
  const Node node = std::move(NodesOf(scenario)[0]);
  Series power = Make(node, "gpu.power");
  power.MoveTo(2);
  EXPECT_DOUBLE_EQ(power.IntegralAt(10), 1000);
  EXPECT_DOUBLE_EQ(power.IntegralAt(12), 1600);
}

TEST(Series, CountersGrowByTheirRateAndAreWholeNumbers) {
  const Scenario scenario =
      Parsed(std::string(kNode) +
             "signals:\n  - {signal: gpu.pcie.replay, value: 0.3}\n"
             "  - {signal: gpu.remap.corr, value: 0.02}\n"
             "  - {signal: gpu.ecc.dram_unc, points: [[20, 2]], as: total, interp: step}\n");
  const Node node = std::move(NodesOf(scenario)[0]);
  Series replays = Make(node, "gpu.pcie.replay"), errors = Make(node, "gpu.ecc.dram_unc");
  EXPECT_EQ(ValueAt(replays, 0), 0);
  EXPECT_EQ(ValueAt(replays, 1), 1);
  EXPECT_EQ(ValueAt(replays, 4), 6);
  Series rows = Make(node, "gpu.remap.corr");
  EXPECT_EQ(ValueAt(rows, 10), 1) << "ten tenths, though their sum is a little less";
  EXPECT_EQ(ValueAt(errors, 3), 0);
  EXPECT_EQ(ValueAt(errors, 4), 2);
}

TEST(Series, AreAbsentInMissingSpansAndWhileTheirDeviceOrProcessIsAway) {
  const Scenario scenario = Parsed(
      "nodes:\n  - {name: node-a, profile: hgx-h100-8, workload: idle,\n"
      "     processes: [{pid: 5, name: p, role: other, gpus: [1], start_s: 20, stop_s: 40}]}\n"
      "signals:\n  - {signal: gpu.temp, labels: {gpu: 0}, value: 50, missing: [[10, 20]]}\n"
      "facts:\n  - {t: 30, set: {gpu.0.present: false}}\n  - {t: 50, set: {gpu.0.present: "
      "true}}\n");
  const Node node = std::move(NodesOf(scenario)[0]);
  Series temperature = Make(node, "gpu.temp"), lost = Make(node, "gpu.lost");
  EXPECT_EQ(ValueAt(temperature, 1), 50);
  EXPECT_EQ(ValueAt(temperature, 2), std::nullopt);
  EXPECT_EQ(temperature.raw(), 50);
  EXPECT_EQ(ValueAt(temperature, 5), 50);
  EXPECT_EQ(ValueAt(temperature, 6), std::nullopt);
  EXPECT_EQ(ValueAt(lost, 6), 1);
  EXPECT_EQ(ValueAt(temperature, 10), 50);
  Series memory = Make(node, "gpu.mem_used", {{Label::kGpu, 1}});
  Series share = Make(node, "gpu.proc.mem", {{Label::kGpu, 1}, {Label::kPid, 5}});
  EXPECT_EQ(ValueAt(share, 3), std::nullopt);
  EXPECT_EQ(ValueAt(share, 4), 500);
  EXPECT_DOUBLE_EQ(*ValueAt(memory, 4) - *ValueAt(memory, 3), 500);
}

TEST(Series, OfAnEntryThatAddsOrMultipliesActOnTheBaseline) {
  const Scenario scenario = Parsed(
      "nodes: [{name: node-a, profile: hgx-h100-8}]\n"
      "signals:\n  - {signal: gpu.power_limit, op: mul, value: 0.5}\n"
      "  - {signal: gpu.power_limit, op: add, value: 10, from_s: 50}\n"
      "  - {signal: gpu.fan, op: add, value: 10}\n"
      "  - {signal: gpu.util, wave: {period_s: 20, low: 5, high: 95, duty: 0.25}}\n");
  const Node node = std::move(NodesOf(scenario)[0]);
  Series limit = Make(node, "gpu.power_limit"), fan = Make(node, "gpu.fan");
  Series use = Make(node, "gpu.util");
  EXPECT_EQ(ValueAt(limit, 9), 350);
  EXPECT_EQ(ValueAt(limit, 10), 360);
  EXPECT_EQ(ValueAt(fan, 3), std::nullopt) << "nothing to add to";
  EXPECT_EQ(ValueAt(use, 4), 95);
  EXPECT_EQ(ValueAt(use, 5), 5);
}

TEST(KernelLog, IsSortedNumberedAndStamped) {
  const Scenario scenario = Parsed(std::string(kNode) +
                                   "kmsg:\n  - {t: 9, level: 3, text: second}\n"
                                   "  - {t: 8, flags: c, dev: '+pci:0000:9b:00.0', text: 'n {i}', "
                                   "repeat: {count: 2, every_s: 0.5}}\n"
                                   "  - {t: 99, text: last, repeat: {count: 9, every_s: 1}}\n");
  const Node node = std::move(NodesOf(scenario)[0]);
  const auto log = KernelLogOf(node);
  ASSERT_EQ(log.size(), 5u) << "records after the end are dropped";
  EXPECT_EQ(log[0].Lines(), (std::vector<std::string>{"4,1,100008000000,c;n 0", " SUBSYSTEM=pci",
                                                      " DEVICE=+pci:0000:9b:00.0"}));
  EXPECT_EQ(log[1].text, "n 1");
  EXPECT_EQ(log[2].header, "3,3,100009000000,-");
}

TEST(Node, FactsFollowTheProfileTheFileAndTime) {
  const Scenario scenario = Parsed(
      "nodes: [{name: node-a, profile: hgx-h100-8, facts: {gpu.*.persistence: 'off', rack.unit: "
      "7}}]\n"
      "facts: [{t: 10, set: {gpu.2.ecc_mode: 'off'}}]\n");
  const Node node = std::move(NodesOf(scenario)[0]);
  const auto text = [&](std::string_view name, double t) {
    return std::get<std::string>(*node.FactNow(name, t));
  };
  EXPECT_EQ(text("gpu.7.persistence", 0), "off");
  EXPECT_EQ(text("gpu.2.ecc_mode", 9), "on");
  EXPECT_EQ(text("gpu.2.ecc_mode", 10), "off");
  EXPECT_EQ(text("gpu.4.pci", 0), "0000:9b:00.0");
  EXPECT_EQ(std::get<std::int64_t>(*node.FactNow("gpu.4.numa", 0)), 1);
  EXPECT_EQ(std::get<std::int64_t>(*node.FactNow("rack.unit", 0)), 7);
  EXPECT_EQ(node.FactNow("gpu.8.pci", 0), nullptr);
}

TEST(Profiles, HaveOneToSixteenGpus) {
  EXPECT_EQ(FindProfile("hgx-a100-16")->gpus, 16);
  EXPECT_EQ(SlotOf(*FindProfile("hgx-a100-16"), 12).gpu, "0001:9b:00.0");
  EXPECT_EQ(SlotOf(*FindProfile("pcie-l40s-4"), 2).gpu, "0000:9b:00.0");
  EXPECT_FALSE(FindProfile("hgx-a100-17"));
  EXPECT_FALSE(FindProfile("hgx-a100"));
  EXPECT_FALSE(FindProfile("abacus-1"));
}

}  // namespace
}  // namespace gpud::scenario
