// SPDX-License-Identifier: Apache-2.0
#include "daemon/expected_gpus.h"

#include <gtest/gtest.h>

#include "sources/nvml/devices.h"
#include "testing/fake_host.h"

namespace gpud::daemon {
namespace {

Inputs Slots(const std::vector<std::string>& slots) {
  nvml::Devices found;
  for (const std::string& slot : slots) {
    nvml::Device device;
    device.bus_id = slot;
    device.answers = true;
    found.devices.push_back(device);
  }
  Inputs in;
  in.Put<nvml::Devices>(std::move(found));
  return in;
}

TEST(ExpectedGpus, AreLearnedKeptAndTakenUpAgain) {
  ExpectedGpus first;
  const store::Metadata kept = first.Learn(Slots({"0000:19:00.0", "0000:3b:00.0"}));
  ASSERT_FALSE(kept.empty());
  EXPECT_TRUE(first.Learn(Slots({"0000:19:00.0"})).empty()) << "nothing is new";

  ExpectedGpus second;
  second.Load(kept);
  ASSERT_EQ(second.expectation().inventory.gpus.size(), 2u);
  EXPECT_FALSE(second.expectation().declared);
  EXPECT_FALSE(second.Forget().empty());
  EXPECT_TRUE(second.expectation().inventory.gpus.empty());
}

TEST(ExpectedGpus, OfAFileAreNeverLearnedOver) {
  FakeHost host;
  host.Write("/gpus.json", R"({"gpus": [{"bus_id": "0000:19:00.0", "pcie_width": 16}]})");
  ExpectedGpus expected;
  ASSERT_TRUE(expected.Declare(host.Path("/gpus.json")));
  expected.Load({{"expected_gpus", R"({"gpus": []})"}});
  EXPECT_TRUE(expected.Learn(Slots({"0000:3b:00.0"})).empty());
  ASSERT_EQ(expected.expectation().inventory.gpus.size(), 1u);
  EXPECT_EQ(expected.expectation().inventory.gpus[0].pcie_width, 16u);
  EXPECT_TRUE(expected.expectation().declared);
}

TEST(ExpectedGpus, ThatCannotBeReadSayWhy) {
  FakeHost host;
  ExpectedGpus expected;
  EXPECT_FALSE(expected.Declare(host.Path("/none.json")));
  host.Write("/bad.json", R"({"gpus": [{"pcie_width": 16}]})");
  const auto bad = expected.Declare(host.Path("/bad.json"));
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().what.find("bus_id"), std::string::npos) << bad.error().what;
}

}  // namespace
}  // namespace gpud::daemon
