// SPDX-License-Identifier: Apache-2.0
#include "daemon/data_dir.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "testing/fake_host.h"

namespace gpud::daemon {
namespace {

TEST(DataDir, IsMadeWithItsParentsAndRefusesASecondDaemon) {
  FakeHost fake;
  const std::string path = fake.Path("/a/b/gpud");
  {
    const auto first = OpenDataDir(path);
    ASSERT_TRUE(first);
    const auto second = OpenDataDir(path);
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().what.find("pid " + std::to_string(getpid())), std::string::npos);
  }
  EXPECT_TRUE(OpenDataDir(path));
}

TEST(DataDir, NobodyElseCanTakeItsLock) {
  FakeHost fake;
  fake.Write("/gpud.lock", "1\n");
  const std::string file = fake.Path("/gpud.lock");
  chmod(file.c_str(), 0644);  // as an earlier gpud left it
  const auto lock = OpenDataDir(fake.Path("/"));
  ASSERT_TRUE(lock);
  struct stat found {};
  ASSERT_EQ(stat(file.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST(ApiToken, IsMadeOnceForItsOwnerAloneAndKept) {
  FakeHost fake;
  const std::string path = fake.Path("/api-token");
  const auto token = LoadApiToken(path);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->size(), 64u);
  struct stat file {};
  ASSERT_EQ(stat(path.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
  EXPECT_EQ(LoadApiToken(path), token);
}

TEST(ApiToken, OneThatOthersMayReadIsRefusedWithTheMend) {
  FakeHost fake;
  fake.Write("/api-token", "0123456789abcdef0123456789abcdef\n");
  const std::string path = fake.Path("/api-token");
  chmod(path.c_str(), 0644);
  EXPECT_NE(LoadApiToken(path).error().what.find("chmod 600 " + path), std::string::npos);
  chmod(path.c_str(), 0600);
  EXPECT_TRUE(LoadApiToken(path));
  fake.Write("/api-token", "\n");
  EXPECT_FALSE(LoadApiToken(path));
}

}  // namespace
}  // namespace gpud::daemon
