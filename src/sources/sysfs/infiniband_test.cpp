// SPDX-License-Identifier: Apache-2.0
#include "sources/sysfs/infiniband.h"

#include <gtest/gtest.h>

#include "testing/fake_host.h"

namespace gpud::sysfs {
namespace {

TEST(Rdma, HasThePortsAndTheirCountersByName) {
  FakeHost fake;
  const std::string device = "/sys/class/infiniband/mlx5_0";
  fake.Write(device + "/fw_ver", "28.39.1002\n");
  fake.Link(device + "/device", "../../../0000:1a:00.0");
  fake.Write(device + "/ports/1/link_layer", "InfiniBand\n");
  fake.Write(device + "/ports/1/state", "4: ACTIVE\n");
  fake.Write(device + "/ports/1/phys_state", "5: LinkUp\n");
  fake.Write(device + "/ports/1/rate", "400 Gb/sec (4X NDR)\n");
  fake.Write(device + "/ports/1/counters/link_downed", "3\n");
  fake.Write(device + "/ports/1/counters/symbol_error", "N/A (no PMA)\n");
  fake.Write(device + "/ports/1/hw_counters/out_of_sequence", "7\n");
  fake.Write(device + "/ports/2/state", "1: DOWN\n");
  Inputs in;
  kRdma.read(fake.host, in);
  const auto& all = in.Latest<RdmaDevices>();
  ASSERT_TRUE(all);
  ASSERT_EQ(all->devices.size(), 1u);
  EXPECT_EQ(all->devices[0].firmware, "28.39.1002");
  EXPECT_EQ(all->devices[0].pci_address, "0000:1a:00.0");
  ASSERT_EQ(all->devices[0].ports.size(), 2u);
  const RdmaPort& port = all->devices[0].ports[0];
  EXPECT_EQ(port.state, "ACTIVE");
  EXPECT_EQ(port.physical_state, "LinkUp");
  EXPECT_EQ(port.rate_gbps, 400);
  EXPECT_EQ(port.counters,
            (std::map<std::string, std::uint64_t>{{"link_downed", 3}, {"out_of_sequence", 7}}));
  EXPECT_EQ(all->devices[0].ports[1].rate_gbps.error().code, ErrorCode::kNotFound);
}

TEST(Rdma, IsNotSupportedOnAMachineWithoutIt) {
  FakeHost empty;
  Inputs in;
  kRdma.read(empty.host, in);
  EXPECT_EQ(in.Latest<RdmaDevices>().error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace gpud::sysfs
