// SPDX-License-Identifier: Apache-2.0
// The sources of NVIDIA's GPUs in their lane, on a simulated driver that hangs, dawdles and dies.
#include <gtest/gtest.h>

#include <cstdlib>

#include "lanes/lanes.h"
#include "sources/nvml/activity.h"
#include "sources/nvml/errors.h"
#include "testing/fake_host.h"
#include "testing/simulated_driver.h"

namespace gpud::lanes {
namespace {

using std::chrono::milliseconds;

class NvmlLane : public testing::Test {
 protected:
  void SetUp() override {
    if (std::string_view(GPUD_SIM_LIBRARY).empty()) {
      GTEST_SKIP() << "no simulated driver in this build";
    }
    driver_.emplace(GPUD_SIM_LIBRARY, "healthy-8xh100");
    Options options{.root = machine_.root.path(), .executable = GPUD_LANE_CHILD};
    options.first_pause = milliseconds(10);
    lanes_.emplace(loop_, clock_, options, nullptr);
  }

  template <class T>
  Result<T> Read(const SourceType& source, milliseconds deadline = std::chrono::seconds(20)) {
    SourceType hasty = source;
    hasty.deadline = deadline;
    std::optional<Snapshot> got;
    lanes_->Read(hasty, [&](Snapshot snapshot) { got = std::move(snapshot); });
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!got && std::chrono::steady_clock::now() < end) loop_.RunFor(milliseconds(2));
    if (!got) return Fail(ErrorCode::kInternal, "no answer");
    return *static_cast<const Result<T>*>(got->result.get());
  }
  /// Reads until the lane serves again after a kill.
  Result<nvml::Activity> ReadAgain() {
    for (;;) {
      auto activity = Read<nvml::Activity>(nvml::kActivity);
      if (activity || clock_.Boot() > start_ + std::chrono::seconds(30)) return activity;
      loop_.RunFor(milliseconds(5));
    }
  }

  const SystemClock clock_{};
  const BootTime start_ = clock_.Boot();
  Loop loop_;
  FakeHost machine_;
  std::optional<SimulatedDriver> driver_;
  std::optional<Lanes> lanes_;
};

TEST_F(NvmlLane, KeepsOneSessionForAllSourcesAndLetsGoWhenItEnds) {
  ASSERT_TRUE(Read<nvml::Activity>(nvml::kActivity));
  const auto errors = Read<nvml::Errors>(nvml::kErrors);
  ASSERT_TRUE(errors);
  EXPECT_EQ(errors->session.simulated, "healthy-8xh100");
  EXPECT_EQ(driver_->Counter(), "open 1 gpm 16 events 1");
  lanes_.reset();
  EXPECT_EQ(driver_->Counter(), "open 0 gpm 0 events 0");
  EXPECT_EQ(driver_->Openings(), 1);
}

TEST_F(NvmlLane, ThatHangsIsKilledAtTheDeadlineAndServesAgainOnceTheDriverDoes) {
  ASSERT_TRUE(Read<nvml::Activity>(nvml::kActivity));
  driver_->SetFaults("call nvmlDeviceGetTemperature gpu 2 hang");
  const auto hung = Read<nvml::Activity>(nvml::kActivity, milliseconds(300));
  ASSERT_FALSE(hung);
  EXPECT_EQ(hung.error().code, ErrorCode::kTimeout);
  driver_->SetFaults("");
  const auto good = ReadAgain();
  ASSERT_TRUE(good) << good.error().what;
  EXPECT_TRUE(good->gpus[2].celsius);
}

TEST_F(NvmlLane, WhoseLibraryAbortsIsStartedAgain) {
  ASSERT_TRUE(Read<nvml::Activity>(nvml::kActivity));
  driver_->SetFaults("call nvmlDeviceGetPowerUsage abort");
  const auto dead = Read<nvml::Activity>(nvml::kActivity);
  ASSERT_FALSE(dead);
  EXPECT_NE(dead.error().what.find("SIGABRT"), std::string::npos) << dead.error().what;
  driver_->SetFaults("");
  EXPECT_TRUE(ReadAgain());
}

TEST_F(NvmlLane, OfASlowDriverSaysWhichCallIsSlow) {
  ASSERT_TRUE(Read<nvml::Activity>(nvml::kActivity));
  driver_->SetFaults("call nvmlDeviceGetBAR1MemoryInfo gpu 5 delay 0.05");
  const auto slow = Read<nvml::Activity>(nvml::kActivity);
  ASSERT_TRUE(slow);
  EXPECT_EQ(slow->gpus[5].slowest_call, "nvmlDeviceGetBAR1MemoryInfo");
  EXPECT_GE(slow->gpus[5].slowest_call_ms, 49);
  EXPECT_LT(slow->gpus[4].slowest_call_ms, 49);
}

TEST_F(NvmlLane, SourcesAreToBeReportedHungWithinTenSeconds) {
  EXPECT_LE(nvml::kActivity.deadline, std::chrono::seconds(3));
  EXPECT_LE(nvml::kErrors.deadline, std::chrono::seconds(3));
}

}  // namespace
}  // namespace gpud::lanes
