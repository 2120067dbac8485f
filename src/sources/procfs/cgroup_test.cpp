// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/cgroup.h"

#include <gtest/gtest.h>

#include "testing/fake_host.h"

namespace gpud::procfs {
namespace {

std::string Owner(std::string_view path) {
  const CgroupOwner owner = ParseCgroupPath(path);
  return owner.container + '|' + owner.pod_uid + '|' + owner.slurm_job;
}

TEST(CgroupOwner, IsReadFromThePathsOfAllRuntimes) {
  EXPECT_EQ(Owner("/kubepods.slice/kubepods-burstable.slice/"
                  "kubepods-burstable-pod3b1d9c0e_77aa.slice/cri-containerd-6f1a.scope"),
            "6f1a|3b1d9c0e-77aa|");
  EXPECT_EQ(Owner("/kubepods/burstable/pod3b1d9c0e-77aa/6f1a"), "6f1a|3b1d9c0e-77aa|");
  EXPECT_EQ(Owner("/kubepods.slice/kubepods-pod1.slice/crio-77.scope/container"), "77|1|");
  EXPECT_EQ(Owner("/docker/abc123"), "abc123||");
  EXPECT_EQ(Owner("/system.slice/docker-abc.scope"), "abc||");
  EXPECT_EQ(Owner("/machine.slice/libpod-abc.scope"), "abc||");
  EXPECT_EQ(Owner("/system.slice/slurmstepd.scope/job_4711/step_0/user"), "||4711");
  EXPECT_EQ(Owner("/slurm/uid_1000/job_12/step_batch"), "||12");
  EXPECT_EQ(Owner("/kubepods-burstable-pod3b1d.slice:cri-containerd:6f1a"), "6f1a|3b1d|");
  EXPECT_EQ(Owner("/kubepods.slice/kubepods-pod3b.slice/crio-conmon-6f1a.scope"), "6f1a|3b|");
  EXPECT_EQ(Owner("/machine.slice/libpod-6f1a.scope/container"), "6f1a||");
  EXPECT_EQ(Owner("/libpod_parent/6f1a"), "6f1a||");
  for (const char* none : {"/", "", "/user.slice/user-0.slice/session-1.scope", "/init.scope",
                           "/system.slice/job_1", "/docker", "/kubepods.slice"}) {
    EXPECT_EQ(Owner(none), "||") << none;
  }
}

TEST(CgroupOwner, IsReadFromProcWithEitherVersion) {
  FakeHost host;
  host.Write("/proc/7/cgroup", "12:memory:/docker/ab\n1:name=systemd:/docker/ab\n0::/\n");
  EXPECT_EQ(ReadCgroupOwner(host.root, "7")->container, "ab");
  EXPECT_EQ(ReadCgroupOwner(host.root, "8").error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace gpud::procfs
