// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/mountstats.h"

#include <gtest/gtest.h>

#include "testing/fake_host.h"

namespace gpud::procfs {
namespace {

constexpr const char* kText = R"(device proc mounted on /proc with fstype proc
device filer:/export/home mounted on /mnt/my\040home with fstype nfs4 statvers=1.1
	opts:	rw,vers=4.2,rsize=1048576,hard,proto=tcp
	age:	1000
	bytes:	111 222 0 0 4096 8192 1 2
	RPC iostats version: 1.1  p/v: 100003/4 (nfs)
	xprt:	tcp 0 0 2 0 10 123 123 0 200 0 2 50 60
	per-op statistics
	        NULL: 1 1 0 44 24 0 1 1 0
	        READ: 10 12 1 2000 40960 30 500 540 0
	       WRITE: 5 5 0 9000 600 20 100 130
	      BROKEN: 5 x 0 9000 600 20 100 130

device tmpfs mounted on /tmp with fstype tmpfs
)";

TEST(Mountstats, SumsTheOperationsOfEachNfsMount) {
  const NfsMounts all = ParseMountstats(kText);
  ASSERT_EQ(all.mounts.size(), 1u);
  const NfsMount& mount = all.mounts[0];
  EXPECT_EQ(mount.mount_point, "/mnt/my home");
  EXPECT_EQ(mount.server, "filer:/export/home");
  EXPECT_EQ(mount.operations, 16u);
  EXPECT_EQ(mount.transmissions, 18u);
  EXPECT_EQ(mount.timeouts, 1u);
  EXPECT_EQ(mount.queue_milliseconds, 50u);
  EXPECT_EQ(mount.rtt_milliseconds, 601u);
  EXPECT_EQ(mount.execute_milliseconds, 671u);
  EXPECT_EQ(mount.read_bytes, 4096u);
  EXPECT_EQ(mount.written_bytes, 8192u);
}

TEST(Mountstats, AMountThatCoversAnotherTakesItsPlace) {
  const NfsMounts all = ParseMountstats(
      "device a:/ mounted on /mnt with fstype nfs statvers=1.1\n"
      "device b:/ mounted on /mnt with fstype nfs statvers=1.1\n");
  ASSERT_EQ(all.mounts.size(), 1u);
  EXPECT_EQ(all.mounts[0].server, "b:/");
}

TEST(Mountstats, IsUnsupportedWithoutNfs) {
  FakeHost fake;
  Inputs in;
  kNfsMounts.read(fake.host, in);
  EXPECT_EQ(in.Latest<NfsMounts>().error().code, ErrorCode::kNotFound);
  fake.Write("/proc/self/mountstats", "device proc mounted on /proc with fstype proc\n");
  kNfsMounts.read(fake.host, in);
  EXPECT_EQ(in.Latest<NfsMounts>().error().code, ErrorCode::kUnsupported);
  fake.Write("/proc/1/mountstats", kText);
  kNfsMounts.read(fake.host, in);
  EXPECT_EQ(in.Latest<NfsMounts>()->mounts.size(), 1u);
}

}  // namespace
}  // namespace gpud::procfs
