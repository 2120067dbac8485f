// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "server/fake_backend.h"

namespace gpud::server {
namespace {

class GpuProcessesRoute : public testing::Test {
 protected:
  GpuProcessesRoute() {
    const gpu::Gpu first{.gpu = 0, .uuid = "GPU-a", .bus_id = "0000:19:00.0"};
    const gpu::Gpu second{.gpu = 1, .uuid = "GPU-b", .bus_id = "0000:20:00.0"};
    backend.gpu_processes.gpus = {first, second};
    for (const std::uint32_t pid : {7U, 8U}) {
      gpu::Process process;
      static_cast<gpu::Gpu&>(process) = pid == 7 ? first : second;
      process.pid = pid;
      process.kind = "compute";
      process.memory_bytes = 1024;
      process.command = "python";
      process.time = At("2026-03-01T08:00:00Z");
      if (pid == 8) process.mig = gpu::MigPart{1, 0, "MIG-c"};
      backend.gpu_processes.processes.push_back(process);
    }
  }
  /// The pids and how many GPUs.
  std::string Told(std::string_view target) {
    const auto answer = FromJsonText<gpu::Processes>(client.Get(target).body);
    if (client.last().status != 200 || !answer) return std::to_string(client.last().status);
    std::string pids;
    for (const gpu::Process& process : answer->processes) pids += std::to_string(process.pid) + ' ';
    return pids + "of " + std::to_string(answer->gpus.size());
  }

  FakeBackend backend;
  FakeClient client{backend};
};

TEST_F(GpuProcessesRoute, GivesAllOfThem) {
  EXPECT_EQ(Told("/v1/gpu/processes"), "7 8 of 2");
  EXPECT_NE(client.last().body.find(
                R"({"vendor":"nvidia","gpu":0,"uuid":"GPU-a","bus_id":"0000:19:00.0",)"
                R"("kind":"compute","memory_bytes":1024,"time":"2026-03-01T08:00:00Z","pid":7,)"
                R"("command":"python","start_time":null})"),
            std::string::npos)
      << client.last().body;
}

TEST_F(GpuProcessesRoute, GivesThoseOfOneGpuByAnyOfItsNames) {
  EXPECT_EQ(Told("/v1/gpu/processes?gpu=0"), "7 of 1");
  EXPECT_EQ(Told("/v1/gpu/processes?gpu=GPU-b"), "8 of 1");
  EXPECT_EQ(Told("/v1/gpu/processes?gpu=0000:20:00.0"), "8 of 1");
  EXPECT_EQ(Told("/v1/gpu/processes?gpu=MIG-c"), "8 of 1");
  EXPECT_EQ(Told("/v1/gpu/processes?gpu=2"), "404");
  EXPECT_NE(client.last().body.find("no such GPU: 2"), std::string::npos);
  EXPECT_EQ(Told("/v1/gpu/processes?gpu="), "7 8 of 2");
}

TEST_F(GpuProcessesRoute, IsEmptyWithoutGpus) {
  backend.gpu_processes = {};
  EXPECT_EQ(client.Get("/v1/gpu/processes").body, R"({"gpus":[],"processes":[]})");
}

}  // namespace
}  // namespace gpud::server
