// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/kernel_state.h"

#include <gtest/gtest.h>

#include "sources/host/shared_memory.h"
#include "sources/host/time_sync.h"
#include "sources/procfs/modules.h"
#include "testing/fake_host.h"

namespace gpud::procfs {
namespace {

TEST(KernelState, HasMarksRandomnessAndTheVersionOfControlGroups) {
  FakeHost fake;
  Inputs in;
  kKernelState.read(fake.host, in);
  EXPECT_EQ(in.Latest<KernelState>().error().code, ErrorCode::kNotFound);
  fake.Write("/proc/sys/kernel/tainted", "4097\n");
  fake.Write("/sys/fs/cgroup/memory/tasks", "");
  kKernelState.read(fake.host, in);
  EXPECT_EQ(*in.Latest<KernelState>()->taint, 4097u);
  EXPECT_EQ(in.Latest<KernelState>()->entropy_bits.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(in.Latest<KernelState>()->cgroup_version, "1");
  fake.Write("/sys/fs/cgroup/unified/cgroup.procs", "");
  kKernelState.read(fake.host, in);
  EXPECT_EQ(in.Latest<KernelState>()->cgroup_version, "hybrid");
  fake.Write("/sys/fs/cgroup/cgroup.controllers", "cpu memory\n");
  kKernelState.read(fake.host, in);
  EXPECT_EQ(in.Latest<KernelState>()->cgroup_version, "2");
}

TEST(KernelState, MarksHaveWords) {
  EXPECT_EQ(TaintWords(4097),
            (std::vector<std::string>{"proprietary module", "out-of-tree module"}));
  EXPECT_EQ(TaintWords(1ull << 42), std::vector<std::string>{"bit 42"});
  EXPECT_TRUE(TaintWords(0).empty());
}

TEST(Modules, OutOfTreeOnesAreMarked) {
  const auto modules = ParseModules(
      "nvidia 607 650 nvidia_uvm, Live 0x0 (POE)\next4 9 1 - Live 0x0\n"
      "wmi 1 0 - Live 0x0 (E)\n");
  EXPECT_EQ(modules->out_of_tree, std::vector<std::string>{"nvidia"});
}

TEST(TimeSync, IsOfTheKernelThatWeRunOnAlone) {
  FakeHost fake;
  Inputs in;
  host::kTimeSync.read(fake.host, in);
  EXPECT_EQ(in.Latest<host::TimeSync>().error().code, ErrorCode::kUnsupported);
  const Root root;
  host::kTimeSync.read({root, fake.clock}, in);
  ASSERT_TRUE(in.Latest<host::TimeSync>()) << in.Latest<host::TimeSync>().error().what;
  EXPECT_GE(in.Latest<host::TimeSync>()->error_seconds, 0);
}

TEST(SharedMemory, IsAFileSystemInMemoryOrNone) {
  FakeHost fake;
  Inputs in;
  host::kSharedMemory.read(fake.host, in);
  EXPECT_EQ(in.Latest<host::SharedMemory>().error().code, ErrorCode::kNotFound);
  const Root root;
  host::kSharedMemory.read({root, fake.clock}, in);
  const auto& shared = in.Latest<host::SharedMemory>();
  if (!shared) GTEST_SKIP() << shared.error().what;
  EXPECT_LE(shared->used_bytes, shared->size_bytes);
}

}  // namespace
}  // namespace gpud::procfs
