// SPDX-License-Identifier: Apache-2.0
#include "sources/host/pstore.h"

#include <gtest/gtest.h>

#include "testing/fake_host.h"

namespace gpud::host {
namespace {

TEST(Pstore, FindsThePanicInASavedLog) {
  EXPECT_EQ(
      PanicIn("Panic#1 Part1\n<0>[   12.3] Kernel panic - not syncing: Fatal exception\n<0>x"),
      "Kernel panic - not syncing: Fatal exception");
  EXPECT_EQ(PanicIn("Oops#1 Part1\n<6>[    1.0] all well\n"), "");
}

TEST(Pstore, ReadsBothFoldersAndOnlyLogs) {
  FakeHost fake;
  fake.Write("/sys/fs/pstore/dmesg-efi-170000000001001", "Kernel panic - not syncing: a\n");
  fake.Write("/sys/fs/pstore/pmsg-ramoops-0", "Kernel panic - not syncing: b\n");
  fake.Write("/var/lib/systemd/pstore/1700000000/dmesg.txt", "Kernel panic - not syncing: c\n");
  fake.Write("/var/lib/systemd/pstore/1700000001/dmesg.txt", "shut down\n");
  Inputs in;
  kPstore.read(fake.host, in);
  const auto& pstore = in.Latest<Pstore>();
  ASSERT_TRUE(pstore) << pstore.error().what;
  ASSERT_EQ(pstore->panics.size(), 2u);
  std::string reasons = pstore->panics[0].reason + pstore->panics[1].reason;
  EXPECT_NE(reasons.find(": a"), std::string::npos);
  EXPECT_NE(reasons.find(": c"), std::string::npos);
  EXPECT_GT(pstore->panics[0].modified_unix_seconds, 0);
  EXPECT_TRUE(pstore->unreadable.empty());
}

TEST(Pstore, NamesAFileThatCannotBeRead) {
  FakeHost fake;
  fake.Write("/sys/fs/pstore/dmesg-erst-1", std::string((1 << 20) + 1, 'x'));
  Inputs in;
  kPstore.read(fake.host, in);
  ASSERT_TRUE(in.Latest<Pstore>());
  ASSERT_EQ(in.Latest<Pstore>()->unreadable.size(), 1u);
}

TEST(Pstore, IsAbsentWhereThereIsNeitherFolder) {
  FakeHost fake;
  Inputs in;
  kPstore.read(fake.host, in);
  EXPECT_EQ(in.Latest<Pstore>().error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace gpud::host
