// SPDX-License-Identifier: Apache-2.0
#include "sources/nvml/product_family.h"

#include <gtest/gtest.h>

namespace gpud::nvml {
namespace {

TEST(ProductFamily, IsAWholeWordOfTheName) {
  EXPECT_TRUE(IsOfFamily("NVIDIA A100-SXM4-80GB", "A100"));
  EXPECT_TRUE(IsOfFamily("NVIDIA H100", "H100"));
  for (const char* other : {"NVIDIA A10", "NVIDIA A10G", "NVIDIA A1000", ""}) {
    EXPECT_FALSE(IsOfFamily(other, "A100")) << other;
  }
  EXPECT_FALSE(IsOfFamily("NVIDIA GB200", "B200"));
  EXPECT_FALSE(IsOfFamily("NVIDIA GH200 480GB", "H200"));
}

TEST(NetworkOfProduct, IsKnownOfTheProductsOfTheTableOnly) {
  EXPECT_EQ(NetworkOf("NVIDIA A100 80GB PCIe")->ports, 1u);
  EXPECT_EQ(NetworkOf("NVIDIA A100 80GB PCIe")->gbps, 200);
  for (const char* name : {"NVIDIA H100 80GB HBM3", "NVIDIA H200", "NVIDIA B200", "NVIDIA GB200"}) {
    ASSERT_TRUE(NetworkOf(name)) << name;
    EXPECT_EQ(NetworkOf(name)->ports, 8u) << name;
    EXPECT_EQ(NetworkOf(name)->gbps, 400) << name;
  }
  for (const char* name :
       {"NVIDIA A10", "NVIDIA A1000", "NVIDIA B300", "NVIDIA GB300", "NVIDIA GB10", "NVIDIA H20",
        "NVIDIA L40S", "Tesla V100-SXM2-16GB", "NVIDIA GH200 480GB"}) {
    EXPECT_FALSE(NetworkOf(name)) << name;
  }
}

}  // namespace
}  // namespace gpud::nvml
