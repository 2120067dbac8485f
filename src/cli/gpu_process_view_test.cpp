// SPDX-License-Identifier: Apache-2.0
#include "cli/gpu_process_view.h"

#include <gtest/gtest.h>

namespace gpud::cli {
namespace {

constexpr WallTime kNow{std::chrono::seconds(1'772'352'000)};

gpu::Process OnGpu(unsigned gpu, std::uint32_t pid) {
  gpu::Process process;
  process.gpu = gpu;
  process.bus_id = "0000:0" + std::to_string(gpu) + ":00.0";
  process.pid = pid;
  process.kind = "compute";
  process.memory_bytes = 1ULL << 30;
  process.growth_mib_per_hour = 12.4;
  process.sm_percent = 87.6;
  process.start_time = kNow - std::chrono::hours(3);
  process.time = kNow - std::chrono::minutes(5);
  process.user = "alice";
  process.name = "python";
  process.command = "python train.py";
  return process;
}

gpu::Processes Both(std::vector<gpu::Process> processes) {
  gpu::Processes all;
  for (const unsigned gpu : {0U, 1U}) all.gpus.push_back(OnGpu(gpu, 0));
  all.processes = std::move(processes);
  return all;
}

TEST(GpuProcessText, IsALineForEachProcess) {
  EXPECT_EQ(
      GpuProcessText(Both({OnGpu(0, 7)}), kNow, {}),
      "GPU  PID  USER   TYPE     MEM      GROWTH     SM%  STARTED  WORKLOAD  COMMAND\n"
      "0    7    alice  compute  1.0 GiB  +12 MiB/h  88   3 h ago  -         python train.py\n");
}

TEST(GpuProcessText, ShowsWhatIsNotKnownAsADash) {
  gpu::Process process;
  process.gpu = 0;
  process.pid = 7;
  process.problem = "no such process here";
  const std::string text = GpuProcessText(Both({process}), kNow, {});
  EXPECT_NE(text.find("0    7    -     -     -    -       -    -        -         no such process"),
            std::string::npos)
      << text;
}

TEST(GpuProcessText, NamesTheWorkload) {
  const auto workload = [](auto change) {
    gpu::Process process = OnGpu(0, 7);
    change(process);
    return GpuProcessText(Both({process}), kNow, {});
  };
  const auto has = [](const std::string& text, std::string_view part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  has(workload([](auto& p) {
        p.pod = procfs::Pod{"u", "ml", "train-0", "main"};
      }),
      " ml/train-0/main ");
  has(workload([](auto& p) { p.pod = procfs::Pod{"u1-2", "", "", ""}; }), " pod u1-2 ");
  has(workload([](auto& p) { p.slurm = procfs::SlurmJob{"4711", "0"}; }), " slurm 4711.0 ");
  has(workload([](auto& p) {
        p.container = procfs::Container{"0123456789abcdef", "docker"};
      }),
      " docker 0123456789ab ");
  has(workload([](auto& p) { p.unit = "jupyter.service"; }), " jupyter.service ");
  has(workload([](auto& p) { p.command.clear(); }), " [python]\n");
  has(workload([](auto& p) { p.mig = gpu::MigPart{2, 1, "MIG-x"}; }), "GPU  MIG  PID");
}

TEST(GpuProcessText, TellsVendorsApartOnlyWhereThereAreTwo) {
  gpu::Processes all = Both({OnGpu(0, 7)});
  EXPECT_EQ(GpuProcessText(all, kNow, {}).find("nvidia"), std::string::npos);
  all.gpus[1].vendor = gpu::Vendor::kAmd;
  EXPECT_NE(GpuProcessText(all, kNow, {}).find("\nnvidia 0 "), std::string::npos);
}

TEST(GpuProcessText, SaysWhatKeepsItFromBeingWhole) {
  gpu::Processes all = Both({OnGpu(1, 7)});
  all.left_out = 3;
  all.problems = {{gpu::Vendor::kNvidia, "0000:01:00.0", "GPU is lost"},
                  {gpu::Vendor::kAmd, "", "no answer"}};
  const std::string text = GpuProcessText(all, kNow, {});
  EXPECT_TRUE(
      text.ends_with("3 more are not shown\n"
                     "✘ GPU 1: GPU is lost; shown as of 5 min ago\n"
                     "✘ the GPUs of amd: no answer\n"))
      << text;
}

TEST(GpuProcessText, SaysWhenThereIsNothing) {
  EXPECT_EQ(GpuProcessText(Both({}), kNow, {}), "no process uses a GPU\n");
  EXPECT_EQ(GpuProcessText({}, kNow, {}), "no GPU here\n");
  gpu::Processes all;
  all.problems = {{.what = "no answer"}};
  EXPECT_EQ(GpuProcessText(all, kNow, {}), "✘ the GPUs: no answer\n");
}

TEST(SortProcesses, PutsTheGreatestFirst) {
  auto a = OnGpu(0, 1), b = OnGpu(0, 2), c = OnGpu(0, 3);
  a.memory_bytes.reset();
  b.memory_bytes = 5;
  c.memory_bytes = 6;
  b.user = "adam";
  c.growth_mib_per_hour.reset();
  a.start_time = kNow;
  const auto order = [&](std::string_view by) {
    std::vector<gpu::Process> all = {a, b, c};
    SortProcesses(by, all);
    std::string pids;
    for (const auto& process : all) pids += std::to_string(process.pid);
    return pids;
  };
  EXPECT_EQ(order("gpu"), "123");
  EXPECT_EQ(order("memory"), "321");
  EXPECT_EQ(order("user"), "213");
  EXPECT_EQ(order("growth"), "123");
  EXPECT_EQ(order("started"), "123");
  EXPECT_EQ(order("pid"), "123");
}

}  // namespace
}  // namespace gpud::cli
