// SPDX-License-Identifier: Apache-2.0
// Real runs of real scripts, the hostile ones among them.
#include "plugins/run.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <fstream>
#include <optional>

#include "platform/root.h"
#include "platform/text.h"
#include "plugins/process_tree.h"
#include "testing/fake_host.h"

namespace gpud::plugins {
namespace {

using std::chrono::milliseconds;

BashScript Plain(const std::string& script) {
  return {.content_type = "plaintext", .script = script};
}

Spec SpecOf(const std::vector<std::string>& scripts, milliseconds timeout = milliseconds(20'000)) {
  Spec spec{.plugin_name = "probe", .plugin_type = "component"};
  for (const std::string& script : scripts) {
    spec.health_state_plugin.steps.push_back({.name = "step", .run_bash_script = Plain(script)});
  }
  spec.timeout.value = timeout;
  // Small enough for a shared machine, whatever a script does.
  spec.limits = Limits{.memory_bytes = 256u << 20, .pids = 48, .file_size_bytes = 1u << 20};
  return spec;
}

std::vector<std::string> RunGroupsLeft() {
  std::vector<std::string> left;
  for (const char* hierarchy : {"pids", "memory", "cpu", "unified", ""}) {
    const std::string folder = std::string("/sys/fs/cgroup/") + hierarchy;
    const auto names = Root().List(folder);
    if (!names) continue;
    for (const std::string& name : *names) {
      const auto pid =
          name.starts_with("gpud-plugin-") ? ParseNumber<int>(name.substr(12)) : std::nullopt;
      if (pid && ::kill(*pid, 0) != 0) left.push_back(folder + '/' + name);
    }
  }
  return left;
}

class RunTest : public testing::Test {
 protected:
  RunTest() { ::setenv("TMPDIR", machine_.Path("/").c_str(), 1); }
  ~RunTest() override { ::unsetenv("TMPDIR"); }

  RunResult RunScripts(const Spec& spec, milliseconds grace = milliseconds(300)) {
    RunRequest request = RequestOf(spec);
    request.grace = grace;
    std::optional<RunResult> result;
    auto run = Run::Start(loop_, program_.get(), {}, request, [&](RunResult got) {
      result = std::move(got);
      loop_.Stop();
    });
    if (!run) return FailedRun(run.error().what);
    loop_.RunFor(milliseconds(60'000));
    return result.value_or(FailedRun("no result in 60 s"));
  }
  /// The marks in the command lines of processes that are still there.
  static bool Lives(const std::string& mark) {
    const auto pids = Root().List("/proc");
    for (const std::string& pid : *pids) {
      const auto line = Root().Read("/proc/" + pid + "/cmdline");
      if (line && line->find(mark) != std::string::npos) return true;
    }
    return false;
  }
  std::vector<std::string> FilesLeft() const { return *machine_.root.List("/"); }

  void ExpectNothingLeft() {
    EXPECT_EQ(FilesLeft(), std::vector<std::string>{});
    EXPECT_EQ(Descendants(::getpid()), std::vector<int>{});
    EXPECT_EQ(RunGroupsLeft(), std::vector<std::string>{});
  }

  FakeHost machine_;
  Loop loop_;
  UniqueFd program_{::open(GPUD_PLUGIN_RUNNER, O_PATH | O_CLOEXEC)};
};

TEST_F(RunTest, GivesBothOutputsInOrderAndExitCodeZero) {
  const RunResult result = RunScripts(SpecOf({"echo out; echo err >&2; echo out again"}));
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.error, "");
  EXPECT_EQ(result.raw_output, "out\nerr\nout again\n");
  EXPECT_EQ(result.output_bytes, 18u);
  EXPECT_EQ(result.killed, 0u);
  ExpectNothingLeft();
}

TEST_F(RunTest, StopsAtTheFirstStepThatFailsAndKeepsTheOutputOfAll) {
  const RunResult result = RunScripts(SpecOf({"echo one", "echo two; exit 3", "echo three"}));
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.error, "exit status 3");
  EXPECT_EQ(result.raw_output, "one\ntwo\n");
}

TEST_F(RunTest, TellsASignalInTheWordsOfTheOriginal) {
  const RunResult result = RunScripts(SpecOf({"kill -KILL $$"}));
  EXPECT_EQ(result.exit_code, -1);
  EXPECT_EQ(result.error, "signal: killed");
}

TEST_F(RunTest, HasNothingOpenButItsOutputsAndNoSecretOfOurs) {
  ::setenv("GPUD_SECRET", "s3cret", 1);
  Spec spec = SpecOf({"ls /proc/self/fd | wc -l; env; cat; echo \"[$PAR]\""});
  spec.environment["PAR"] = "a\"; echo pasted; '$(id) b";
  const RunResult result = RunScripts(spec);
  ::unsetenv("GPUD_SECRET");
  EXPECT_TRUE(result.raw_output.starts_with("4\n")) << result.raw_output;  // ls' own is the 4th
  EXPECT_EQ(result.raw_output.find("s3cret"), std::string::npos);
  EXPECT_NE(result.raw_output.find("[a\"; echo pasted; '$(id) b]"), std::string::npos);
  EXPECT_EQ(result.exit_code, 0);
}

TEST_F(RunTest, RunsAsTheUserAndAtTheNicenessOfTheSpec) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  ::chmod(machine_.Path("/").c_str(), 0755);
  Spec spec = SpecOf({"id -un; id -gn; nice; cat \"$0\" > /dev/null && echo readable"});
  spec.user = "nobody";
  spec.nice = 7;
  const RunResult result = RunScripts(spec);
  EXPECT_EQ(result.raw_output, "nobody\nnogroup\n7\nreadable\n") << result.error;
  ExpectNothingLeft();

  spec.user = "nobody-of-this-name";
  EXPECT_EQ(RunScripts(spec).error, "user nobody-of-this-name does not exist");
}

TEST_F(RunTest, RefusesAScriptThatIsNotThePinnedOne) {
  Spec spec = SpecOf({"echo hello"});
  spec.health_state_plugin.steps[0].run_bash_script->sha256 = Sha256Hex("echo hello");
  EXPECT_EQ(RunScripts(spec).raw_output, "hello\n");
  spec.health_state_plugin.steps[0].run_bash_script->sha256 = Sha256Hex("echo other");
  const RunResult result = RunScripts(spec);
  EXPECT_EQ(result.raw_output, "");
  EXPECT_EQ(result.error, "the script is not the one of its sha256");
}

// --- hostile ---------------------------------------------------------------------------------

TEST_F(RunTest, EndsOneThatSleepsForEverAndKeepsItsOutput) {
  const RunResult result = RunScripts(SpecOf({"echo begun; sleep 1000"}, milliseconds(300)));
  EXPECT_TRUE(result.timed_out);
  EXPECT_EQ(result.exit_code, -1);
  EXPECT_EQ(result.error, "context deadline exceeded");
  EXPECT_EQ(result.raw_output, "begun\n");
  EXPECT_LT(result.duration, milliseconds(2'000));
  ExpectNothingLeft();
}

TEST_F(RunTest, KillsOneThatIgnoresTerm) {
  const RunResult result = RunScripts(
      SpecOf({"trap '' TERM INT HUP; echo begun; while :; do sleep 1; done"}, milliseconds(300)));
  EXPECT_TRUE(result.timed_out);
  EXPECT_EQ(result.raw_output, "begun\n");
  ExpectNothingLeft();
}

TEST_F(RunTest, LetsOneCleanUpWhenItIsTerminated) {
  const RunResult result = RunScripts(
      SpecOf({"trap 'echo bye; exit 0' TERM; echo begun; sleep 1000 & wait"}, milliseconds(300)));
  EXPECT_TRUE(result.timed_out);
  EXPECT_EQ(result.raw_output, "begun\nbye\n");
}

TEST_F(RunTest, KeepsHeadAndTailOfAnEndlessOutputInConstantMemory) {
  const RunResult result = RunScripts(SpecOf(
      {"echo first; yes 0123456789abcdef | head -c 2G; echo; echo last"}, milliseconds(60'000)));
  EXPECT_EQ(result.exit_code, 0) << result.error;
  EXPECT_EQ(result.output_bytes, (2ull << 30) + 12);
  EXPECT_EQ(result.raw_output.size(), 4096u);
  EXPECT_TRUE(result.raw_output.starts_with("first\n0123456789abcdef\n"));
  EXPECT_TRUE(result.output_tail.ends_with("last\n"));
  EXPECT_GT(result.dropped_bytes, 2ull << 30 >> 1);
  rusage children{};
  ::getrusage(RUSAGE_CHILDREN, &children);
  EXPECT_LT(children.ru_maxrss, 64 << 10) << "KiB, of the largest child";
}

TEST_F(RunTest, EndsAForkBomb) {
  const RunResult result = RunScripts(SpecOf(
      {"bomb() { bomb | bomb & }; echo begun; bomb 2>/dev/null; sleep 1000"}, milliseconds(700)));
  EXPECT_TRUE(result.timed_out);
  EXPECT_EQ(result.raw_output.substr(0, 6), "begun\n");
  EXPECT_GT(result.killed, 10u);
  EXPECT_LE(result.killed, 2'000u);
  EXPECT_EQ(result.left_behind, 0u);
  ExpectNothingLeft();
}

TEST_F(RunTest, EndsDaemonsThatAreLeftBehindInSessionsOfTheirOwn) {
  const std::string mark = "gpud-test-daemon-" + std::to_string(::getpid());
  const RunResult result = RunScripts(
      SpecOf({"(setsid bash -c 'setsid bash -c \"exec -a " + mark +
              " sleep 1000\" & exit' &) ; exec -a x bash -c 'trap \"\" TERM; exec sleep 1000' & "
              "while ! grep -qa " +
              mark + " /proc/[0-9]*/cmdline 2>/dev/null; do :; done; echo ok"}));
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.raw_output, "ok\n");
  EXPECT_GE(result.killed, 2u);
  EXPECT_FALSE(Lives(mark));
  ExpectNothingLeft();
}

TEST_F(RunTest, MakesTextOfInvalidUtf8AndNuls) {
  const RunResult result = RunScripts(SpecOf({R"(printf 'a\377b\000c\303')"}));
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.output_bytes, 6u);
  EXPECT_EQ(result.raw_output, std::string("a\xEF\xBF\xBD"
                                           "b\0c\xEF\xBF\xBD",
                                           10));
}

TEST_F(RunTest, LimitsTheFilesThatItWrites) {
  const RunResult result =
      RunScripts(SpecOf({"head -c 64M /dev/zero > \"$TMPDIR/fill\"; stat -c %s \"$TMPDIR/fill\"; "
                         "rm \"$TMPDIR/fill\"; exit 0"}));
  EXPECT_NE(result.raw_output.find("1048576\n"), std::string::npos) << result.raw_output;
  ExpectNothingLeft();
}

TEST_F(RunTest, RunsWhereNoFileCanBeWritten) {
  ::setenv("TMPDIR", "/proc/self", 1);  // as a full disk: nothing can be made there
  const RunResult result = RunScripts(SpecOf({"echo runs; [ -r \"$0\" ] && echo readable"}));
  EXPECT_EQ(result.raw_output, "runs\nreadable\n") << result.error;
}

TEST_F(RunTest, RunsOnADiskThatAnotherOneHasFilled) {
  if (::mount("none", machine_.Path("/").c_str(), "tmpfs", 0, "size=1m") != 0) {
    GTEST_SKIP() << "needs the right to mount";
  }
  const RunResult filler = RunScripts(SpecOf(
      {"i=0; while head -c 100000 /dev/zero > \"$TMPDIR/$i\"; do i=$((i+1)); done; exit 1"}));
  const RunResult next = RunScripts(SpecOf({"echo runs", "echo on"}));
  ::umount2(machine_.Path("/").c_str(), MNT_DETACH);
  EXPECT_EQ(filler.exit_code, 1);
  EXPECT_EQ(next.raw_output, "runs\non\n") << next.error;
  ExpectNothingLeft();
}

TEST_F(RunTest, LimitsTheTimeOfTheProcessors) {
  Spec spec = SpecOf({"while :; do :; done"}, milliseconds(1'000));
  spec.limits->cpus = 0.2;
  const RunResult result = RunScripts(spec, milliseconds(0));
  if (result.unlimited.find("cpu") != std::string::npos) GTEST_SKIP() << "no cpu controller here";
  EXPECT_TRUE(result.timed_out);
  EXPECT_LT(result.cpu_time, milliseconds(500));
}

TEST_F(RunTest, IsNotHurtByOneThatDeletesItsOwnScript) {
  const RunResult result = RunScripts(SpecOf({"rm -f \"$0\"; echo gone; exit 0", "echo next"}));
  EXPECT_EQ(result.raw_output, "gone\nnext\n");
  EXPECT_EQ(result.exit_code, 0);
  ExpectNothingLeft();
}

TEST_F(RunTest, LimitsTheMemoryOfAllItsProcesses) {
  const RunResult result =
      RunScripts(SpecOf({"x=$(head -c 600M /dev/zero | tr '\\0' x); echo $?"}));
  EXPECT_EQ(result.raw_output.find("0\n"), std::string::npos) << result.raw_output.substr(0, 200);
  ExpectNothingLeft();
}

TEST_F(RunTest, SaysSoWhenItsRunnerIsKilledByTheScript) {
  const RunResult result = RunScripts(SpecOf({"kill -KILL $PPID; sleep 1000"}));
  EXPECT_EQ(result.exit_code, -1);
  EXPECT_NE(result.error.find("the plugin's runner gave no result"), std::string::npos);
  EXPECT_TRUE(result.runner_failed);
  RunScripts(SpecOf({}));  // as the daemon does then
  ExpectNothingLeft();
}

TEST_F(RunTest, EndsTheScriptsOfARunThatIsAbandoned) {
  const std::string mark = "gpud-test-abandoned-" + std::to_string(::getpid());
  auto run = Run::Start(loop_, program_.get(), {},
                        RequestOf(SpecOf({"setsid bash -c 'exec -a " + mark + " sleep 1000'"})),
                        [](const RunResult&) { FAIL() << "nobody waits for it"; });
  ASSERT_TRUE(run);
  while (!Lives(mark)) loop_.RunFor(milliseconds(10));
  (*run)->Abandon([this] { loop_.Stop(); });
  loop_.RunFor(milliseconds(10'000));
  EXPECT_FALSE(Lives(mark));
  ExpectNothingLeft();
}

TEST_F(RunTest, ManyHostileRunsLeaveNothingAndCostLittle) {
  const auto resident = [] {
    const auto words = Root().Read("/proc/self/statm");
    return *ParseNumber<long>(SplitBlanks(*words)[1]) * 4;  // KiB
  };
  const auto cpu = [] {
    rusage self{};
    ::getrusage(RUSAGE_SELF, &self);
    return static_cast<double>(self.ru_utime.tv_sec + self.ru_stime.tv_sec) * 1e3 +
           static_cast<double>(self.ru_utime.tv_usec + self.ru_stime.tv_usec) / 1e3;
  };
  const Spec spec =
      SpecOf({"(setsid sleep 1000 &); head -c 300000 /dev/urandom; rm -f \"$0\"; exit 1"});
  for (int i = 0; i < 5; ++i) RunScripts(spec);
  const auto descriptors = Root().List("/proc/self/fd")->size();
  const long before = resident();
  const double cpu_before = cpu();
  const char* asked = ::getenv("GPUD_TEST_RUNS");
  const int runs = asked ? std::atoi(asked) : 30;
  for (int i = 0; i < runs; ++i) {
    const RunResult result = RunScripts(spec);
    ASSERT_EQ(result.exit_code, 1) << result.error;
    ASSERT_EQ(result.output_bytes, 300'000u);
  }
  const double each = (cpu() - cpu_before) / runs;
  RecordProperty("cpu_ms_per_run", std::to_string(each));
  std::cout << runs << " runs: " << each << " ms of CPU each, " << resident() - before
            << " KiB more memory\n";
// A sanitizer keeps what was freed, and takes its own time.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LE(resident() - before, 1024);
  EXPECT_LT(each, 3.0);
#endif
  EXPECT_EQ(Root().List("/proc/self/fd")->size(), descriptors);
  ExpectNothingLeft();
}

}  // namespace
}  // namespace gpud::plugins
