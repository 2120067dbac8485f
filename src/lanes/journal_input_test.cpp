// SPDX-License-Identifier: Apache-2.0
// Against real journal files, made by systemd-journal-remote (Debian: of the same name) from the
// journal's export format.
#include <gtest/gtest.h>
#include <poll.h>

#include <cstdlib>
#include <filesystem>

#include "lanes/kernel_log.h"
#include "lanes/log_input.h"
#include "testing/fake_host.h"

namespace gpud::lanes {
namespace {

constexpr const char* kTool = "/lib/systemd/systemd-journal-remote";
constexpr std::string_view kBoot = "11111111-1111-1111-1111-111111111111";

std::string Entry(char boot, int number, std::string_view transport, std::string_view rest) {
  const std::string n = std::to_string(number);
  const std::string boot_id(32, boot);
  return "__CURSOR=s=2;i=" + n + ";b=" + boot_id + "\n__REALTIME_TIMESTAMP=177235200000000" + n +
         "\n__MONOTONIC_TIMESTAMP=500000" + n + "\n_BOOT_ID=" + boot_id +
         "\n_TRANSPORT=" + std::string(transport) + "\nPRIORITY=4\n" + std::string(rest) + "\n";
}

class JournalTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kTool)) GTEST_SKIP() << "no " << kTool;
    host_.Write("/var/log/journal/x", "");
  }
  // Adds the entries to the journal's file, as journald would.
  void Write(const std::string& entries) {
    host_.Write("/export", entries);
    const std::string folder = host_.Path("/var/log/journal");
    const std::string command = std::string(kTool) + " -o " + folder + "/remote.journal " +
                                host_.Path("/export") + " 2>/dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0);  // NOLINT(cert-env33-c)
  }
  Result<std::unique_ptr<LogInput>> Open(bool follow = false) {
    return OpenJournal(host_.root, std::string(kBoot), follow);
  }

  FakeHost host_;
};

TEST_F(JournalTest, GivesTheKernelsLinesOfThisBootAsRecordsOfTheDevice) {
  Write(Entry('1', 1, "kernel", "_SOURCE_MONOTONIC_TIMESTAMP=5000001\nMESSAGE=a \\ b\n") +
        Entry('2', 2, "kernel", "_SOURCE_MONOTONIC_TIMESTAMP=5000002\nMESSAGE=other boot\n") +
        Entry('1', 3, "syslog", "MESSAGE=no line of the kernel\n") +
        Entry('1', 4, "kernel",
              "_SOURCE_MONOTONIC_TIMESTAMP=5000004\nSYSLOG_FACILITY=1\n"
              "_KERNEL_DEVICE=+pci:0000:3b:00.0\nMESSAGE=of a program\n") +
        Entry('1', 5, "kernel", "MESSAGE=without a time\n"));
  auto journal = Open();
  ASSERT_TRUE(journal) << journal.error().what;
  std::string_view line;
  ASSERT_EQ((*journal)->Next(line), LogInput::Got::kLine);
  EXPECT_EQ(line, "4,0,5000001,-;a \\x5c b");
  ASSERT_EQ((*journal)->Next(line), LogInput::Got::kLine);
  EXPECT_EQ(line, "12,0,5000004,-;of a program\n DEVICE=+pci:0000:3b:00.0");
  EXPECT_EQ((*journal)->Next(line), LogInput::Got::kUnusable);
  EXPECT_EQ((*journal)->Next(line), LogInput::Got::kEnd);
}

TEST_F(JournalTest, FollowsWhatIsAdded) {
  Write(Entry('1', 1, "kernel", "_SOURCE_MONOTONIC_TIMESTAMP=5000001\nMESSAGE=first\n"));
  auto journal = Open(true);
  ASSERT_TRUE(journal) << journal.error().what;
  std::string_view line;
  ASSERT_EQ((*journal)->Next(line), LogInput::Got::kLine);
  EXPECT_EQ((*journal)->Next(line), LogInput::Got::kNothing);
  Write(Entry('1', 2, "kernel", "_SOURCE_MONOTONIC_TIMESTAMP=5000002\nMESSAGE=second\n"));
  pollfd waits{.fd = (*journal)->fd(), .events = POLLIN, .revents = 0};
  ASSERT_EQ(::poll(&waits, 1, 20'000), 1);
  ASSERT_EQ((*journal)->Next(line), LogInput::Got::kLine);
  EXPECT_EQ(line, "4,0,5000002,-;second");
  EXPECT_EQ((*journal)->Next(line), LogInput::Got::kNothing);
  EXPECT_EQ(::poll(&waits, 1, 0), 0) << "it would be read again and again";
}

TEST_F(JournalTest, WithoutLinesOfThisBootIsNone) {
  Write(Entry('2', 1, "kernel", "_SOURCE_MONOTONIC_TIMESTAMP=5000001\nMESSAGE=old\n"));
  const auto journal = Open();
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().code, ErrorCode::kNotFound);
  EXPECT_NE(journal.error().what.find("/var/log/journal: no kernel lines of this boot"),
            std::string::npos)
      << journal.error().what;
}

// The kernel's ring as it is now: it no longer has the first records of this boot.
class Ring final : public LogInput {
 public:
  Got Next(std::string_view& line) override {
    static constexpr std::string_view kRecords[] = {"4,90,9000000,-;fault 90",
                                                    "4,91,9000001,-;fault 91"};
    if (next_ == std::size(kRecords)) return Got::kNothing;
    line = kRecords[next_++];
    return Got::kLine;
  }
  int fd() const override { return -1; }
  bool numbered() const override { return true; }

 private:
  std::size_t next_ = 0;
};

class FaultMatcher final : public LineMatcher {
 public:
  void OnLine(const KernelLine& line, LineSink& sink) override {
    sink.Add({.family = "f", .code = std::string(line.text), .message = std::string(line.text)});
  }
};
constexpr std::string_view kNeedles[] = {"fault"};
constexpr ComponentType kFaults{
    .name = "faults",
    .needles = kNeedles,
    .create_matcher = []() -> std::unique_ptr<LineMatcher> {
      return std::make_unique<FaultMatcher>();
    },
};
constexpr const ComponentType* kComponents[] = {&kFaults};

class BackfillTest : public JournalTest {
 protected:
  KernelLogBatch Read(KernelLogPosition resume) {
    constexpr WallTime kBooted{std::chrono::seconds(1'772'000'000)};
    KernelLogOptions options{
        .boot_id = std::string(kBoot),
        .boot_wall = kBooted,
        .resume = std::move(resume),
        .resume_boot_wall = kBooted - std::chrono::hours(1),
        .follow = false,
        .open_device = [](const Root&, std::string_view) -> Result<std::unique_ptr<LogInput>> {
          return std::make_unique<Ring>();
        }};
    KernelLog log(host_.root, host_.clock, kComponents, std::move(options));
    EXPECT_TRUE(log.Open());
    KernelLogBatch all;
    while (!log.ended()) {
      KernelLogBatch batch = log.ReadSome();
      std::move(batch.events.begin(), batch.events.end(), std::back_inserter(all.events));
      all.lost_records += batch.lost_records;
      all.position = batch.position;
    }
    return all;
  }
  static std::string Names(const KernelLogBatch& batch) {
    std::string names;
    for (const Event& event : batch.events) names += event.name + "; ";
    return names;
  }
};

TEST_F(BackfillTest, ReadsFromTheJournalWhatTheRingNoLongerHas) {
  Write(Entry('1', 1, "kernel", "_SOURCE_MONOTONIC_TIMESTAMP=5000001\nMESSAGE=fault 1\n") +
        Entry('1', 2, "kernel", "_SOURCE_MONOTONIC_TIMESTAMP=5000002\nMESSAGE=fault 2\n") +
        Entry('1', 3, "kernel", "_SOURCE_MONOTONIC_TIMESTAMP=9000000\nMESSAGE=fault 90\n"));
  const auto first = Read({});
  EXPECT_EQ(Names(first), "fault 1; fault 2; fault 90; fault 91; ");
  EXPECT_EQ(first.position.next_sequence, 92u);
  EXPECT_EQ(first.position.last, std::chrono::microseconds(9'000'001));
  EXPECT_TRUE(first.events[0].identity.starts_with("k:" + std::string(kBoot) + ":5000001:"));

  const auto resumed = Read({std::string(kBoot), 50, std::chrono::microseconds(5'000'001)});
  EXPECT_EQ(Names(resumed), "fault 2; fault 90; fault 91; ") << "the first was handled before";
  EXPECT_EQ(resumed.lost_records, 0u);
  EXPECT_EQ(Names(Read({std::string(kBoot), 90, std::chrono::microseconds(5'000'002)})),
            "fault 90; fault 91; ")
      << "nothing is missing";
}

TEST_F(BackfillTest, ReadsWhatAnEarlierBootWroteBehindThePosition) {
  Write(Entry('2', 1, "kernel", "_SOURCE_MONOTONIC_TIMESTAMP=5000001\nMESSAGE=fault old 1\n") +
        Entry('2', 2, "kernel", "_SOURCE_MONOTONIC_TIMESTAMP=5000002\nMESSAGE=fault old 2\n"));
  const std::string earlier = "22222222-2222-2222-2222-222222222222";
  const auto batch = Read({earlier, 50, std::chrono::microseconds(5'000'001)});
  EXPECT_EQ(Names(batch), "fault old 2; fault 90; fault 91; ");
  EXPECT_TRUE(batch.events[0].identity.starts_with("k:" + earlier));
  EXPECT_LT(batch.events[0].time, batch.events[1].time);
}

TEST_F(BackfillTest, TellsOfTheLossWhereThereIsNoJournal) {
  const auto batch = Read({std::string(kBoot), 50, std::chrono::microseconds(5'000'001)});
  EXPECT_EQ(Names(batch), "kmsg_records_lost; fault 90; fault 91; ");
  EXPECT_EQ(batch.lost_records, 40u);
}

}  // namespace
}  // namespace gpud::lanes
