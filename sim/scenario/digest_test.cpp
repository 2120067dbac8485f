// SPDX-License-Identifier: Apache-2.0
#include "scenario/digest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "scenario/bundled.h"

namespace gpud::scenario {
namespace {

const std::string kGolden = std::string(GPUD_SOURCE_DIR) + "/sim/scenarios/golden/";

// digests.txt was written from the reference simulator, in another language (its head says how).
TEST(Digest, OfEveryScenarioIsThatOfTheReferenceSimulator) {
  std::ifstream file(kGolden + "digests.txt");
  int compared = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    const std::string id = line.substr(0, line.find(' '));
    const auto scenario = FindScenario(id);
    ASSERT_TRUE(scenario) << scenario.error().what;
    EXPECT_EQ(id + " " + DigestOfScenario(*scenario), line);
    ++compared;
  }
  EXPECT_EQ(compared, BundledScenarios().size());
}

TEST(Digest, OfEachSignalIsThatOfTheGoldenFiles) {
  for (const std::string id :
       {"data-cpu-throttled", "gpu-lost-after-aer", "noisy-neighbour-shared-gpu"}) {
    const auto scenario = FindScenario(id);
    const auto nodes = NodesOf(*scenario);
    auto lines = DigestLines(nodes[0], "*", By::kSignal);
    std::ranges::sort(lines);
    std::ifstream file(kGolden + id + ".txt");
    std::vector<std::string> golden;
    for (std::string line; std::getline(file, line);) golden.push_back(line);
    EXPECT_EQ(lines, golden) << id;
  }
}

}  // namespace
}  // namespace gpud::scenario
