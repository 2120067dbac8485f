// SPDX-License-Identifier: Apache-2.0
#include "sources/gpu/processes.h"

#include <gtest/gtest.h>

#include "sources/amdgpu/gpus.h"
#include "sources/drm/clients.h"
#include "sources/gpu/vendors.h"
#include "sources/nvml/devices.h"
#include "sources/nvml/processes.h"
#include "testing/fake_host.h"

namespace gpud::gpu {
namespace {

constexpr std::uint64_t kMib = 1 << 20;

nvml::GpuProcess OnNvidia(std::uint32_t pid, std::string kind, std::uint64_t mib) {
  nvml::GpuProcess process{.pid = pid, .kind = std::move(kind)};
  process.memory_bytes = mib * kMib;
  return process;
}

nvml::Processes OneGpu(std::vector<nvml::GpuProcess> processes) {
  nvml::Processes all;
  all.gpus.push_back({.index = 0, .uuid = "GPU-a", .bus_id = "0000:19:00.0"});
  all.gpus.back().processes = std::move(processes);
  return all;
}

/// The gpu lane's process: it keeps what it has read.
class GpuProcesses : public testing::Test {
 protected:
  const Processes& Read() {
    in.SetNow(host.clock.boot, host.clock.wall);
    kProcesses.read(host.host, in);
    return *in.Latest<Processes>();
  }
  template <class T>
  void Put(Result<T> snapshot) {
    in.SetNow(host.clock.boot, host.clock.wall);
    in.Put<T>(std::move(snapshot));
  }
  void Start(std::uint32_t pid, std::uint64_t ticks) {
    const std::string id = std::to_string(pid);
    host.Write("/proc/" + id + "/stat", id + " (python) S 1 0 0 0 0 0 0 0 0 0 10 5 0 0 20 0 1 0 " +
                                            std::to_string(ticks) + " 0 0\n");
  }

  FakeHost host;
  Inputs in;
};

TEST_F(GpuProcesses, OfNvidiaHaveTheirOwners) {
  auto processes = OneGpu({OnNvidia(7, "compute", 100), OnNvidia(5, "graphics", 1)});
  processes.session.simulated = "train";
  (*processes.gpus[0].processes)[0].sm_percent = 90.0;
  Put<nvml::Processes>(processes);
  Start(7, 100);
  const Processes all = Read();
  ASSERT_EQ(all.processes.size(), 2U);
  EXPECT_EQ(all.processes[0].pid, 5U);  // by pid
  EXPECT_NE(all.processes[0].problem, "");
  const Process& seven = all.processes[1];
  EXPECT_EQ(seven.name, "python");
  EXPECT_EQ(seven.problem, "");
  EXPECT_EQ(seven.memory_bytes, 100 * kMib);
  EXPECT_EQ(seven.sm_percent, 90.0);
  EXPECT_EQ(seven.uuid, "GPU-a");
  EXPECT_EQ(seven.gpu, 0U);
  EXPECT_EQ(seven.time, host.clock.wall);
  EXPECT_EQ(all.simulated, "train");
  EXPECT_TRUE(all.problems.empty());
}

TEST_F(GpuProcesses, ThatComputeAndDrawAreOne) {
  Put<nvml::Processes>(OneGpu({OnNvidia(7, "compute", 100), OnNvidia(7, "graphics", 100)}));
  const Processes& all = Read();
  ASSERT_EQ(all.processes.size(), 1U);
  EXPECT_EQ(all.processes[0].kind, "compute+graphics");
  EXPECT_EQ(all.processes[0].memory_bytes, 100 * kMib);
}

TEST_F(GpuProcesses, OfPartsAreApartAndNamed) {
  auto first = OnNvidia(7, "compute", 1), second = OnNvidia(7, "compute", 2);
  first.gpu_instance = second.gpu_instance = 3;
  first.compute_instance = 0;
  second.compute_instance = 1;
  Put<nvml::Processes>(OneGpu({second, first}));
  nvml::Devices devices;
  devices.devices.emplace_back();
  devices.devices[0].bus_id = "0000:19:00.0";
  devices.devices[0].minor_number = 4;
  devices.devices[0].mig_instances =
      std::vector<nvml::MigInstance>{{.uuid = "MIG-x", .gpu_instance = 3, .compute_instance = 1}};
  Put<nvml::Devices>(devices);
  const Processes& all = Read();
  ASSERT_EQ(all.processes.size(), 2U);
  EXPECT_EQ(all.processes[0].mig, (MigPart{3, 0, ""}));
  EXPECT_EQ(all.processes[1].mig, (MigPart{3, 1, "MIG-x"}));
  EXPECT_EQ(all.processes[1].minor, 4U);
}

TEST_F(GpuProcesses, WhoseMemoryTheDriverCannotTellHaveNone) {
  auto process = OnNvidia(7, "compute", 0);
  process.memory_bytes = Fail(ErrorCode::kUnsupported, "not supported");
  Put<nvml::Processes>(OneGpu({process}));
  EXPECT_FALSE(Read().processes.at(0).memory_bytes.has_value());
}

TEST_F(GpuProcesses, GrowAsTheSameProcessOnly) {
  for (unsigned minute = 0; minute < 8; ++minute) {
    if (minute == 0) Start(7, 100);
    Put<nvml::Processes>(OneGpu({OnNvidia(7, "compute", 100 + minute)}));
    const auto growth = Read().processes.at(0).growth_mib_per_hour;
    EXPECT_EQ(growth.has_value(), minute >= 4) << minute;
    EXPECT_DOUBLE_EQ(growth.value_or(60.0), 60.0);
    host.clock.Advance(std::chrono::minutes(1));
  }
  Start(7, 200);  // another with that pid
  Put<nvml::Processes>(OneGpu({OnNvidia(7, "compute", 1)}));
  EXPECT_FALSE(Read().processes.at(0).growth_mib_per_hour.has_value());
}

TEST_F(GpuProcesses, AreAProblemWhereTheDriverFailsAndNothingWhereThereIsNone) {
  Put<nvml::Processes>(Fail(ErrorCode::kUnsupported, "no library"));
  EXPECT_TRUE(Read().problems.empty());
  Put<nvml::Processes>(Fail(ErrorCode::kTimeout, "no answer"));
  ASSERT_EQ(Read().problems.size(), 1U);
  EXPECT_EQ(Read().problems[0].what, "no answer");
  auto lost = OneGpu({});
  lost.gpus[0].processes = Fail(ErrorCode::kDeviceLost, "GPU is lost");
  Put<nvml::Processes>(lost);
  EXPECT_EQ(Read().problems.at(0).bus_id, "0000:19:00.0");
  EXPECT_TRUE(Read().gpus.empty());
}

TEST_F(GpuProcesses, AreBounded) {
  std::vector<nvml::GpuProcess> many;
  for (std::uint32_t pid = 1; pid <= kMostProcesses + 5; ++pid) {
    many.push_back(OnNvidia(pid, "compute", 1));
  }
  Put<nvml::Processes>(OneGpu(many));
  const Processes& all = Read();
  EXPECT_EQ(all.processes.size(), kMostProcesses);
  EXPECT_EQ(all.left_out, 5U);
}

TEST_F(GpuProcesses, CrossThePipe) {
  Start(7, 100);
  Put<nvml::Processes>(OneGpu({OnNvidia(7, "compute", 100)}));
  Read();
  const Snapshot* snapshot = in.Find(kProcesses.snapshot);
  const auto there =
      kProcesses.snapshot->decode(kProcesses.snapshot->encode(snapshot->result.get()));
  ASSERT_TRUE(there);
  const auto& process = (*static_cast<const Result<Processes>*>(there.get()))->processes.at(0);
  EXPECT_EQ(process.pid, 7U);
  EXPECT_EQ(process.name, "python");
  EXPECT_EQ(process.uuid, "GPU-a");
  EXPECT_EQ(process.memory_bytes, 100 * kMib);
}

class DrmProcesses : public testing::Test {
 protected:
  static drm::Client Client(std::uint32_t pid, std::uint64_t id, std::uint64_t vram,
                            std::uint64_t gfx_ns) {
    drm::Client client{.pid = pid, .id = id, .bus_id = "0000:c1:00.0", .driver = "amdgpu"};
    client.memory_bytes = {{"vram", vram}, {"gtt", 5}};
    client.engine_ns = {{"gfx", gfx_ns}, {"compute", 0}};
    return client;
  }
  void Put(std::vector<drm::Client> clients) {
    in.SetNow(now, {});
    in.Put<drm::Clients>(drm::Clients{.clients = std::move(clients)});
    now += std::chrono::seconds(1);
  }
  Processes List() {
    Processes all;
    AddDrm(in, gpus, all);
    return all;
  }

  std::vector<Gpu> gpus = {
      {.vendor = Vendor::kAmd, .gpu = 1, .minor = 2, .bus_id = "0000:c1:00.0"}};
  Inputs in;
  BootTime now{std::chrono::seconds(100)};
};

TEST_F(DrmProcesses, AreOneForAllTheirOpenings) {
  Put({Client(7, 1, 10, 0), Client(7, 2, 20, 5), Client(8, 3, 1, 0)});
  const Processes all = List();
  ASSERT_EQ(all.processes.size(), 2U);
  EXPECT_EQ(all.processes[0].memory_bytes, 30U);
  EXPECT_EQ(all.processes[0].kind, "graphics");
  EXPECT_EQ(all.processes[0].vendor, Vendor::kAmd);
  EXPECT_EQ(all.processes[0].gpu, 1U);
  EXPECT_EQ(all.processes[1].kind, "");
  EXPECT_FALSE(all.processes[0].sm_percent.has_value());
  EXPECT_EQ(all.gpus, gpus);
}

TEST_F(DrmProcesses, AreAsBusyAsTheirBusiestEngine) {
  Put({Client(7, 1, 10, 0), Client(7, 2, 20, 0)});
  Put({Client(7, 1, 10, 250'000'000), Client(7, 2, 20, 500'000'000), Client(7, 9, 0, 1)});
  EXPECT_DOUBLE_EQ(List().processes[0].sm_percent.value(), 75.0);
}

TEST_F(DrmProcesses, OfXeAreCountedInCycles) {
  drm::Client client{.pid = 7, .id = 1, .bus_id = "0000:c1:00.0", .driver = "xe"};
  client.memory_bytes = {{"vram0", 10}, {"system", 99}};
  client.engine_cycles = {{"ccs", 100}};
  client.engine_total_cycles = {{"ccs", 1'000}};
  client.engine_capacity = {{"ccs", 2}};
  Put({client});
  client.engine_cycles = {{"ccs", 600}};
  client.engine_total_cycles = {{"ccs", 2'000}};
  Put({client});
  const Processes all = List();
  EXPECT_DOUBLE_EQ(all.processes.at(0).sm_percent.value(), 25.0);
  EXPECT_EQ(all.processes[0].kind, "compute");
  EXPECT_EQ(all.processes[0].memory_bytes, 10U);
}

TEST_F(DrmProcesses, OfKfdAreAdded) {
  Put({Client(7, 1, 10, 0)});
  amdgpu::Gpus amd;
  amd.gpus.emplace_back().base.bus_id = "0000:c1:00.0";
  amd.gpus[0].processes = std::vector<amdgpu::ComputeProcess>{{.pid = 7, .memory_bytes = 30},
                                                              {.pid = 9, .memory_bytes = 5}};
  in.Put<amdgpu::Gpus>(amd);
  const Processes all = List();
  ASSERT_EQ(all.processes.size(), 2U);
  EXPECT_EQ(all.processes[0].memory_bytes, 30U);  // not 40: both tell the whole
  EXPECT_EQ(all.processes[0].kind, "compute");
  EXPECT_EQ(all.processes[1].pid, 9U);
  EXPECT_EQ(all.processes[1].minor, 2U);
}

TEST_F(DrmProcesses, ThatCannotBeReadAreAProblemOfThoseWhoAreThere) {
  in.Put<drm::Clients>(Fail(ErrorCode::kTimeout, "no answer"));
  ASSERT_EQ(List().problems.size(), 1U);
  EXPECT_EQ(List().problems[0].vendor, Vendor::kAmd);
  gpus.clear();
  EXPECT_TRUE(List().problems.empty());
}

TEST_F(DrmProcesses, OfOthersNeedRoot) {
  in.Put<drm::Clients>(drm::Clients{.clients = {}, .hidden_processes = 3});
  EXPECT_NE(List().problems.at(0).what.find("3 processes"), std::string::npos);
}

}  // namespace
}  // namespace gpud::gpu
