// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sources/procfs/net_stack.h"
#include "testing/component_kit.h"
#include "testing/fake_host.h"

namespace gpud::network {
extern const ComponentType kType;
namespace {

using procfs::NetStack;

TEST(Network, IsDegradedWhenTheTableOfConnectionsIsNearlyFull) {
  Inputs in;
  in.Put<NetStack>(NetStack{.conntrack_entries = 94, .conntrack_limit = 100});
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kHealthy);
  in.Put<NetStack>(NetStack{.conntrack_entries = 95, .conntrack_limit = 100});
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kDegraded);
}

TEST(Network, TellsTheShareOfRetransmitsOnlyWhereEnoughWasSent) {
  constexpr const char* kMetric = "network_tcp_retransmitted_percent";
  Inputs in;
  const auto put = [&](std::uint64_t sent, std::uint64_t again) {
    in.Put<NetStack>(NetStack{.segments_sent = sent, .segments_retransmitted = again});
  };
  put(1000, 10);
  EXPECT_FALSE(SampleOf(kType.check(in), kMetric));
  put(1900, 900);
  EXPECT_FALSE(SampleOf(kType.check(in), kMetric));
  put(10'900, 1900);
  EXPECT_EQ(SampleOf(kType.check(in), kMetric), 10.0);
  put(5, 1);  // the counters began anew
  EXPECT_FALSE(SampleOf(kType.check(in), kMetric));
}

TEST(Network, HasNoSampleOfWhatTheKernelDoesNotCount) {
  FakeHost fake;
  fake.Write("/proc/net/snmp", "Tcp: InSegs OutSegs\nTcp: 7 8\n");
  Inputs in;
  procfs::kNetStack.read(fake.host, in);
  const Report report = kType.check(in);
  EXPECT_EQ(report.samples.size(), 2u);
  EXPECT_EQ(SampleOf(report, "network_tcp_segments_sent_total"), 8.0);
}

TEST(Network, IsNotSupportedWithoutTheFileAndUnknownWhereItMayNotBeRead) {
  FakeHost empty;
  Inputs in;
  procfs::kNetStack.read(empty.host, in);
  EXPECT_EQ(kType.supported(in).reason, "/proc/net/snmp: this kernel has no such file");
  in.Put<NetStack>(Fail(ErrorCode::kPermission, "/proc/net/snmp: Permission denied"));
  EXPECT_TRUE(kType.supported(in).supported);
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kUnknown);
}

TEST(Network, HearsThatAConnectionWasDroppedAsTheTableIsFull) {
  EXPECT_EQ(Told(kType, "nf_conntrack: nf_conntrack: table full, dropping packet"),
            "conntrack_full - warning INVESTIGATE_HOST");
}

}  // namespace
}  // namespace gpud::network
