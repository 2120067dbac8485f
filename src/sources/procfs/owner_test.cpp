// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/owner.h"

#include <gtest/gtest.h>

#include "testing/fake_host.h"

namespace gpud::procfs {
namespace {

constexpr std::string_view kId = "6f1a9c2277aa00116f1a9c2277aa00116f1a9c2277aa00116f1a9c2277aa0011";

/// "container(runtime)|pod|job.step|unit"
std::string Told(std::string_view cgroups) {
  ProcessOwner owner;
  ParseCgroups(cgroups, owner);
  std::string told;
  if (owner.container) told += owner.container->id + '(' + owner.container->runtime + ')';
  told += '|' + (owner.pod ? owner.pod->uid : "") + '|';
  if (owner.slurm) told += owner.slurm->job + '.' + owner.slurm->step;
  return told + '|' + owner.unit;
}

std::string WithId(std::string text) {
  for (std::size_t at; (at = text.find("ID")) != text.npos;) text.replace(at, 2, kId);
  return text;
}

TEST(ProcessOwner, IsReadFromTheControlGroupsOfAllRuntimes) {
  struct Case {
    const char *cgroups, *told;
  };
  for (const Case& c : std::initializer_list<Case>{
           // Kubernetes: containerd, CRI-O and Docker, systemd and cgroupfs, version 2 and 1.
           {"0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod3b1d9c0e_77aa.slice/"
            "cri-containerd-ID.scope\n",
            "ID(containerd)|3b1d9c0e-77aa||"},
           {"0::/kubepods/burstable/pod3b1d9c0e-77aa/ID\n", "ID()|3b1d9c0e-77aa||"},
           {"0::/kubepods.slice/kubepods-pod3b1d_77.slice/crio-ID.scope/container\n",
            "ID(cri-o)|3b1d-77||"},
           {"12:cpuset:/kubepods.slice/kubepods-pod3b1d_77.slice/docker-ID.scope\n"
            "1:name=systemd:/kubepods.slice/kubepods-pod3b1d_77.slice/docker-ID.scope\n0::/\n",
            "ID(docker)|3b1d-77||"},
           // As seen from another control group namespace.
           {"0::/../../kubepods-pod3b1d_77.slice/cri-containerd-ID.scope\n",
            "ID(containerd)|3b1d-77||"},
           // Without Kubernetes.
           {"0::/system.slice/docker-ID.scope\n", "ID(docker)|||"},
           {"11:memory:/docker/ID\n1:name=systemd:/docker/ID\n", "ID(docker)|||"},
           {"0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-ID.scope\n",
            "ID(podman)|||"},
           // Slurm, version 2 and 1.
           {"0::/system.slice/slurmstepd.scope/job_4711/step_0/user/task_0\n", "||4711.0|"},
           {"0::/system.slice/node1_slurmstepd.scope/job_4711/step_batch/user/task_special\n",
            "||4711.batch|"},
           {"9:memory:/slurm/uid_1000/job_4711/step_extern/task_0\n1:name=systemd:/system.slice/"
            "slurmd.service\n",
            "||4711.extern|"},
           {"9:memory:/slurm/uid_1000/job_4711\n", "||4711.|"},
           // Nothing but systemd.
           {"0::/user.slice/user-1000.slice/session-3.scope\n", "|||session-3.scope"},
           {"0::/system.slice/jupyter.service\n", "|||jupyter.service"},
           {"0::/user.slice/user-1000.slice/user@1000.service/app.slice/notebook.service\n",
            "|||notebook.service"},
           {"0::/\n", "|||"},
           {"", "|||"},
           {"nonsense\n:\n::\n", "|||"}}) {
    EXPECT_EQ(Told(WithId(c.cgroups)), WithId(c.told)) << c.cgroups;
  }
}

class OwnerOf4242 : public testing::Test {
 protected:
  OwnerOf4242() {
    // Started 99,000 s after boot; the clock stands at 100,000 s.
    host.Write("/proc/4242/stat", Stat('S', 9'900'000));
    host.Write("/proc/4242/status",
               "Name:\tpython\nUid:\t1000\t1001\t1001\t1001\nNSpid:\t4242\t7\n");
    host.Write("/proc/4242/cgroup", "0::/system.slice/slurmstepd.scope/job_1/step_0/user/task_0\n");
    host.Write("/proc/4242/cmdline", std::string("python\0train.py\0--token\0abc\0", 29));
    host.Write("/proc/4242/task/4242/stat", Stat('S', 9'900'000));
    host.Write("/etc/passwd",
               "root:x:0:0::/root:/bin/sh\nalice:x:1001:1001::/home/a:/bin/sh\nbad\n");
  }
  static std::string Stat(char state, std::uint64_t start) {
    return std::string("4242 (python) ") + state + " 4000 0 0 0 0 0 0 0 0 0 10 5 0 0 20 0 1 0 " +
           std::to_string(start) + " 0 0\n";
  }
  ProcessOwner Read(const ProcessOwner* known = nullptr) {
    return OwnerReader(host.host).Read(4242, known);
  }

  FakeHost host;
};

TEST_F(OwnerOf4242, IsTold) {
  const ProcessOwner owner = Read();
  EXPECT_EQ(owner.name, "python");
  EXPECT_EQ(owner.command, "python train.py --token ***");
  EXPECT_EQ(owner.state, "S");
  EXPECT_EQ(owner.parent, 4000U);
  EXPECT_EQ(owner.uid, 1001U);
  EXPECT_EQ(owner.user, "alice");
  EXPECT_EQ(owner.container_pid, 7U);
  EXPECT_EQ(owner.slurm, (SlurmJob{"1", "0"}));
  EXPECT_EQ(owner.start_time, host.clock.wall - std::chrono::seconds(1'000));
  EXPECT_EQ(owner.problem, "");
}

TEST_F(OwnerOf4242, KeepsWhatDoesNotChange) {
  const ProcessOwner first = Read();
  host.clock.wall += std::chrono::microseconds(17);  // the clocks drift apart
  host.Write("/proc/4242/cmdline", "other");
  EXPECT_EQ(Read(&first).start_time, first.start_time);
  EXPECT_EQ(Read(&first).command, "python train.py --token ***");

  host.Write("/proc/4242/stat", Stat('S', 9'950'000));  // another process with that pid
  EXPECT_EQ(Read(&first).command, "other");
}

TEST_F(OwnerOf4242, HasNoCommandLineWhileAThreadIsStuck) {
  host.Write("/proc/4242/task/4243/stat", Stat('D', 9'900'000));
  EXPECT_EQ(Read().command, "");
  EXPECT_EQ(Read().name, "python");
  host.Write("/proc/4242/task/4243/stat", Stat('S', 9'900'000));
  EXPECT_EQ(Read().command, "python train.py --token ***");
}

TEST_F(OwnerOf4242, IsTheRestWhenAPartCannotBeRead) {
  for (const char* file : {"status", "cgroup", "cmdline"}) {
    host.Remove(std::string("/proc/4242/") + file);
  }
  host.Remove("/etc/passwd");
  const ProcessOwner owner = Read();
  EXPECT_EQ(owner.name, "python");
  EXPECT_FALSE(owner.uid.has_value());
  EXPECT_EQ(owner.command, "");
}

TEST_F(OwnerOf4242, WithoutANameIsANumber) {
  host.Write("/etc/passwd", "root:x:0:0::/root:/bin/sh\n");
  EXPECT_EQ(Read().uid, 1001U);
  EXPECT_EQ(Read().user, "");
}

TEST(OwnerReader, SaysThatTheProcessIsNotHere) {
  FakeHost host;
  const ProcessOwner owner = OwnerReader(host.host).Read(9, nullptr);
  EXPECT_EQ(owner.pid, 9U);
  EXPECT_NE(owner.problem.find("has ended"), std::string::npos);
  host.Write("/proc/9/stat", "rubbish");
  EXPECT_NE(OwnerReader(host.host).Read(9, nullptr).problem, "");
}

}  // namespace
}  // namespace gpud::procfs
