// SPDX-License-Identifier: Apache-2.0
#include "model/health.h"

#include <gtest/gtest.h>

namespace gpud {
namespace {

constexpr Health kAll[] = {Health::kHealthy, Health::kDegraded, Health::kUnhealthy,
                           Health::kInitializing, Health::kUnknown};

TEST(Health, TheWorstStateDecides) {
  EXPECT_EQ(Worst({}), Health::kHealthy);
  EXPECT_EQ(Worst({{.health = Health::kUnknown}, {.health = Health::kDegraded}}),
            Health::kDegraded);
  EXPECT_EQ(Worst({{.health = Health::kDegraded}, {.health = Health::kUnhealthy}}),
            Health::kUnhealthy);
}

TEST(Health, WhatCannotBeJudgedSpeaksMoreAgainstWorkThanWhatLimps) {
  constexpr Health kOrder[] = {Health::kUnhealthy, Health::kUnknown, Health::kInitializing,
                               Health::kDegraded, Health::kHealthy};
  for (std::size_t i = 0; i + 1 < std::size(kOrder); ++i) {
    EXPECT_TRUE(SpeaksMoreAgainstWork(kOrder[i], kOrder[i + 1])) << i;
    EXPECT_FALSE(SpeaksMoreAgainstWork(kOrder[i + 1], kOrder[i])) << i;
  }
  for (const Health health : kAll) EXPECT_FALSE(SpeaksMoreAgainstWork(health, health));
}

}  // namespace
}  // namespace gpud
