// SPDX-License-Identifier: Apache-2.0
#include "sources/kept.h"

#include <gtest/gtest.h>

namespace gpud {
namespace {

struct One {
  int value = 0;
};
struct Other {
  int value = 0;
};

TEST(Kept, HasOneObjectOfEachType) {
  Kept kept;
  kept.Of<One>().value = 7;
  EXPECT_EQ(kept.Of<Other>().value, 0);
  EXPECT_EQ(kept.Of<One>().value, 7);
}

}  // namespace
}  // namespace gpud
