// SPDX-License-Identifier: Apache-2.0
#include "lanes/lanes.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <latch>
#include <map>

#include "faults.h"
#include "testing/fake_host.h"

namespace gpud::lanes {
namespace {

using std::chrono::milliseconds;
using Value = faults::Reading<0>;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

std::size_t OpenDescriptors() {
  const auto folder = std::filesystem::directory_iterator("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(folder), end(folder)));
}

std::size_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  file >> total >> resident;
  return resident * 4096;
}

class LanesTest : public testing::Test {
 protected:
  LanesTest() { Make({}); }

  void Make(Options options) {
    options.executable = GPUD_LANE_CHILD;
    if (options.child_memory_bytes == Options().child_memory_bytes) {
      options.child_memory_bytes = 64 << 20;
    }
    lanes_.reset();
    lanes_ = std::make_unique<Lanes>(loop_, clock_, options, nullptr);
  }

  /// The faulty source as a type of Value's, whatever its own is: all have the same fields.
  SourceType& Source(std::string_view name) {
    const auto [found, is_new] = sources_.try_emplace(std::string(name), faults::Source(name));
    if (is_new) {
      found->second.snapshot = &kSnapshot<Value>;
      found->second.deadline = std::chrono::seconds(10);
    }
    return found->second;
  }

  template <class Condition>
  [[nodiscard]] bool RunUntil(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      loop_.RunFor(milliseconds(2));
    }
    return true;
  }

  Result<Value> Read(const SourceType& source) {
    std::optional<Snapshot> got;
    lanes_->Read(source, [&](Snapshot snapshot) { got = std::move(snapshot); });
    if (!RunUntil([&] { return got.has_value(); })) return Fail(ErrorCode::kInternal, "no answer");
    taken_ = got->taken;
    return *static_cast<const Result<Value>*>(got->result.get());
  }
  Result<Value> Read(std::string_view name) { return Read(Source(name)); }
  Result<Value> ReadWithin(std::string_view name, milliseconds deadline) {
    Source(name).deadline = deadline;
    return Read(name);
  }

  std::string Findings() {
    std::string text;
    for (const SelfFinding& finding : lanes_->Findings()) text += finding.what + "\n";
    return text;
  }

  const SystemClock clock_;
  Loop loop_;
  std::map<std::string, SourceType> sources_;
  BootTime taken_{};
  unsigned hangs_ = 0;
  std::unique_ptr<Lanes> lanes_;
};

testing::AssertionResult Holds(const std::string& text, std::string_view part) {
  if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << '"' << text << "\" does not hold \"" << part << '"';
}

TEST_F(LanesTest, AnswersWithTheSnapshotAndWhenItWasTaken) {
  EXPECT_TRUE(lanes_->Children().empty()) << "a child was started before it was needed";
  const BootTime before = clock_.Boot();
  const auto value = Read("good");
  ASSERT_TRUE(value) << value.error().what;
  EXPECT_EQ(value->value, 42);
  EXPECT_GE(taken_, before);
  EXPECT_LE(taken_, clock_.Boot());
  EXPECT_EQ(lanes_->Children().size(), 1u);
  EXPECT_EQ(Findings(), "");
}

TEST_F(LanesTest, GivesAChildNothingOfTheDaemonsButWhatItNeeds) {
  setenv("NOTIFY_SOCKET", "/run/notify", 1);
  setenv("GPUD_TEST_KEPT", "1", 1);
  const int leak = open("/dev/null", O_RDONLY);  // no O_CLOEXEC, as a careless library does
  signal(SIGPIPE, SIG_IGN);
  sigset_t term;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &term, nullptr);
  const auto value = Read("surroundings");
  pthread_sigmask(SIG_UNBLOCK, &term, nullptr);
  signal(SIGPIPE, SIG_DFL);
  close(leak);
  ASSERT_TRUE(value) << value.error().what;
  EXPECT_EQ(value->text,
            "descriptors=5 notify=no gpud=yes path=yes group=own core=0 sigterm=open "
            "sigpipe=default oom=500");
}

TEST_F(LanesTest, JoinsReadingsOfTheSameSource) {
  int answers = 0;
  lanes_->Read(Source("good"), [&](const Snapshot&) { ++answers; });
  lanes_->Read(Source("good"), [&](const Snapshot&) { ++answers; });
  EXPECT_EQ(answers, 0) << "called back before Read returned";
  EXPECT_TRUE(RunUntil([&] { return answers == 2; }));
}

TEST_F(LanesTest, KillsALateChildAndNamesTheSource) {
  for (const char* name : {"hang", "sigterm"}) {
    const auto value = ReadWithin(name, milliseconds(100));
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().code, ErrorCode::kTimeout);
    EXPECT_TRUE(Holds(value.error().what, "lane gpu: " + std::string(name)));
    EXPECT_TRUE(Holds(Findings(), std::string(name) + ": no answer within 100ms"));
  }
  EXPECT_TRUE(RunUntil([&] { return lanes_->Children().empty(); }));
}

TEST_F(LanesTest, LeavesAKilledSourceAloneForAWhileButNotTheOthersOfItsLane) {
  Source("hang").deadline = milliseconds(50);
  std::optional<Snapshot> good;
  std::optional<Snapshot> hung;
  lanes_->Read(Source("hang"), [&](Snapshot snapshot) { hung = std::move(snapshot); });
  lanes_->Read(Source("good"), [&](Snapshot snapshot) { good = std::move(snapshot); });
  EXPECT_TRUE(RunUntil([&] { return good && hung; }));
  EXPECT_TRUE(good->type->good(good->result.get()));

  const BootTime before = clock_.Boot();
  EXPECT_EQ(Read("hang").error().code, ErrorCode::kTimeout);
  EXPECT_LT(clock_.Boot() - before, milliseconds(45)) << "it was read again at once";
  EXPECT_TRUE(Holds(Findings(), "(1 time since 2"));
}

TEST_F(LanesTest, ForgetsATroubleAfterAnAnswer) {
  Make({.first_pause = milliseconds(1), .longest_pause = milliseconds(1)});
  EXPECT_FALSE(ReadWithin("slow", milliseconds(50)));
  EXPECT_NE(Findings(), "");
  Source("slow").deadline = std::chrono::seconds(10);
  EXPECT_TRUE(RunUntil([&] { return Read("slow").has_value(); }));
  EXPECT_EQ(Findings(), "");
}

TEST_F(LanesTest, DoublesThePauseOfASourceThatFailsAgain) {
  Make({.first_pause = milliseconds(100), .longest_pause = milliseconds(200)});
  const auto pause = [&] {
    const BootTime failed = clock_.Boot();
    EXPECT_TRUE(RunUntil([&] { return !Holds(Read("crash").error().what, " since 2"); }));
    return clock_.Boot() - failed;
  };
  EXPECT_FALSE(Read("crash"));
  EXPECT_GE(pause(), milliseconds(90));
  EXPECT_GE(pause(), milliseconds(190));
}

TEST_F(LanesTest, SaysHowAChildFailed) {
  const std::pair<const char*, const char*> cases[] = {
      {"crash", "its process crashed (SIGSEGV)"},
      {"exit", "its process ended by itself (exit code 3)"},
      {"closed", "its process closed its socket, so it was killed"},
      {"garbage", "its process spoke garbage (a frame of no known content) and was killed"},
      {"oversize", "a frame of 67108864 bytes (at most 4194304)"},
      {"liar", "an answer that nobody has asked for"},
      {"big", "big: a snapshot of 5242893 bytes is too large"},
  };
  for (const auto& [name, words] : cases) {
    const auto value = Read(name);
    ASSERT_FALSE(value) << name;
    EXPECT_EQ(value.error().code, ErrorCode::kInternal) << name;
    EXPECT_TRUE(Holds(value.error().what, words));
    EXPECT_TRUE(Holds(value.error().what, name));
  }
  EXPECT_TRUE(Read("good"));
}

TEST_F(LanesTest, LimitsTheMemoryOfAChildWhichSurvivesIt) {
  if (kSanitized) GTEST_SKIP() << "sanitizers need more than any limit";
  const auto value = Read("memory");
  ASSERT_FALSE(value);
  EXPECT_TRUE(Holds(value.error().what, "memory: out of memory"));
  EXPECT_TRUE(Read("print"));
}

TEST_F(LanesTest, IsNotDisturbedByALibraryThatPrints) { EXPECT_TRUE(Read("print")); }

TEST_F(LanesTest, KillsWhatAChildHasStarted) {
  const auto value = Read("fork");
  ASSERT_TRUE(value);
  const auto pid = static_cast<pid_t>(value->value);
  EXPECT_EQ(kill(pid, 0), 0);
  lanes_.reset();
  // It is init's to reap, or a zombie where init does not: both do not run.
  EXPECT_TRUE(RunUntil([&] {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string number, name, state;
    return !(file >> number >> name >> state) || state == "Z";
  }));
}

TEST_F(LanesTest, LeavesBehindWhatDoesNotDieAndStopsStartingMore) {
  Make({.first_pause = milliseconds(1), .longest_pause = milliseconds(1), .most_left_behind = 1});
  ASSERT_TRUE(Read("good"));
  const pid_t child = lanes_->Children().at(0);
  // A process that is traced is not gone for its parent until the tracer lets it go. That is as
  // near to the D state as a test can come.
  const pid_t tracer = fork();
  if (tracer == 0) {
    if (ptrace(PTRACE_SEIZE, child, nullptr, nullptr) != 0) _exit(1);
    for (;;) pause();
  }
  ASSERT_TRUE(RunUntil([&] {
    std::ifstream file("/proc/" + std::to_string(child) + "/status");
    std::string line;
    while (std::getline(file, line)) {
      if (line == "TracerPid:\t" + std::to_string(tracer)) return true;
    }
    return waitpid(tracer, nullptr, WNOHANG) == tracer;
  }));
  if (kill(tracer, 0) != 0) GTEST_SKIP() << "ptrace is not allowed here";

  EXPECT_FALSE(ReadWithin("hang", milliseconds(20)));
  EXPECT_TRUE(RunUntil([&] { return bool(Holds(Findings(), "does not end (state ")); }));
  EXPECT_TRUE(Holds(Findings(), "process " + std::to_string(child) + ", which read hang"));
  EXPECT_TRUE(Holds(Read("good").error().what, "cannot be killed"));

  kill(tracer, SIGKILL);
  waitpid(tracer, nullptr, 0);
  EXPECT_TRUE(RunUntil([&] { return lanes_->Children().empty(); }));
  EXPECT_TRUE(Read("good"));
  EXPECT_FALSE(Holds(Findings(), "left behind"));
}

TEST_F(LanesTest, IsFlatAfterTwoHundredHangs) {
  Make({.first_pause = milliseconds(1), .longest_pause = milliseconds(1)});
  Source("hang").deadline = milliseconds(10);
  const auto hang = [&](int times) {
    for (int i = 0; i < times; ++i) {
      const unsigned before = hangs_;
      EXPECT_TRUE(RunUntil([&] {
        const auto value = Read("hang");
        if (!Holds(value.error().what, " since 2")) ++hangs_;
        return hangs_ > before;
      }));
    }
    EXPECT_TRUE(RunUntil([&] { return lanes_->Children().empty(); }));
  };
  hang(20);
  const std::size_t descriptors = OpenDescriptors();
  const std::size_t bytes = ResidentBytes();
  hang(200);
  EXPECT_EQ(OpenDescriptors(), descriptors);
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "a zombie is left";
  const std::size_t growth = kSanitized ? 0 : ResidentBytes() - std::min(ResidentBytes(), bytes);
  EXPECT_LE(growth, 256u << 10);
  EXPECT_TRUE(Holds(Findings(), "(220 times since"));
}

TEST_F(LanesTest, EndsItsChildrenWithItself) {
  ASSERT_TRUE(Read("good"));
  lanes_->Read(Source("hang"), [](const Snapshot&) {});
  loop_.RunFor(milliseconds(1));
  lanes_.reset();
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
}

// --- the host lane ---

struct HostFault {
  std::latch* until = nullptr;  // what the reading waits for
};
HostFault g_host_fault;

void ReadOnHost(const Host&, Inputs& into) {
  if (g_host_fault.until) g_host_fault.until->wait();
  into.Put<Value>(Value{.value = 7});
}
constexpr SourceType kHostSource{.name = "host/source",
                                 .deadline = milliseconds(20),
                                 .snapshot = &kSnapshot<Value>,
                                 .read = ReadOnHost};
constexpr SourceType kHostOther{
    .name = "host/other", .snapshot = &kSnapshot<Value>, .read = [](const Host&, Inputs&) {}};
constexpr SourceType kHostThrows{
    .name = "host/throws", .snapshot = &kSnapshot<Value>, .read = [](const Host&, Inputs&) {
      throw std::runtime_error("a bug");
    }};

TEST_F(LanesTest, ReadsHostSourcesInAThread) {
  EXPECT_EQ(Read(kHostSource)->value, 7);
  EXPECT_TRUE(lanes_->Children().empty());
}

TEST_F(LanesTest, TurnsABugInASourceIntoAnError) {
  EXPECT_EQ(Read(kHostOther).error().what, "host/other: the source gave no snapshot");
  EXPECT_EQ(Read(kHostThrows).error().what, "host/throws: a bug");
}

TEST_F(LanesTest, StartsNoSecondReadingWhileOneHangsInTheHostLane) {
  std::latch release(1);
  g_host_fault.until = &release;
  EXPECT_EQ(Read(kHostSource).error().code, ErrorCode::kTimeout);
  EXPECT_TRUE(Holds(Read(kHostSource).error().what, "and it still runs (1 time since"));
  EXPECT_TRUE(Holds(Read(kHostOther).error().what, "host/other waits behind another reading"));
  EXPECT_TRUE(Holds(Findings(), "lane host: host/source: no answer within 20ms"));
  release.count_down();
  EXPECT_TRUE(RunUntil([&] { return Findings().empty(); }));
  g_host_fault.until = nullptr;
  EXPECT_EQ(Read(kHostSource)->value, 7);
}

}  // namespace
}  // namespace gpud::lanes
