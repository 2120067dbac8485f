// SPDX-License-Identifier: Apache-2.0
#include "sources/nvidia/software.h"

#include <gtest/gtest.h>

#include "testing/fake_host.h"

namespace gpud::nvidia {
namespace {

TEST(NvidiaSoftware, IsReadFromTheHostsFiles) {
  FakeHost fake;
  Inputs in;
  fake.Write("/sys/module/nvidia/version", "575.57.08\n");
  fake.Write("/usr/local/cuda/version.json", R"({"cuda":{"name":"CUDA SDK","version":"12.4.1"}})");
  fake.Write("/sys/module/ib_core/holders/nvidia_peermem/x", "");
  fake.Write("/var/log/fabricmanager.log",
             "[Feb 29 2024 23:59:58] [ERROR] [tid 9] detected NVSwitch fatal error 12028 on 3\n"
             "[Feb 29 2024 23:59:59] [INFO] [tid 9] all is well\n");
  kSoftware.read(fake.host, in);
  const auto& software = in.Latest<Software>();
  ASSERT_TRUE(software);
  EXPECT_EQ(software->module_version, "575.57.08");
  EXPECT_EQ(software->toolkit_version, "12.4.1");
  EXPECT_TRUE(software->peermem_in_use);
  EXPECT_EQ(software->fabric_manager,
            (std::vector<FabricManagerLine>{
                {WallTime(std::chrono::seconds(1'709'251'198)),
                 "[ERROR] [tid 9] detected NVSwitch fatal error 12028 on 3"}}));
}

TEST(NvidiaSoftware, IsAnErrorForEachVersionThatIsNotThere) {
  FakeHost empty;
  Inputs in;
  kSoftware.read(empty.host, in);
  const auto& software = in.Latest<Software>();
  EXPECT_EQ(software->module_version.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(software->toolkit_version.error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(software->peermem_in_use);
}

TEST(FabricManagerLog, SkipsLinesThatHaveNoTime) {
  EXPECT_TRUE(ParseFabricManagerLog("detected NVSwitch fatal error 1\n"
                                    "[Foo 01 2024 00:00:00] NVSwitch fatal error 1\n"
                                    "[Feb 30 2024 00:00:00] NVSwitch fatal error 1\n"
                                    "[Feb 01 2024 25:00:00] NVSwitch fatal error 1\n[")
                  .empty());
}

}  // namespace
}  // namespace gpud::nvidia
