// SPDX-License-Identifier: Apache-2.0
#include "sources/nvidia/environment.h"

#include <gtest/gtest.h>

#include "testing/fake_host.h"

namespace gpud::nvidia {
namespace {

TEST(NvidiaEnvironment, NamesTheVariableAndWhereItIsSetAndNeverItsValue) {
  FakeHost fake;
  Inputs in;
  fake.Write("/etc/environment",
             "# CUDA_PROFILE=1\nexport CUDA_PROFILE=secret\nMY_CUDA_PROFILE=1\n");
  fake.Write("/proc/1/environ", std::string("PATH=/\0CUDA_AUTO_BOOST=0\0", 25));
  kEnvironment.read(fake.host, in);
  EXPECT_EQ(in.Latest<Environment>()->bad,
            (std::vector<SetVariable>{{"CUDA_PROFILE", "/etc/environment"},
                                      {"CUDA_AUTO_BOOST", "/proc/1/environ"}}));
}

}  // namespace
}  // namespace gpud::nvidia
