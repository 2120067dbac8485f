// SPDX-License-Identifier: Apache-2.0
#include "components/cpu/cpu_lines.h"

#include <gtest/gtest.h>

#include "testing/component_kit.h"

namespace gpud::cpu {
extern const ComponentType kType;
namespace {

TEST(CpuLines, TellWhatTheKernelSaysOfProcessors) {
  const std::pair<const char*, const char*> rows[] = {
      {"INFO: task python3:88123 blocked for more than 122 seconds.",
       "hung_task - warning FOLLOW_RELATED_EVENT"},
      {"INFO: task kworker/u64:3:77 blocked in I/O wait for more than 122 seconds.",
       "hung_task - warning FOLLOW_RELATED_EVENT"},
      {"watchdog: BUG: soft lockup - CPU#63 stuck for 19s! [python3:2468]",
       "soft_lockup - critical INVESTIGATE_SOFTWARE"},
      {"NMI watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [kworker/3:1:99]",
       "soft_lockup - critical INVESTIGATE_SOFTWARE"},
      {"BUG: soft lockup - CPU#1 stuck for 61s! [migration/1:8]",
       "soft_lockup - critical INVESTIGATE_SOFTWARE"},
      {"NMI watchdog: Watchdog detected hard LOCKUP on cpu 27",
       "hard_lockup - fatal REBOOT_SYSTEM"},
      {"watchdog: CPU28: Watchdog detected hard LOCKUP on cpu 28",
       "hard_lockup - fatal REBOOT_SYSTEM"},
      {"rcu: INFO: rcu_sched self-detected stall on CPU",
       "rcu_stall - critical INVESTIGATE_SOFTWARE"},
      {"INFO: rcu_preempt detected stalls on CPUs/tasks: { 3} (detected by 5, t=15002 jiffies)",
       "rcu_stall - critical INVESTIGATE_SOFTWARE"},
      {"INFO: rcu_sched_state detected stall on CPU 0 (t=6500 jiffies)",
       "rcu_stall - critical INVESTIGATE_SOFTWARE"},
      {"rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 1-...! } 21 jiffies s: "
       "97",
       "rcu_stall - critical INVESTIGATE_SOFTWARE"},
      {"INFO: rcu_tasks detected stalls on tasks:", "rcu_stall - critical INVESTIGATE_SOFTWARE"},
      {"BUG: workqueue lockup - pool cpus=3 node=0 flags=0x0 nice=0 stuck for 31s!",
       "workqueue_lockup - warning INVESTIGATE_SOFTWARE"},
      {"mce: CPU12: Core temperature is above threshold, cpu clock is throttled (total events = 9)",
       "core_throttled - warning CHECK_COOLING"},
      {"CPU12: Core temperature above threshold, cpu clock throttled (total events = 9)",
       "core_throttled - warning CHECK_COOLING"},
      {"CPU4: Package temperature above threshold, cpu clock throttled (total events = 1)",
       "package_throttled - warning CHECK_COOLING"},
      {"mce: CPU7: Package temperature is above threshold, cpu clock is throttled",
       "package_throttled - warning CHECK_COOLING"},
      {"mce: [Hardware Error]: CPU 0: Machine Check: 0 Bank 128: 000000008844000f",
       "core_throttled - warning CHECK_COOLING"},
      {"thermal thermal_zone0: acpitz: critical temperature reached, shutting down",
       "critical_temperature - fatal CHECK_COOLING"},
      {"watchdog: CPU 12 detected hard LOCKUP on other CPUs 14,16",
       "hard_lockup - fatal REBOOT_SYSTEM"},
      {"NMI: PCI system error (SERR) for reason b1 on CPU 0.",
       "nmi_serr - critical INVESTIGATE_HOST"},
      {"Uhhuh. NMI received for unknown reason 3d on CPU 12.",
       "nmi_unknown - warning INVESTIGATE_HOST"}};
  for (const auto& [line, told] : rows) EXPECT_EQ(Told(kType, line), told) << line;
}

TEST(CpuLines, AreSilentOnWhatIsNoFault) {
  for (const char* line :
       {"mce: CPU12: Core temperature/speed normal",
        "CPU0: Package temperature/speed normal (total events = 3)",
        "mce: [Hardware Error]: CPU 0: Machine Check: 0 Bank 128: 0000000088440000",
        "mce: CPU0: Thermal monitoring enabled (TM1)", "task blocked for more than 5 seconds",
        "soft lockup - CPU#x stuck for 1s! [a:1]",
        "\"echo 0 > /proc/sys/kernel/hung_task_timeout_secs\" disables this message.",
        "Future hung task reports are suppressed, see sysctl kernel.hung_task_warnings",
        "rcu: rcu_sched kthread starved for 5250 jiffies! g-319 f0x0 RCU_GP_WAIT_FQS(5)",
        "INFO: Stall ended before state dump start", "NMI watchdog: Enabled. Permanently consumes",
        "watchdog: Delayed init of the lockup detector", " __schedule+0x27c/0x6b0"}) {
    EXPECT_EQ(Told(kType, line), "") << line;
  }
}

TEST(CpuLines, NameTheTaskAsTheOriginalDid) {
  const auto found = Find(kType, {"INFO: task jbd2/dm-0-8:1234 blocked for more than 120 seconds.",
                                  "watchdog: BUG: soft lockup - CPU#63 stuck for 19s! [a b:2468]"});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(ToEvent(found[0]).name, "cpu_blocked_too_long");
  EXPECT_TRUE(found[0].message.ends_with("(jbd2/dm-0-8:1234)"));
  EXPECT_EQ(ToEvent(found[1]).name, "cpu_soft_lockup");
  EXPECT_TRUE(found[1].message.ends_with("(a b:2468)"));
}

TEST(CpuLines, AddTheHeadOfTheStackThatFollows) {
  const auto found =
      Find(kType,
           {"INFO: task python3:88123 blocked for more than 122 seconds.",
            "      Tainted: P           OE      6.8.0-60-generic #63-Ubuntu",
            "task:python3 state:D stack:0 pid:88123 ppid:1 flags:0x00004002",
            "Call Trace:", " <TASK>", " __schedule+0x27c/0x6b0", " ? finish_wait+0x1/0x80",
            " schedule+0x33/0x110", " rpc_wait_bit_killable+0x11/0x70 [sunrpc]",
            " [<ffffffffc0a1b2c3>] nfs_wb_all+0x2c/0x190 [nfs]", " </TASK>", " late_one+0x1/0x2"});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].details.at("stack"), "rpc_wait_bit_killable [sunrpc] < nfs_wb_all [nfs]");
}

TEST(CpuLines, KeepFiveFunctionsAndThoseOfTheFaultInFront) {
  const auto found = Find(kType, {"watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [python3:9]",
                                  "RIP: 0010:smp_call_function_many_cond+0x13a/0x360", " a+0x1/0x2",
                                  " b+0x1/0x2", " c+0x1/0x2\n d+0x1/0x2\n e+0x1/0x2",
                                  "INFO: task x:1 blocked for more than 122 seconds.", " f+0x1/0x2",
                                  "INFO: task y:2 blocked for more than 122 seconds."});
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].details.at("stack"), "smp_call_function_many_cond < a < b < c < d");
  EXPECT_EQ(found[1].details.at("stack"), "f");
  EXPECT_EQ(found[2].details.count("stack"), 0u);
}

TEST(CpuLines, SayWhoHoldsTheLock) {
  const auto found =
      Find(kType, {"INFO: task a:1 blocked for more than 122 seconds.",
                   "INFO: task a:1 is blocked on a mutex likely owned by task b:2.",
                   "INFO: task c:3 is blocked on a mutex likely owned by task d:4."});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].details.at("blocked_by"), "b:2");
}

TEST(Cpu, ALockupDegradesForADayAndAHungTaskDoesNot) {
  Inputs in;
  in.SetNow(BootTime(std::chrono::hours(50)), WallTime(std::chrono::seconds(1'772'352'000)));
  const auto after = [&](const char* line, std::chrono::hours ago) {
    auto events = Match(kType, {line});
    events.at(0).time = in.Now() - ago;
    in.SetHistory(std::move(events), {}, {});
    return FaultState(in, "cpu", "ok", FaultName);
  };
  const char* lockup = "watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [python3:9]";
  EXPECT_EQ(after(lockup, std::chrono::hours(1)).health, Health::kDegraded);
  EXPECT_EQ(after(lockup, std::chrono::hours(1)).reason,
            "a processor did not schedule for too long");
  EXPECT_EQ(after(lockup, std::chrono::hours(25)).health, Health::kHealthy);
  EXPECT_EQ(
      after("INFO: task a:1 blocked for more than 122 seconds.", std::chrono::hours(1)).health,
      Health::kHealthy);
}

}  // namespace
}  // namespace gpud::cpu
