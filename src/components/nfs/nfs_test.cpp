// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "sources/procfs/mountinfo.h"
#include "sources/procfs/mountstats.h"
#include "testing/component_kit.h"

namespace gpud::nfs {
extern const ComponentType kType;
namespace {

TEST(NfsLines, TellOfServersLocksAndWrites) {
  const std::pair<const char*, const char*> rows[] = {
      {"nfs: server 7.247.192.16 not responding, timed out",
       "server_not_responding 7.247.192.16 critical CHECK_STORAGE_NETWORK"},
      {"nfs: server filer.example not responding, still trying",
       "server_not_responding filer.example critical CHECK_STORAGE_NETWORK"},
      {"nfs: server fd00::5 OK", "server_ok fd00::5 info IGNORE_NO_ACTION_REQUIRED"},
      {"lockd: server filer.example not responding, still trying",
       "lock_server_not_responding filer.example warning CHECK_STORAGE_NETWORK"},
      {"lockd: server filer.example OK",
       "lock_server_ok filer.example info IGNORE_NO_ACTION_REQUIRED"},
      {"NFS: nfs4_reclaim_open_state: Lock reclaim failed!",
       "lock_reclaim_failed - warning CHECK_USER_APP_AND_GPU"},
      {"NFS: __nfs4_reclaim_open_state: Lock reclaim failed!",
       "lock_reclaim_failed - warning CHECK_USER_APP_AND_GPU"},
      {"NFS: state manager: check lease failed on NFSv4 server 10.0.0.5 with error 13",
       "state_manager_error 10.0.0.5 warning CHECK_STORAGE_NETWORK"},
      {"NFS: state manager failed on NFSv4 server 10.0.0.5 with error 5",
       "state_manager_error 10.0.0.5 warning CHECK_STORAGE_NETWORK"},
      {"NFS: server 10.0.0.5 error: fileid changed\nfsid 0:52: expected fileid 0x2a11, got 0x2a12",
       "fileid_changed 10.0.0.5 warning CHECK_STORAGE_NETWORK"},
      {" nfs_wb_all+0x2c/0x190 [nfs]", "writeback_hang - warning FOLLOW_RELATED_EVENT"},
      {"[<ffffffffc0>] nfs_page_async_flush+0x1c/0x140 [nfs]",
       "writeback_hang - warning FOLLOW_RELATED_EVENT"}};
  for (const auto& [line, told] : rows) EXPECT_EQ(Told(kType, line), told) << line;
}

TEST(NfsLines, AreSilentOnStartUpAndOtherFunctions) {
  for (const char* line :
       {"NFS: Registering the id_resolver key type", "nfs: server 7.247.192.16 starting",
        "NFSD: starting 90-second grace period (net f0000000)", " nfs_xxx_other+0x12/0x340 [nfs]",
        " __nfs_wb_all+0x12/0x340 [nfs]", "nfs_wb_all is slow"}) {
    EXPECT_EQ(Told(kType, line), "") << line;
  }
}

TEST(NfsLines, KeepTheOriginalsNames) {
  const auto events = Match(
      kType, {"nfs: server a not responding, still trying", "nfs: server a OK",
              "nfs4_reclaim_open_state: Lock reclaim failed!", " nfs_wb_all+0x1c/0x140 [nfs]"});
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(events[0].name, "nfs_server_not_responding");
  EXPECT_EQ(events[1].name, "nfs_server_ok");
  EXPECT_EQ(events[2].name, "nfs_lock_reclaim_failed");
  EXPECT_EQ(events[3].name, "nfs_writeback_hang");
  EXPECT_EQ(events[3].extra_info.at("function"), "nfs_wb_all");
}

TEST(Nfs, IsThereWhereItIsMountedOrWasHeardOf) {
  Inputs in;
  EXPECT_FALSE(kType.supported(in).supported);
  in.Put<procfs::Mountinfo>(
      procfs::ParseMountinfo("10 1 0:61 / /home rw - nfs4 filer:/home rw,vers=4.2\n"));
  EXPECT_TRUE(kType.supported(in).supported);
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kHealthy);
  in.Put<procfs::Mountinfo>(procfs::ParseMountinfo("10 1 259:1 / / rw - ext4 /dev/sda1 rw\n"));
  EXPECT_FALSE(kType.supported(in).supported);
  in.SetHistory(Match(kType, {"nfs: server a OK"}), {}, {});
  EXPECT_TRUE(kType.supported(in).supported);
}

TEST(Nfs, TellsHowLongTheServerTookBetweenTwoReadings) {
  const Labels home{{"mount_point", "/home"}, {"server", "filer:/home"}};
  procfs::NfsMount mount{.mount_point = "/home",
                         .server = "filer:/home",
                         .operations = 100,
                         .transmissions = 101,
                         .rtt_milliseconds = 1000,
                         .execute_milliseconds = 1500};
  Inputs in;
  in.SetNow(BootTime(std::chrono::seconds(100)), {});
  in.Put<procfs::NfsMounts>(procfs::NfsMounts{{mount}});
  Report report = kType.check(in);
  EXPECT_EQ(SampleOf(report, "nfs_operations_total", home), 100);
  EXPECT_EQ(SampleOf(report, "nfs_retransmissions_total", home), 1);
  EXPECT_FALSE(SampleOf(report, "nfs_rtt_seconds", home));

  mount.operations += 20;
  mount.transmissions += 30;
  mount.rtt_milliseconds += 5000;
  mount.execute_milliseconds += 6000;
  in.SetNow(BootTime(std::chrono::seconds(110)), {});
  in.Put<procfs::NfsMounts>(procfs::NfsMounts{{mount}});
  report = kType.check(in);
  EXPECT_EQ(SampleOf(report, "nfs_operations_per_second", home), 2);
  EXPECT_EQ(SampleOf(report, "nfs_retransmissions_per_second", home), 1);
  EXPECT_EQ(SampleOf(report, "nfs_rtt_seconds", home), 0.25);
  EXPECT_EQ(SampleOf(report, "nfs_execute_seconds", home), 0.3);

  mount.operations = 3;  // mounted anew
  in.SetNow(BootTime(std::chrono::seconds(120)), {});
  in.Put<procfs::NfsMounts>(procfs::NfsMounts{{mount}});
  EXPECT_FALSE(SampleOf(kType.check(in), "nfs_rtt_seconds", home));

  in.Put<procfs::NfsMounts>(Fail(ErrorCode::kPermission, "mountstats: no"));
  EXPECT_TRUE(StateOf(kType.check(in), "nfs/mountstats"));
}

TEST(Nfs, EachServerIsOutUntilItAnswersAgain) {
  Inputs in;
  in.SetNow(BootTime(std::chrono::hours(50)), WallTime(std::chrono::seconds(1'772'352'100)));
  const auto state = [&](const std::vector<std::string>& lines) {
    auto events = Match(kType, lines);
    std::reverse(events.begin(), events.end());  // newest first
    in.SetHistory(std::move(events), {}, {});
    return kType.check(in).states.at(0);
  };
  const std::string a = "nfs: server a not responding, still trying";
  const std::string b = "nfs: server b not responding, timed out";
  EXPECT_EQ(state({a}).health, Health::kDegraded);
  EXPECT_EQ(state({a, b, "nfs: server a OK"}).reason, "the file server does not answer on b");
  EXPECT_EQ(state({a, "nfs: server a OK"}).health, Health::kHealthy);
  EXPECT_EQ(state({a, "lockd: server a OK"}).health, Health::kDegraded);
  EXPECT_EQ(state({" nfs_wb_all+0x1c/0x140 [nfs]"}).health, Health::kHealthy);
}

}  // namespace
}  // namespace gpud::nfs
