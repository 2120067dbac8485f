// SPDX-License-Identifier: Apache-2.0
#include "lanes/host_lane.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <latch>

#include "testing/fake_host.h"

namespace gpud::lanes {
namespace {

class EchoMatcher final : public LineMatcher {
 public:
  void OnLine(const KernelLine& line, LineSink& sink) override {
    sink.Add({.family = "echo",
              .code = "line",
              .message = std::string(line.text),
              .part = std::string(line.text)});
  }
};
constexpr std::string_view kNeedles[] = {"needle"};
constexpr ComponentType kEcho{
    .name = "echo", .needles = kNeedles, .create_matcher = []() -> std::unique_ptr<LineMatcher> {
      return std::make_unique<EchoMatcher>();
    }};
constexpr const ComponentType* kComponents[] = {&kEcho};

class HostThreadTest : public testing::Test {
 protected:
  template <class Condition>
  [[nodiscard]] bool RunUntil(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      loop_.RunFor(std::chrono::milliseconds(2));
    }
    return true;
  }
  std::unique_ptr<KernelLog> OpenLog(const std::string& path) {
    auto log = std::make_unique<KernelLog>(
        fake_.root, clock_, kComponents,
        KernelLogOptions{.path = path, .boot_id = "b", .boot_wall = clock_.Wall()});
    EXPECT_TRUE(log->Open());
    return log;
  }
  void Listen(HostThread& thread, const std::string& path) {
    thread.Listen(OpenLog(path), [this](KernelLogBatch batch) {
      std::move(batch.events.begin(), batch.events.end(), std::back_inserter(events_));
    });
  }

  const SystemClock clock_{};
  FakeHost fake_;
  Loop loop_;
  std::vector<Event> events_;
};

TEST_F(HostThreadTest, GivesTheLoopEachLineOfThePipeWhenItComes) {
  fake_.Write("/x", "");
  const std::string path = fake_.Path("/pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  HostThread thread(loop_);
  Listen(thread, path);
  std::ofstream writer(path);
  for (std::size_t i = 1; i <= 3; ++i) {
    writer << "4," << i << ",5,-;needle " << i << '\n' << std::flush;
    EXPECT_TRUE(RunUntil([&] { return events_.size() == i; }));
  }
  EXPECT_EQ(events_.back().message, "needle 3");
}

TEST_F(HostThreadTest, ReadsAFileToItsEndAndStillRunsJobs) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "4,1,5,-;needle " + std::to_string(i) + '\n';
  fake_.Write("/kmsg", text);
  HostThread thread(loop_);
  Listen(thread, fake_.Path("/kmsg"));
  EXPECT_TRUE(RunUntil([&] { return events_.size() == 2000; }));
  bool ran = false;
  bool done = false;
  thread.Run([&] { ran = true; }, [&] { done = true; });
  EXPECT_TRUE(RunUntil([&] { return done; }));
  EXPECT_TRUE(ran);
}

TEST_F(HostThreadTest, LeavesTheRecordsInTheLogWhileItIsHeldAndStillRunsJobs) {
  fake_.Write("/x", "");
  const std::string path = fake_.Path("/pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  HostThread thread(loop_);
  Listen(thread, path);
  std::ofstream writer(path);
  thread.HoldLog(true);
  const auto run_job = [&] {
    bool done = false;
    thread.Run([] {}, [&] { done = true; });
    EXPECT_TRUE(RunUntil([&] { return done; }));
  };
  run_job();  // the thread has heard of the hold
  writer << "4,1,5,-;needle\n" << std::flush;
  run_job();
  run_job();
  EXPECT_TRUE(events_.empty());
  thread.HoldLog(false);
  EXPECT_TRUE(RunUntil([&] { return !events_.empty(); }));
}

TEST_F(HostThreadTest, ReadsNoFurtherThanTheLoopHasTaken) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "4,1,5,-;needle " + std::to_string(i) + '\n';
  fake_.Write("/kmsg", text);
  HostThread thread(loop_);
  std::size_t batches = 0;
  thread.Listen(OpenLog(fake_.Path("/kmsg")), [&](const KernelLogBatch&) {
    thread.HoldLog(true);
    ++batches;
  });
  for (int i = 0; i < 10; ++i) {  // the thread turns; the loop does not
    std::latch turned(1);
    thread.Run([&] { turned.count_down(); }, [] {});
    turned.wait();
  }
  bool done = false;
  thread.Run([] {}, [&] { done = true; });
  EXPECT_TRUE(RunUntil([&] { return done; }));
  EXPECT_EQ(batches, 1u);
}

TEST_F(HostThreadTest, IsLeftBehindWhenAJobHangsAndThenTouchesTheLoopNoMore) {
  auto started = std::make_shared<std::latch>(1);
  auto release = std::make_shared<std::latch>(1);
  auto ended = std::make_shared<std::latch>(1);
  bool done = false;
  {
    HostThread thread(loop_);
    thread.Run(
        [started, release, ended] {
          started->count_down();
          release->wait();
          ended->count_down();
        },
        [&done] { done = true; });
    started->wait();
  }
  release->count_down();
  ended->wait();
  loop_.RunFor(std::chrono::milliseconds(5));
  EXPECT_FALSE(done);
}

}  // namespace
}  // namespace gpud::lanes
