// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sources/host/identity.h"
#include "sources/host/machine_info.h"
#include "sources/host/mount_usage.h"
#include "sources/host/private_addresses.h"
#include "testing/fake_host.h"

namespace gpud::host {
namespace {

struct Fixture {
  explicit Fixture(const std::string& name)
      : root(std::string(GPUD_SOURCE_DIR) + "/tests/hosts/" + name) {}
  FakeClock clock;
  Root root;
  Host host{root, clock};
};

TEST(OsRelease, UndoesQuotesAndFallsBackToTheName) {
  const auto release =
      ParseOsRelease("NAME='A \"b\"'\nID=x\n# PRETTY_NAME=\"no\"\nVERSION_ID=\"1\\$2\"\n");
  ASSERT_TRUE(release);
  EXPECT_EQ(release->pretty_name, "A \"b\"");
  EXPECT_EQ(release->version_id, "1$2");
  EXPECT_FALSE(ParseOsRelease("ID=x\n"));
}

TEST(Identity, KnowsAVirtualMachineAContainerAndBareMetal) {
  EXPECT_EQ(ReadIdentity(Fixture("debian12-vm").root)->virtual_machine, "kvm");
  EXPECT_EQ(ReadIdentity(Fixture("h100-8x").root)->virtual_machine, "none");
  const auto container = ReadIdentity(Fixture("container-no-kmsg").root);
  EXPECT_EQ(container->container, "docker");
  EXPECT_EQ(container->virtual_machine, "vm-other");
  EXPECT_EQ(container->system_uuid.error().code, ErrorCode::kNotFound);
}

TEST(MachineInfo, TellsTheDisksOfAGpuNode) {
  Fixture fixture("h100-8x");
  const auto info = ReadMachineInfo(fixture.host);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->hostname, "gpu-node-1");
  EXPECT_EQ(info->os_image, "Ubuntu 24.04.1 LTS");
  EXPECT_EQ(info->cpu_info->logical_cores, 16);
  EXPECT_EQ(info->cpu_info->type, "Intel(R) Xeon(R) Platinum 8480C");
  EXPECT_EQ(info->memory_info->total_bytes, 2113929216ull * 1024);
  EXPECT_EQ(info->uptime, WallTime(std::chrono::seconds(1772265600)));
  EXPECT_TRUE(info->gpu_info);
  std::vector<std::string> names;
  for (const auto& device : info->disk_info->block_devices) names.push_back(device.name);
  EXPECT_EQ(names, (std::vector<std::string>{"/dev/mapper/vg-kubelet", "/dev/md0", "/dev/nvme0n1p1",
                                             "/dev/nvme2n1", "filer.example:/home"}));
  EXPECT_EQ(info->disk_info->block_devices[1].parents,
            (std::vector<std::string>{"/dev/nvme0n1p2", "/dev/nvme1n1p1"}));
  EXPECT_EQ(info->disk_info->block_devices[4].type, "nfs");
  EXPECT_EQ(info->disk_info->container_root_disk, "/dev/mapper/vg-kubelet");
  EXPECT_TRUE(info->nic_info->private_ip_interfaces.empty());  // addresses are in no file
}

TEST(MachineInfo, TakesThePartitionsIdFromUdev) {
  Fixture fixture("debian12-vm");
  const auto info = ReadMachineInfo(fixture.host);
  EXPECT_EQ(info->system_uuid, "11111111-2222-3333-4444-000000000001");
  EXPECT_EQ(info->disk_info->block_devices.at(0).part_uuid, "7c1e0000-01");
  EXPECT_EQ(info->disk_info->block_devices.at(0).parents, std::vector<std::string>{"/dev/vda"});
}

TEST(Cpuinfo, NamesTheMakerOfArmProcessors) {
  const auto cpu = ParseCpuinfo("processor : 0\nCPU implementer : 0x41\nCPU part : 0xd4f\n");
  EXPECT_EQ(cpu->manufacturer, "ARM");
  EXPECT_EQ(cpu->type, "part 0xd4f");
  EXPECT_FALSE(ParseCpuinfo(""));
}

TEST(PrivateAddresses, AreNotThoseOfContainersAndFabrics) {
  EXPECT_TRUE(IsMachineInterface("eno1"));
  for (const char* name : {"lo", "cali12", "docker0", "ib0", "veth1", "x.calico", "vxlan.1"}) {
    EXPECT_FALSE(IsMachineInterface(name)) << name;
  }
}

TEST(MountUsages, GiveEachRealMountItsOwnAnswer) {
  FakeHost fake;
  fake.Write("/proc/self/mountinfo",
             "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:2 / /gone rw - xfs /dev/sdb1 rw\n");
  Inputs in;
  kMountUsages.read(fake.host, in);
  const auto& usages = in.Latest<MountUsages>();
  ASSERT_TRUE(usages);
  ASSERT_EQ(usages->mounts.size(), 2u);
  ASSERT_TRUE(usages->mounts[0].space);
  EXPECT_GT(usages->mounts[0].space->total_bytes, 0u);
  EXPECT_EQ(usages->mounts[1].space.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace gpud::host
