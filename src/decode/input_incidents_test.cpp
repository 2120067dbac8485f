// SPDX-License-Identifier: Apache-2.0
#include "decode/input_incidents.h"

#include <gtest/gtest.h>

#include "components/all.h"
#include "decode/input_rig.h"

namespace gpud::decode {
namespace {

std::vector<Incident> IncidentsOf(std::string_view log) {
  Input input(InMemory(log), "test.log", *ParseRfc3339("2026-11-25T00:00:00Z"));
  std::vector<Incident> incidents;
  DecodeInput(input, AllComponents(), {.first_evidence = 8},
              [&incidents](const Incident& incident) { incidents.push_back(incident); });
  return incidents;
}

constexpr std::string_view kXid = "NVRM: Xid (PCI:0000:9b:00): 79, GPU has fallen off the bus.\n";

TEST(InputIncidents, HaveTimeAndPlaceOfTheirLine) {
  const auto incidents = IncidentsOf("\n2026-11-24T21:47:39+00:00 h kernel: " + std::string(kXid));
  ASSERT_EQ(incidents.size(), 1u);
  EXPECT_EQ(incidents[0].first.time, *ParseRfc3339("2026-11-24T21:47:39Z"));
  EXPECT_EQ(incidents[0].first.line, 2u);
  EXPECT_FALSE(incidents[0].first.sequence);
  EXPECT_EQ(incidents[0].finding.code, "79");
}

TEST(InputIncidents, WithoutAWallTimeAreAsLongAfter1970AsAfterBoot) {
  const auto incidents = IncidentsOf("4,17,2000000,-;" + std::string(kXid));
  ASSERT_EQ(incidents.size(), 1u);
  EXPECT_TRUE(IsSinceBoot(incidents[0].first.time));
  EXPECT_EQ(incidents[0].first.time, WallTime(std::chrono::seconds(2)));
  EXPECT_EQ(incidents[0].first.sequence, 17u);
}

TEST(InputIncidents, DoNotComeFromProgramsNorTwiceFromAReport) {
  EXPECT_TRUE(IncidentsOf("12,17,2000000,-;" + std::string(kXid)).empty());
  EXPECT_TRUE(IncidentsOf("Nov 24 21:47:39 h logger[1]: " + std::string(kXid)).empty());
  const std::string line = "[    2.000000] " + std::string(kXid);
  const auto incidents =
      IncidentsOf(line + "____\n" + line + "[    3.000000] " + std::string(kXid));
  ASSERT_EQ(incidents.size(), 1u);
  EXPECT_EQ(incidents[0].count, 2u);
}

}  // namespace
}  // namespace gpud::decode
