// SPDX-License-Identifier: Apache-2.0
#include "sources/drm/clients.h"

#include <gtest/gtest.h>

#include "testing/fake_gpus.h"

namespace gpud::drm {
namespace {

constexpr std::string_view kAmdgpu =
    "pos:\t0\nflags:\t02100002\ndrm-driver:\tamdgpu\ndrm-client-id:\t42\n"
    "drm-pdev:\t0000:03:00.0\ndrm-memory-vram:\t2048 KiB\ndrm-memory-gtt: \t1 MiB\n"
    "amd-requested-vram:\t9 KiB\ndrm-engine-gfx:\t1000 ns\ndrm-engine-compute:\t7 ns\n";
constexpr std::string_view kXe =
    "drm-driver:\txe\ndrm-client-id:\t7\ndrm-pdev:\t0000:43:00.0\ndrm-total-vram0:\t99 MiB\n"
    "drm-resident-vram0:\t64 MiB\ndrm-cycles-rcs:\t100\ndrm-total-cycles-rcs:\t1000\n"
    "drm-engine-capacity-vcs:\t2\n";

TEST(Fdinfo, TellsMemoryByRegionAndWorkByEngine) {
  const auto client = ParseFdinfo(kAmdgpu);
  ASSERT_TRUE(client);
  EXPECT_EQ(client->bus_id, "0000:03:00.0");
  EXPECT_EQ(client->id, 42u);
  EXPECT_EQ(client->memory_bytes,
            (std::map<std::string, std::uint64_t>{{"vram", 2u << 20}, {"gtt", 1u << 20}}));
  EXPECT_EQ(client->engine_ns,
            (std::map<std::string, std::uint64_t>{{"gfx", 1000}, {"compute", 7}}));
  const auto xe = ParseFdinfo(kXe);
  ASSERT_TRUE(xe);
  EXPECT_EQ(xe->memory_bytes.at("vram0"), 64u << 20);  // resident, not all that was asked for
  EXPECT_EQ(xe->engine_cycles.at("rcs"), 100u);
  EXPECT_EQ(xe->engine_total_cycles.at("rcs"), 1000u);
  EXPECT_EQ(xe->engine_capacity.at("vcs"), 2u);
  EXPECT_TRUE(xe->engine_ns.empty());
}

TEST(Fdinfo, OfOtherFilesIsNotSupportedAndRubbishIsLeftOut) {
  EXPECT_EQ(ParseFdinfo("pos:\t0\n").error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(ParseFdinfo("").error().code, ErrorCode::kUnsupported);
  const auto odd = ParseFdinfo(
      "drm-driver: xe\ndrm-pdev: 0000:43:00.0\ndrm-memory-vram: x KiB\n"
      "drm-engine-: \n:\n");
  ASSERT_TRUE(odd);
  EXPECT_TRUE(odd->memory_bytes.empty());
}

TEST(Clients, AreFoundInOnePassAndToldOnceHoweverManyShareAnOpening) {
  FakeHost fake;
  AddRadeon(fake);
  const auto open = [&](const std::string& pid, const std::string& fd, const std::string& file,
                        std::string_view info) {
    fake.Link("/proc/" + pid + "/fd/" + fd, file);
    fake.Write("/proc/" + pid + "/fdinfo/" + fd, info);
  };
  open("100", "0", "/dev/null", kXe);  // not looked at
  open("100", "5", "/dev/dri/renderD128", kAmdgpu);
  open("100", "6", "/dev/dri/renderD128", kAmdgpu);  // dup
  open("200", "5", "/dev/dri/renderD128", kAmdgpu);  // inherited
  open("200", "6", "/dev/dri/card2", kXe);
  fake.Link("/proc/300/fd/9", "/dev/dri/card0");  // closed meanwhile
  fake.Write("/proc/meminfo", "");
  Inputs in;
  kClients.read(fake.host, in);
  const auto& clients = in.Latest<Clients>();
  ASSERT_TRUE(clients) << clients.error().what;
  ASSERT_EQ(clients->clients.size(), 2u);
  EXPECT_EQ(clients->clients[0].pid, 100u);
  EXPECT_EQ(clients->clients[0].driver, "amdgpu");
  EXPECT_EQ(clients->clients[1].pid, 200u);
  EXPECT_EQ(clients->clients[1].driver, "xe");
}

TEST(Clients, AreNotLookedForWithoutAGpuOfAmdsOrIntels) {
  FakeHost fake;
  fake.Write("/proc/1/stat", "");
  Inputs in;
  kClients.read(fake.host, in);
  EXPECT_EQ(in.Latest<Clients>().error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace gpud::drm
