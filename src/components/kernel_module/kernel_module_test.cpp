// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "components/kernel_module/settings.h"
#include "sources/procfs/builtin_modules.h"
#include "sources/procfs/modules.h"
#include "testing/component_kit.h"
#include "testing/fake_host.h"

namespace gpud::kernel_module {
extern const ComponentType kType;
namespace {

Inputs Machine(std::vector<std::string> required) {
  Inputs in;
  in.Put<procfs::Modules>(procfs::Modules{{"nvidia", "nvidia_uvm"}});
  in.Put<procfs::BuiltinModules>(
      procfs::ParseBuiltinModules("kernel/fs/ext4/ext4.ko\nkernel/drivers/net/virtio-net.ko\n"));
  in.Put<Settings>(Settings{std::move(required)});
  return in;
}

TEST(KernelModule, LoadedAndBuiltInModulesAreThereWhicheverWayTheyAreWritten) {
  const Report report = kType.check(Machine({"nvidia-uvm", "ext4", "virtio-net"}));
  EXPECT_EQ(report.states.at(0).health, Health::kHealthy);
  EXPECT_EQ(SampleOf(report, "kernel_module_missing"), 0);
  EXPECT_EQ(SampleOf(report, "kernel_module_loaded"), 2);
}

TEST(KernelModule, IsUnhealthyAndNamesWhatIsMissing) {
  const Report report = kType.check(Machine({"nvidia", "nvidia_peermem", "gdrdrv"}));
  EXPECT_EQ(report.states.at(0).health, Health::kUnhealthy);
  EXPECT_EQ(report.states[0].reason,
            "required kernel modules are not there: nvidia_peermem, gdrdrv");
  EXPECT_EQ(SampleOf(report, "kernel_module_missing"), 2);
}

TEST(KernelModule, RequiresNothingUnlessToldTo) {
  Inputs in;
  in.Put<procfs::Modules>(procfs::Modules{});
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kHealthy);
  EXPECT_TRUE(kType.supported(in).supported);
}

TEST(KernelModule, AKernelWithoutModulesIsNotSupportedUnlessOneIsRequired) {
  FakeHost fake;
  Inputs in;
  for (const SourceType* source : kType.needs) source->read(fake.host, in);
  EXPECT_EQ(kType.supported(in).reason, "/proc/modules: this kernel has no loadable modules");
  in.Put<Settings>(Settings{{"ext4"}});
  EXPECT_TRUE(kType.supported(in).supported);
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kUnhealthy);
  fake.Write("/proc/sys/kernel/osrelease", "6.1.0\n");
  fake.Write("/lib/modules/6.1.0/modules.builtin", "kernel/fs/ext4/ext4.ko\n");
  for (const SourceType* source : kType.needs) source->read(fake.host, in);
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kHealthy);
}

TEST(KernelModule, IsUnknownWhenTheListMayNotBeRead) {
  Inputs in = Machine({"xfs"});
  in.Put<procfs::BuiltinModules>(Fail(ErrorCode::kPermission, "no"));
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kUnknown);
  in.Put<procfs::Modules>(Fail(ErrorCode::kPermission, "/proc/modules: no"));
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kUnknown);
}

}  // namespace
}  // namespace gpud::kernel_module
