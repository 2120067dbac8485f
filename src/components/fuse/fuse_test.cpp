// SPDX-License-Identifier: Apache-2.0
#include "sources/sysfs/fuse.h"

#include <gtest/gtest.h>

#include "sources/procfs/mountinfo.h"
#include "testing/component_kit.h"
#include "testing/fake_host.h"

namespace gpud::fuse {
extern const ComponentType kType;
namespace {

class Machine {
 public:
  Machine() {
    fake_.Write("/proc/self/mountinfo",
                "40 27 0:51 / /data rw - fuse.juicefs JuiceFS:data rw,user_id=0\n");
  }
  void Waiting(const std::string& minor, const std::string& count) {
    const std::string path = "/sys/fs/fuse/connections/" + minor;
    fake_.Write(path + "/waiting", count + "\n");
    fake_.Write(path + "/congestion_threshold", "10\n");
    fake_.Write(path + "/max_background", "20\n");
  }
  Report Check() {
    for (const SourceType* source : kType.needs) source->read(fake_.host, in_);
    return kType.check(in_);
  }
  const Inputs& in() const { return in_; }

 private:
  FakeHost fake_;
  Inputs in_;
};

TEST(Fuse, IsNotSupportedWhereNothingIsMounted) {
  Machine machine;
  machine.Check();
  EXPECT_EQ(kType.supported(machine.in()).reason, "no FUSE file system is mounted");
}

TEST(Fuse, MeasuresWhatWaitsAgainstBothLimitsByTheNameOfTheMount) {
  Machine machine;
  machine.Waiting("51", "4");
  machine.Waiting("99", "1");
  const Report report = machine.Check();
  EXPECT_EQ(report.states.at(0).health, Health::kHealthy);
  const Labels data{{"device_name", "JuiceFS:data"}};
  EXPECT_EQ(SampleOf(report, "fuse_connections_congested_percent_against_threshold", data), 40);
  EXPECT_EQ(SampleOf(report, "fuse_connections_max_background_percent_against_threshold", data),
            20);
  EXPECT_EQ(SampleOf(report, "fuse_connections_waiting", {{"device_name", "0:99"}}), 1);
  EXPECT_TRUE(report.events.empty());
}

TEST(Fuse, TellsOfCongestionOnceWhenItBegins) {
  Machine machine;
  machine.Waiting("51", "10");
  const Report report = machine.Check();
  ASSERT_EQ(report.events.size(), 1u);
  EXPECT_EQ(report.events[0].name, "fuse_connections");
  EXPECT_EQ(report.events[0].message, "JuiceFS:data: 10 requests wait, congested from 10 on");
  EXPECT_EQ(report.states.at(0).health, Health::kHealthy);
  EXPECT_TRUE(machine.Check().events.empty());
  machine.Waiting("51", "0");
  EXPECT_TRUE(machine.Check().events.empty());
  machine.Waiting("51", "17");
  EXPECT_EQ(machine.Check().events.size(), 1u);
}

TEST(Fuse, IsUnknownWhenConnectionsMayNotBeRead) {
  Inputs in;
  in.Put<sysfs::FuseConnections>(Fail(ErrorCode::kPermission, "waiting: Permission denied"));
  EXPECT_TRUE(kType.supported(in).supported);
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kUnknown);
}

}  // namespace
}  // namespace gpud::fuse
