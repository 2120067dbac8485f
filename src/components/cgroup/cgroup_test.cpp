// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sources/sysfs/cgroups.h"
#include "testing/component_kit.h"
#include "testing/fake_host.h"

namespace gpud::cgroup {
extern const ComponentType kType;
namespace {

using sysfs::Cgroup;
using sysfs::Cgroups;

TEST(Cgroup, TellsTheShareOfPeriodsInWhichTheLimitWasUsedUpSinceTheCheckBefore) {
  const auto at = [](std::uint64_t periods, std::uint64_t throttled) {
    Cgroup group{.path = "/docker/0123456789abcdef", .container = "0123456789abcdef"};
    group.periods = periods;
    group.throttled = throttled;
    return Cgroups{.groups = {std::move(group)}};
  };
  const Labels labels{{"cgroup", "0123456789ab"}};
  Inputs in;
  in.Put<Cgroups>(at(1000, 900));
  EXPECT_FALSE(SampleOf(kType.check(in), "cgroup_cpu_throttled_percent", labels));
  in.Put<Cgroups>(at(1200, 950));
  EXPECT_EQ(SampleOf(kType.check(in), "cgroup_cpu_throttled_percent", labels), 25.0);
  in.Put<Cgroups>(at(10, 1));  // another container at the same place
  EXPECT_FALSE(SampleOf(kType.check(in), "cgroup_cpu_throttled_percent", labels));
}

TEST(Cgroup, HasNoSampleOfALimitThatIsNotSet) {
  Cgroup job{.path = "/slurm/job_7", .slurm_job = "7", .memory_bytes = 5};
  job.io_pressure = 12.5;
  Inputs in;
  in.Put<Cgroups>(Cgroups{.groups = {job}, .left_out = 3});
  const Report report = kType.check(in);
  const Labels labels{{"cgroup", "job_7"}, {"slurm_job", "7"}};
  EXPECT_EQ(SampleOf(report, "cgroup_memory_used_bytes", labels), 5);
  EXPECT_FALSE(SampleOf(report, "cgroup_memory_limit_bytes", labels));
  EXPECT_EQ(SampleOf(report, "cgroup_left_out"), 3);
  EXPECT_EQ(report.samples.size(), 3u);
}

TEST(Cgroup, IsNotSupportedWithoutContainersAndUnknownWhereItMayNotLook) {
  FakeHost fake;
  Inputs in;
  sysfs::kCgroups.read(fake.host, in);
  EXPECT_EQ(kType.supported(in).reason, "/sys/fs/cgroup: no container and no batch job runs");
  in.Put<Cgroups>(Fail(ErrorCode::kPermission, "/sys/fs/cgroup: Permission denied"));
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kUnknown);
}

}  // namespace
}  // namespace gpud::cgroup
