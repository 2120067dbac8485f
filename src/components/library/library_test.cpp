// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sources/host/libraries.h"
#include "sources/procfs/modules.h"
#include "testing/component_kit.h"

namespace gpud::library {
extern const ComponentType kType;
namespace {

Inputs Node(const std::string& cuda) {
  Inputs in;
  in.Put<procfs::Modules>(procfs::Modules{{"nvidia"}});
  in.Put<host::Libraries>(
      host::Libraries{{{"libcuda.so.1", cuda}, {"libnvidia-ml.so.1", "/usr/lib64/x.so"}}});
  return in;
}

TEST(Library, IsHealthyWhenTheDriversLibrariesAreThere) {
  const Report report = kType.check(Node("/usr/lib64/libcuda.so.1"));
  EXPECT_EQ(report.states.at(0).health, Health::kHealthy);
  EXPECT_EQ(report.states[0].extra_info.at("data"),
            R"({"resolved_libraries":["/usr/lib64/libcuda.so.1","/usr/lib64/x.so"]})");
}

TEST(Library, IsUnhealthyAndNamesWhatIsMissing) {
  const Report report = kType.check(Node(""));
  EXPECT_EQ(report.states.at(0).health, Health::kUnhealthy);
  EXPECT_EQ(report.states[0].reason, "libraries of the driver are not to be found: libcuda.so.1");
}

TEST(Library, AsksForNothingWhereTheDriverIsNotLoaded) {
  Inputs in = Node("");
  in.Put<procfs::Modules>(procfs::Modules{});
  EXPECT_EQ(kType.supported(in).reason, "module nvidia not loaded");
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kHealthy);
}

TEST(Library, IsUnknownWhenTheCacheMayNotBeRead) {
  Inputs in = Node("");
  in.Put<host::Libraries>(Fail(ErrorCode::kPermission, "/etc/ld.so.cache: no"));
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kUnknown);
}

}  // namespace
}  // namespace gpud::library
