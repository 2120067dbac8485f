// SPDX-License-Identifier: Apache-2.0
#include "lanes/kernel_log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "testing/fake_host.h"

namespace gpud::lanes {
namespace {

// Remembers how many lines it has seen, to prove that there is one object a stream.
class XidMatcher final : public LineMatcher {
 public:
  void OnLine(const KernelLine& line, LineSink& sink) override {
    ++seen_;
    if (line.text.find("throw") != std::string_view::npos) throw std::runtime_error("a bug");
    sink.Add({.family = "xid",
              .code = "xid",
              .severity = EventType::kCritical,
              .message = std::string(line.text),
              .part = std::string(line.text),
              .details = {{"seen", std::to_string(seen_)}, {"pid", "7"}}});
  }

 private:
  int seen_ = 0;
};
constexpr std::string_view kXidNeedles[] = {"NVRM: Xid", "SXid"};
constexpr std::string_view kDiskNeedles[] = {"nvme"};
template <class Matcher>
std::unique_ptr<LineMatcher> Make() {
  return std::make_unique<Matcher>();
}
constexpr ComponentType kXid{
    .name = "xid", .needles = kXidNeedles, .create_matcher = Make<XidMatcher>};
constexpr ComponentType kDisk{
    .name = "disk", .needles = kDiskNeedles, .create_matcher = Make<XidMatcher>};
constexpr ComponentType kDeaf{.name = "deaf"};
constexpr const ComponentType* kComponents[] = {&kXid, &kDeaf, &kDisk};

class KernelLogTest : public testing::Test {
 protected:
  std::unique_ptr<KernelLog> Open(std::string path = {}, bool follow = true) {
    auto log = std::make_unique<KernelLog>(
        fake_.root, fake_.clock, kComponents,
        KernelLogOptions{.path = std::move(path),
                         .boot_id = "b1",
                         .boot_wall = fake_.clock.wall - std::chrono::seconds(1000),
                         .resume = {.boot_id = "b1", .next_sequence = 7},
                         .follow = follow});
    const auto opened = log->Open();
    EXPECT_TRUE(opened) << opened.error().what;
    return log;
  }
  KernelLogBatch ReadFile(std::string_view text) {
    fake_.Write("/kmsg", text);
    const auto log = Open(fake_.Path("/kmsg"));
    KernelLogBatch all = log->ReadSome();
    while (!log->ended()) {
      KernelLogBatch batch = log->ReadSome();
      std::move(batch.events.begin(), batch.events.end(), std::back_inserter(all.events));
      all.malformed_records += batch.malformed_records;
    }
    return all;
  }

  FakeHost fake_;
};

TEST_F(KernelLogTest, GivesEachLineToTheComponentsThatHaveANeedleInIt) {
  const auto batch = ReadFile(
      "4,10,5000000,-;NVRM: Xid (PCI:0000:04:00): 79\n SUBSYSTEM=pci nvme\n"
      "6,11,6000000,-;nothing\n"
      "3,12,7000000,-;nvme0: SXid both");
  ASSERT_EQ(batch.events.size(), 3u);
  const Event& xid = batch.events[0];
  EXPECT_EQ(xid.component, "xid");
  EXPECT_EQ(xid.message, "NVRM: Xid (PCI:0000:04:00): 79");
  EXPECT_EQ(xid.time, fake_.clock.wall - std::chrono::seconds(995));
  EXPECT_EQ(xid.origin, Origin::kKernel);
  EXPECT_EQ(xid.extra_info.at("kmsg_sequence"), "10");
  EXPECT_TRUE(xid.identity.starts_with("k:b1:5000000:")) << xid.identity;
  EXPECT_EQ(batch.events[1].component, "xid");
  EXPECT_EQ(batch.events[1].extra_info.at("seen"), "2");
  EXPECT_EQ(batch.events[2].component, "disk");
  EXPECT_EQ(batch.events[2].extra_info.at("seen"), "1");
}

TEST_F(KernelLogTest, GivesTheSameIdentityWhenItIsReadAgain) {
  const std::string text = "4,10,5,-;SXid 1\n4,11,6,-;SXid 2\n4,12,6,-;SXid 3\n";
  const auto first = ReadFile(text);
  const auto second = ReadFile(text);
  ASSERT_EQ(first.events.size(), 3u);
  EXPECT_EQ(first.events, second.events);
  EXPECT_NE(first.events[1].identity, first.events[2].identity);
}

TEST_F(KernelLogTest, SkipsWhatIsNoRecordAndReadsOn) {
  const auto batch = ReadFile("garbage\n\n4,10,5,-;" + std::string(20'000, 'x') +
                              "\n4,1\n4,11,6,-;SXid throw\n4,12,7,-;SXid 2\n");
  ASSERT_EQ(batch.events.size(), 1u);
  EXPECT_EQ(batch.events[0].message, "SXid 2");
  EXPECT_EQ(batch.malformed_records, 3u);
}

TEST_F(KernelLogTest, MakesValidTextOfAnyBytes) {
  const auto batch = ReadFile("4,10,5,-;SXid \\xff\n");
  ASSERT_EQ(batch.events.size(), 1u);
  EXPECT_EQ(batch.events[0].message, "SXid \xEF\xBF\xBD");
}

TEST_F(KernelLogTest, NamesTheContainerOfTheProcessOfAFreshLine) {
  fake_.Write("/proc/7/cgroup", "0::/docker/abc\n");
  const auto batch = ReadFile("4,1,999000000,-;SXid now\n4,2,5,-;SXid long ago\n");
  ASSERT_EQ(batch.events.size(), 2u);
  EXPECT_EQ(batch.events[0].extra_info.at("container"), "abc");
  EXPECT_EQ(batch.events[1].extra_info.count("container"), 0u) << "the number may be reused";
}

TEST_F(KernelLogTest, MarksLinesOfProgramsAndKeepsThemApartFromTheKernels) {
  const auto batch = ReadFile("4,1,5,-;SXid 1\n12,2,5,-;SXid 1\n");
  ASSERT_EQ(batch.events.size(), 2u);
  EXPECT_EQ(batch.events[1].origin, Origin::kUserSpace);
  EXPECT_EQ(batch.events[1].message, "SXid 1 [written by a program, not the kernel]");
  EXPECT_EQ(batch.events[1].extra_info.at("origin"), "user-space");
  EXPECT_EQ(batch.events[1].type, EventType::kCritical);
}

TEST_F(KernelLogTest, KnowsItsOwnInjectionsOnceForTenSeconds) {
  fake_.Write("/kmsg", "44,1,5,-;SXid a b\n44,2,6,-;SXid a b\n44,3,7,-;SXid late\n");
  const auto log = Open(fake_.Path("/kmsg"));
  log->ExpectInjected("SXid late");
  fake_.clock.Advance(std::chrono::seconds(11));
  log->ExpectInjected("\nSXid a\tb\n");
  const auto batch = log->ReadSome();
  ASSERT_EQ(batch.events.size(), 3u);
  EXPECT_EQ(batch.events[0].origin, Origin::kInjected);
  EXPECT_EQ(batch.events[0].message, "SXid a b [injected]");
  EXPECT_EQ(batch.events[1].origin, Origin::kUserSpace);
  EXPECT_EQ(batch.events[2].origin, Origin::kUserSpace);
}

TEST_F(KernelLogTest, TellsOfAFloodAsOneEventThatIsToldAgain) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "4," + std::to_string(i) + ",5000000,-;SXid flood\n";
  text += "4,1000,3604000000,-;SXid flood\n4,1001,3606000000,-;SXid flood\n";
  const auto batch = ReadFile(text);
  ASSERT_EQ(batch.events.size(), 3u);
  EXPECT_FALSE(batch.events[0].again);
  EXPECT_EQ(batch.events[1].message, "SXid flood (1001 times since 2026-03-01T07:43:25Z)");
  EXPECT_EQ(batch.events[1].time, batch.events[0].time + std::chrono::seconds(3599));
  EXPECT_EQ(batch.events[1].identity, batch.events[0].identity);
  EXPECT_TRUE(batch.events[1].again);
  EXPECT_EQ(batch.events[2].message, "SXid flood") << "the hour is over";
  EXPECT_FALSE(batch.events[2].again);
}

TEST_F(KernelLogTest, FoldsWhatItReadsLateAsItWouldHaveInTime) {
  std::string text;
  for (int i = 0; i < 1500; ++i) text += "4," + std::to_string(i) + ",5000000,-;SXid flood\n";
  fake_.Write("/kmsg", text);
  fake_.clock.Advance(std::chrono::hours(48));
  const auto log = Open(fake_.Path("/kmsg"));
  std::vector<Event> events;
  while (!log->ended()) {
    for (Event& event : log->ReadSome().events) events.push_back(std::move(event));
    fake_.clock.Advance(std::chrono::microseconds(10));
  }
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[1].extra_info.at("count"), "1500");
}

TEST_F(KernelLogTest, IsAtItsEndForAnEmptySource) {
  const auto log = Open("/dev/null");
  EXPECT_TRUE(log->ReadSome().events.empty());
  EXPECT_TRUE(log->ended());
  EXPECT_TRUE(log->ReadSome().events.empty());
}

TEST_F(KernelLogTest, KeepsTheStoredPositionWhenItReadsNoDevice) {
  EXPECT_EQ(ReadFile("4,1,5,-;SXid 1\n").position.next_sequence, 7u);
}

TEST_F(KernelLogTest, WaitsForThePipesWriterAndEndsWithIt) {
  fake_.Write("/dir/x", "");
  const std::string path = fake_.Path("/dir/pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const auto log = Open(path);
  EXPECT_TRUE(log->ReadSome().events.empty());
  EXPECT_FALSE(log->ended());
  {
    std::ofstream writer(path);
    writer << "4,1,5,-;SXid 1\n4,2,6,-;SXi" << std::flush;
    EXPECT_EQ(log->ReadSome().events.size(), 1u);
    EXPECT_FALSE(log->more());
    writer << "d 2\n4,3,7,-;SXid 3";
  }
  EXPECT_EQ(log->ReadSome().events.size(), 2u);
  EXPECT_TRUE(log->ended());
}

TEST_F(KernelLogTest, TellsOfRepeatsSoonThoughNoLineComes) {
  fake_.Write("/dir/x", "");
  const std::string path = fake_.Path("/dir/pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const auto log = Open(path);
  std::ofstream writer(path);
  writer << "4,1,5,-;SXid 1\n" << std::flush;
  EXPECT_EQ(log->ReadSome().events.size(), 1u);
  EXPECT_EQ(log->due(), std::nullopt);
  writer << "4,2,6,-;SXid 1\n" << std::flush;
  EXPECT_TRUE(log->ReadSome().events.empty());
  EXPECT_EQ(log->due(), std::chrono::seconds(1));
  fake_.clock.Advance(std::chrono::seconds(1));
  EXPECT_EQ(log->due(), std::chrono::seconds(0));
  EXPECT_EQ(log->ReadSome().events.size(), 1u);
  EXPECT_EQ(log->due(), std::nullopt);
}

TEST_F(KernelLogTest, ReadsABoundedPartAtOnce) {
  std::string text;
  for (int i = 0; i < 600; ++i) text += "4,1,5,-;SXid " + std::to_string(i) + "\n";
  fake_.Write("/kmsg", text);
  const auto log = Open(fake_.Path("/kmsg"));
  EXPECT_EQ(log->ReadSome().events.size(), 512u);
  EXPECT_TRUE(log->more());
  EXPECT_EQ(log->ReadSome().events.size(), 88u);
  EXPECT_FALSE(log->more());
}

TEST_F(KernelLogTest, FallsBackToTheSyslogAndFollowsItsRotation) {
  setenv("TZ", "UTC", 1);
  tzset();
  fake_.Write("/var/log/kern.log",
              "Mar  1 07:00:00 h kernel: [ 1.0] SXid 1\nMar  1 07:00:00 h sshd: SXid\nnonsense\n");
  const auto log = Open();
  EXPECT_EQ(log->origin(), "/var/log/kern.log (times approximate)");
  auto batch = log->ReadSome();
  ASSERT_EQ(batch.events.size(), 1u);
  EXPECT_EQ(batch.events[0].message, "SXid 1");
  EXPECT_TRUE(batch.events[0].identity.starts_with("s:1772348400:"));
  EXPECT_EQ(batch.events[0].extra_info.at("time"), "approximate");
  EXPECT_EQ(batch.malformed_records, 1u);
  EXPECT_FALSE(log->ended());
  EXPECT_GE(log->fd(), 0);

  const std::string path = fake_.Path("/var/log/kern.log");
  std::ofstream(path, std::ios::app) << "Mar  1 07:00:01 h kernel: SXid 2\n";
  ASSERT_EQ(rename(path.c_str(), (path + ".1").c_str()), 0);
  fake_.Write("/var/log/kern.log", "Mar  1 07:00:02 h kernel: SXid 3\n");
  batch = log->ReadSome();
  ASSERT_EQ(batch.events.size(), 2u);
  EXPECT_EQ(batch.events[0].message, "SXid 2");
  EXPECT_EQ(batch.events[1].message, "SXid 3");
}

TEST_F(KernelLogTest, NamesAllThatItTriedWhenNothingIsReadable) {
  KernelLog log(fake_.root, fake_.clock, kComponents, {});
  const auto opened = log.Open();
  ASSERT_FALSE(opened);
  for (const char* path : {"/dev/kmsg", "journal", "/var/log/kern.log", "/var/log/messages"}) {
    EXPECT_NE(opened.error().what.find(path), std::string::npos) << opened.error().what;
  }
  EXPECT_TRUE(log.ended());
}

// The machine's own log, where the test may read it: its numbers have no gap, nothing is malformed.
TEST_F(KernelLogTest, ReadsTheRealDeviceToItsEndAndResumesBehindIt) {
  const UniqueFd device(open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!device.valid()) GTEST_SKIP() << "/dev/kmsg is not readable here";
  KernelLogOptions options{.path = "/dev/kmsg", .boot_id = "b1", .follow = false};
  KernelLogPosition position;
  for (int run = 0; run < 2; ++run) {
    KernelLog log(fake_.root, fake_.clock, kComponents, options);
    ASSERT_TRUE(log.Open());
    while (!log.ended()) {
      const auto batch = log.ReadSome();
      EXPECT_EQ(batch.malformed_records, 0u);
      EXPECT_EQ(batch.lost_records, 0u);
      position = batch.position;
    }
    EXPECT_GT(position.next_sequence, 0u);
    options.resume = position;
  }
}

TEST_F(KernelLogTest, IsWrittenAsOneRecordALine) {
  fake_.Write("/kmsg", "");
  const std::string path = fake_.Path("/kmsg");
  ASSERT_TRUE(WriteKernelLog(path, 3, "one\ttab\n\n" + std::string(1000, 'x') + "\nlast"));
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, "<43>one tab");
  std::getline(file, line);
  EXPECT_EQ(line, "<43>" + std::string(973, 'x') + "...");
  std::getline(file, line);
  EXPECT_EQ(line, "<43>last");
  EXPECT_FALSE(std::getline(file, line));
  EXPECT_EQ(WriteKernelLog(fake_.Path("/none"), 3, "x").error().code, ErrorCode::kPermission);
}

}  // namespace
}  // namespace gpud::lanes
