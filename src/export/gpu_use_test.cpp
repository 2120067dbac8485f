// SPDX-License-Identifier: Apache-2.0
#include "export/gpu_use.h"

#include <gtest/gtest.h>

namespace gpud::prometheus {
namespace {

gpu::Process With(std::uint64_t bytes) {
  gpu::Process process;
  process.bus_id = "0000:19:00.0";
  process.uid = 1000;
  process.memory_bytes = bytes;
  return process;
}

/// "kind/namespace/workload/container value", a line each.
std::string Memory(std::vector<gpu::Process> processes) {
  std::string text;
  for (const Family& family : GpuUseFamilies({.processes = std::move(processes)})) {
    for (const auto& [labels, value] : family.series) {
      text += labels.at("kind") + '/' + labels.at("namespace") + '/' + labels.at("workload") + '/' +
              labels.at("container") + ' ' + std::to_string(static_cast<int>(value)) + '\n';
    }
  }
  return text;
}

TEST(GpuUse, IsByWorkload) {
  auto pod = With(1), job = With(3), container = With(4), alice = With(8), number = With(16);
  pod.pod = procfs::Pod{.uid = "u", .name_space = "ml", .name = "train-0", .container = "main"};
  pod.container = procfs::Container{.id = "c", .runtime = "containerd"};
  job.slurm = procfs::SlurmJob{"4711", "0"};
  container.container = procfs::Container{.id = "c1", .runtime = "docker"};
  alice.user = "alice";
  EXPECT_EQ(Memory({pod, pod, job, container, alice, number}),
            "host//1000/ 16\n"
            "host//alice/ 8\n"
            "container///c1 4\n"
            "slurm//4711/ 3\n"
            "pod/ml/train-0/main 2\n");
  auto gone = With(1), nameless = With(1);
  gone.uid.reset();
  nameless.pod = procfs::Pod{.uid = "u"};
  EXPECT_EQ(Memory({gone, nameless}), "pod//u/ 1\nunknown/// 1\n");
}

TEST(GpuUse, HasABoundedNumberOfSeries) {
  std::vector<gpu::Process> many;
  for (unsigned i = 0; i < 1'000; ++i) {
    many.push_back(With(i));
    many.back().slurm = procfs::SlurmJob{std::to_string(i), ""};
  }
  const auto families = GpuUseFamilies({.processes = many});
  ASSERT_EQ(families.size(), 1U);
  EXPECT_EQ(families[0].series.size(), 33U);
  EXPECT_EQ(families[0].series[0].second, 999);
  EXPECT_EQ(families[0].series.back().first.at("kind"), "other");
  EXPECT_EQ(families[0].series.back().second, 967 * 968 / 2);
}

TEST(GpuUse, CountsTheProcessesOfEachGpuTheIdleOnesToo) {
  const gpu::Gpu busy{.gpu = 0, .uuid = "GPU-a", .bus_id = "0000:19:00.0"};
  const gpu::Gpu idle{.gpu = 1, .uuid = "GPU-b", .bus_id = "0000:20:00.0"};
  gpu::Process process = With(1);
  process.memory_bytes.reset();
  const auto families = GpuUseFamilies({.gpus = {busy, idle}, .processes = {process, process}});
  ASSERT_EQ(families.size(), 1U);
  EXPECT_EQ(families[0].type.name, "accelerator_processes");
  EXPECT_EQ(families[0].series.at(0).second, 2);
  EXPECT_EQ(families[0].series.at(1).second, 0);
  EXPECT_EQ(
      families[0].series.at(1).first,
      (Labels{{"vendor", "nvidia"}, {"gpu", "1"}, {"uuid", "GPU-b"}, {"bus_id", "0000:20:00.0"}}));
}

TEST(GpuUse, IsSilentWithoutGpus) { EXPECT_TRUE(GpuUseFamilies({}).empty()); }

}  // namespace
}  // namespace gpud::prometheus
