// SPDX-License-Identifier: Apache-2.0
#include "sources/nvml/product_name.h"

#include <gtest/gtest.h>

namespace gpud::nvml {
namespace {

TEST(ProductName, JoinsWordsAndDropsWhatIsNoNamesCharacter) {
  EXPECT_EQ(ProductName("NVIDIA H100 80GB HBM3"), "NVIDIA-H100-80GB-HBM3");
  EXPECT_EQ(ProductName("NVIDIA A100-SXM4-80GB"), "NVIDIA-A100-SXM4-80GB");
  EXPECT_EQ(ProductName("  Tesla\tV100 (TM)/x  "), "TeslaV100-TMx");
  EXPECT_EQ(ProductName(" ()\n"), "");
}

}  // namespace
}  // namespace gpud::nvml
