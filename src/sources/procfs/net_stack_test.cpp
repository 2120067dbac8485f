// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/net_stack.h"

#include <gtest/gtest.h>

#include "sources/procfs/net_file.h"
#include "testing/fake_host.h"

namespace gpud::procfs {
namespace {

TEST(NetStack, FindsNumbersByNameWhateverTheirOrder) {
  NetStack stack;
  EXPECT_TRUE(
      ParseSnmp("Ip: Forwarding\nIp: 2\nTcp: RetransSegs New OutSegs MaxConn\nTcp: 5 9 70 -1\n"
                "Udp: InErrors\nUdp: 3\n",
                stack));
  EXPECT_EQ(stack.segments_retransmitted, 5u);
  EXPECT_EQ(stack.segments_sent, 70u);
  EXPECT_EQ(stack.udp_errors, 3u);
  EXPECT_FALSE(stack.segments_received);
  EXPECT_FALSE(ParseSnmp("rubbish\n\nTcp: OutSegs\n", stack));
}

TEST(NetStack, AddsUpTheProcessorsAndCountsMemoryInBytes) {
  NetStack stack;
  ParseSoftnet("00000001 00000002 0000000a 0\n0000ffff 00000001 00000001 0\nshort\n", stack);
  EXPECT_EQ(stack.softnet_dropped, 3u);
  EXPECT_EQ(stack.softnet_squeezed, 11u);
  ParseSockstat("sockets: used 16\nTCP: inuse 1 orphan 2 tw 3 alloc 1 mem 4\n", 4096, stack);
  EXPECT_EQ(stack.sockets, 16u);
  EXPECT_EQ(stack.tcp_memory_bytes, 16'384u);
}

TEST(NetFile, IsTheMachinesAndNotThatOfAContainerInWhichGpudRuns) {
  FakeHost fake;
  fake.Write("/proc/net/snmp", "container");
  EXPECT_EQ(ReadNetFile(fake.root, "snmp"), "container");
  fake.Write("/proc/1/net/snmp", "machine");
  EXPECT_EQ(ReadNetFile(fake.root, "snmp"), "machine");
}

}  // namespace
}  // namespace gpud::procfs
