// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sources/host/identity.h"
#include "sources/host/mount_usage.h"
#include "sources/procfs/diskstats.h"
#include "sources/procfs/limits.h"
#include "sources/procfs/loadavg.h"
#include "sources/procfs/meminfo.h"
#include "sources/procfs/modules.h"
#include "sources/procfs/mountinfo.h"
#include "sources/procfs/net_stack.h"
#include "sources/procfs/pressure.h"
#include "sources/procfs/processes.h"
#include "sources/procfs/stat.h"
#include "sources/procfs/uptime.h"
#include "sources/procfs/vmstat.h"
#include "sources/sysfs/block.h"
#include "sources/sysfs/cgroups.h"
#include "sources/sysfs/edac.h"
#include "sources/sysfs/net.h"
#include "sources/sysfs/pci.h"
#include "testing/fake_host.h"

namespace gpud {
namespace {

constexpr const SourceType* kAll[] = {
    &host::kIdentity,      &host::kMountUsages, &procfs::kDiskstats, &procfs::kLimits,
    &procfs::kLoadAverage, &procfs::kMeminfo,   &procfs::kModules,   &procfs::kMountinfo,
    &procfs::kPressures,   &procfs::kProcesses, &procfs::kStat,      &procfs::kUptime,
    &procfs::kVmstat,      &sysfs::kBlock,      &sysfs::kEdac,       &sysfs::kPci,
    &sysfs::kNet,          &procfs::kNetStack,  &sysfs::kCgroups};

/// What a source puts, or null.
const Snapshot* Read(const SourceType& source, const Host& host, Inputs& in) {
  source.read(host, in);
  return in.Find(source.snapshot);
}

TEST(Sources, FindNothingOnAnEmptyRoot) {
  FakeHost fake;
  for (const SourceType* source : kAll) {
    Inputs in;
    const Snapshot* snapshot = Read(*source, fake.host, in);
    ASSERT_TRUE(snapshot) << source->name;
    EXPECT_FALSE(snapshot->type->good(snapshot->result.get())) << source->name;
  }
}

TEST(Sources, FindAllThatAGpuNodeHas) {
  const Root root(std::string(GPUD_SOURCE_DIR) + "/tests/hosts/h100-8x");
  const FakeClock clock;
  for (const SourceType* source : kAll) {
    Inputs in;
    const Snapshot* snapshot = Read(*source, {root, clock}, in);
    ASSERT_TRUE(snapshot) << source->name;
    EXPECT_TRUE(snapshot->type->good(snapshot->result.get())) << source->name;
  }
}

TEST(Sources, SnapshotsOfThisMachineComeThroughAPipe) {
  const Root root;
  const SystemClock clock;
  for (const SourceType* source : kAll) {
    Inputs in;
    const Snapshot* snapshot = Read(*source, {root, clock}, in);
    ASSERT_TRUE(snapshot) << source->name;
    const std::string bytes = snapshot->type->encode(snapshot->result.get());
    const auto back = snapshot->type->decode(bytes);
    ASSERT_TRUE(back) << source->name;
    EXPECT_EQ(snapshot->type->encode(back.get()), bytes) << source->name;
  }
}

}  // namespace
}  // namespace gpud
