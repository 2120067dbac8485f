// SPDX-License-Identifier: Apache-2.0
#include "sources/host/nvme_health.h"

#include <gtest/gtest.h>

#include "testing/fake_host.h"

namespace gpud::host {
namespace {

void PutNumber(std::string& log, std::size_t at, std::uint64_t value, std::size_t bytes = 8) {
  for (std::size_t i = 0; i < bytes; ++i) log[at + i] = static_cast<char>(value >> (8 * i));
}

TEST(NvmeSmart, IsReadByTheOffsetsOfTheSpecification) {
  std::string log(512, '\0');
  PutNumber(log, 0, 0x05, 1);
  PutNumber(log, 1, 318, 2);
  PutNumber(log, 3, 97, 1);
  PutNumber(log, 4, 10, 1);
  PutNumber(log, 5, 104, 1);
  PutNumber(log, 32, 1000);
  PutNumber(log, 48, 2000);
  PutNumber(log, 128, 8760);
  PutNumber(log, 144, 12);
  PutNumber(log, 160, 3);
  PutNumber(log, 192, 7, 4);
  PutNumber(log, 196, 2, 4);
  const NvmeSmart expected{.critical_warning = kNvmeSpareLow | kNvmeUnreliable,
                           .temperature_celsius = 45,
                           .spare_percent = 97,
                           .spare_threshold_percent = 10,
                           .used_percent = 104,
                           .read_bytes = 512'000'000,
                           .written_bytes = 1'024'000'000,
                           .power_on_hours = 8760,
                           .unsafe_shutdowns = 12,
                           .media_errors = 3,
                           .hot_minutes = 7,
                           .too_hot_minutes = 2};
  EXPECT_EQ(*ParseNvmeSmart(log), expected);
  PutNumber(log, 168, 1);  // the upper half of the media errors
  EXPECT_EQ(ParseNvmeSmart(log)->media_errors, ~0ull);
  PutNumber(log, 32, ~0ull);
  EXPECT_EQ(ParseNvmeSmart(log)->read_bytes, ~0ull);
  EXPECT_EQ(ParseNvmeSmart(log.substr(1)).error().code, ErrorCode::kParse);
}

TEST(NvmeHealth, AsksTheDisksOnTheBusAndNotThoseAcrossANetwork) {
  FakeHost fake;
  Inputs in;
  kNvmeHealth.read(fake.host, in);
  EXPECT_EQ(in.Latest<NvmeHealth>().error().code, ErrorCode::kUnsupported);
  fake.Write("/sys/class/nvme/nvme0/state", "live\n");
  fake.Write("/sys/class/nvme/nvme0/model", "Fast Disk\n");
  fake.Write("/sys/class/nvme/nvme1/transport", "tcp\n");
  kNvmeHealth.read(fake.host, in);
  ASSERT_TRUE(in.Latest<NvmeHealth>());
  ASSERT_EQ(in.Latest<NvmeHealth>()->controllers.size(), 1u);
  EXPECT_EQ(in.Latest<NvmeHealth>()->controllers[0].model, "Fast Disk");
  EXPECT_EQ(in.Latest<NvmeHealth>()->controllers[0].smart.error().code, ErrorCode::kNotFound);
  fake.Write("/dev/nvme0", "");  // a file knows no such command
  fake.clock.Advance(std::chrono::minutes(6));
  kNvmeHealth.read(fake.host, in);
  EXPECT_EQ(in.Latest<NvmeHealth>()->controllers[0].smart.error().code, ErrorCode::kIo);
}

TEST(NvmeHealth, AsksEveryFiveMinutesHoweverOftenItIsRead) {
  FakeHost fake;
  fake.Write("/sys/class/nvme/nvme0/state", "live\n");
  Inputs in;
  kNvmeHealth.read(fake.host, in);
  const BootTime first = in.Latest<NvmeHealth>()->asked;
  fake.clock.Advance(std::chrono::minutes(4));
  fake.Write("/sys/class/nvme/nvme0/state", "dead\n");
  kNvmeHealth.read(fake.host, in);
  EXPECT_EQ(in.Latest<NvmeHealth>()->asked, first);
  EXPECT_EQ(in.Latest<NvmeHealth>()->controllers[0].state, "dead");
  fake.clock.Advance(std::chrono::minutes(1));
  kNvmeHealth.read(fake.host, in);
  EXPECT_EQ(in.Latest<NvmeHealth>()->asked, fake.clock.Boot());
}

}  // namespace
}  // namespace gpud::host
