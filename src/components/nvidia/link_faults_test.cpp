// SPDX-License-Identifier: Apache-2.0
// What each component finds wrong with links, partitions and software, and what it must not.
#include <gtest/gtest.h>

#include "components/nvidia/gpu_rig.h"
#include "components/settings.h"
#include "sources/nvidia/environment.h"
#include "sources/nvidia/software.h"
#include "sources/procfs/meminfo.h"
#include "sources/procfs/processes.h"
#include "sources/sysfs/pci.h"
#include "testing/component_kit.h"

namespace gpud {
// clang-format off
namespace nvidia_bad_envs { extern const ComponentType kType; }
namespace nvidia_driver { extern const ComponentType kType; }
namespace nvidia_fabric_manager { extern const ComponentType kType; }
namespace nvidia_gpm { extern const ComponentType kType; }
namespace nvidia_gsp_firmware { extern const ComponentType kType; }
namespace nvidia_imex { extern const ComponentType kType; }
namespace nvidia_memory { extern const ComponentType kType; }
namespace nvidia_mig { extern const ComponentType kType; }
namespace nvidia_mps { extern const ComponentType kType; }
namespace nvidia_nvlink { extern const ComponentType kType; }
namespace nvidia_processes { extern const ComponentType kType; }
namespace nvidia_topology { extern const ComponentType kType; }
namespace nvidia_xid { extern const ComponentType kType; }
// clang-format on

namespace nvidia {
namespace {

TEST(Nvlink, FindsAGpuWithFewerLinksThanTheOthersOfTheSwitch) {
  GpuRig rig;
  rig.Put();
  (*rig.errors.gpus[1].links)[4].active = false;
  const Report report = nvidia_nvlink::kType.check(rig.Put());
  EXPECT_EQ(report.states[0].health, Health::kDegraded);
  EXPECT_EQ(report.events.at(0).name, "nvlink_link_down");
  EXPECT_EQ(SampleOf(report, "accelerator_nvidia_nvlink_feature_enabled", {{"uuid", "GPU-1"}}), 0);
  EXPECT_EQ(SampleOf(report, "accelerator_nvidia_nvlink_feature_enabled", {{"uuid", "GPU-0"}}), 1);
}

TEST(Nvlink, LeavesBridgesAloneAndHoldsWhatTheSiteWants) {
  GpuRig rig;
  for (std::size_t i = 0; i < kGpus; ++i) {
    for (nvml::Link& link : *rig.errors.gpus[i].links) {
      link.remote_type = std::string("gpu");
      link.active = i < 2;  // one bridge, between two of eight
    }
    rig.devices.devices[i].fabric = tl::unexpected<Error>(kNone);
  }
  EXPECT_EQ(rig.Check(nvidia_nvlink::kType).states[0].health, Health::kHealthy);
  rig.in.Put<Settings>(Settings{
      {{"accelerator-nvidia-nvlink", R"({"at_least_gpus_with_all_links_feature_enabled":8})"}}});
  EXPECT_EQ(Told(rig.Check(nvidia_nvlink::kType)),
            "Unhealthy: 2 GPUs have all NVLinks up, wanted 8");
}

TEST(FabricManager, FindsAGpuThatHasNotJoinedAndADaemonThatDoesNotRun) {
  GpuRig rig;
  rig.devices.devices[1].fabric = nvml::Fabric{.state = 2};
  EXPECT_EQ(Told(rig.Check(nvidia_fabric_manager::kType)),
            "Unhealthy: " + kGpu1 + "has an unhealthy fabric: state=In Progress");
  rig.devices.devices[1].fabric = nvml::Fabric{.state = 3, .health_mask = 0xa9};
  EXPECT_EQ(Told(rig.Check(nvidia_fabric_manager::kType)),
            "Unhealthy: " + kGpu1 + "has an unhealthy fabric: bandwidth degraded");
  rig.devices.devices[1].fabric = rig.devices.devices[0].fabric;
  rig.in.Put<sysfs::PciDevices>(
      sysfs::PciDevices{{{"0000:05:00.0", sysfs::kNvidiaVendor, 0x068000}}});
  rig.in.Put<procfs::Processes>(procfs::Processes{.total = 300});
  EXPECT_EQ(rig.Check(nvidia_fabric_manager::kType).states[0].health, Health::kHealthy)
      << "in a pid namespace of its own it cannot know";
  rig.in.Put<procfs::Processes>(procfs::Processes{.total = 300, .idle = 100});
  EXPECT_EQ(Told(rig.Check(nvidia_fabric_manager::kType)),
            "Unhealthy: the Fabric Manager does not run");
  rig.in.Put<nvidia::Software>(Software{.fabric_manager = {{WallTime(), "NV_WARN_NOTHING_TO_DO"}}});
  EXPECT_EQ(rig.Check(nvidia_fabric_manager::kType).states[0].health, Health::kHealthy);
}

TEST(FabricManager, TellsALineOfItsLogOnce) {
  GpuRig rig;
  const std::string text = "[ERROR] [tid 9] detected NVSwitch fatal error 12028 on device 3";
  rig.in.Put<nvidia::Software>(
      Software{.fabric_manager = {{rig.Put().Now() - std::chrono::minutes(5), text}}});
  const Report report = nvidia_fabric_manager::kType.check(rig.in);
  EXPECT_EQ(report.events.at(0).name, "fabricmanager_nvswitch_fatal_error");
  EXPECT_EQ(report.states[0].health, Health::kDegraded);
  rig.Hear(report.events);
  EXPECT_TRUE(nvidia_fabric_manager::kType.check(rig.in).events.empty());
}

TEST(Mig, ShowsInstancesAndTheModeToCome) {
  GpuRig rig;
  rig.devices.devices[1].mig = true;
  nvml::MigInstance part{.uuid = "MIG-1", .gpu_instance = 7, .profile = "1g.10gb"};
  part.memory_used_bytes = std::uint64_t{5};
  rig.devices.devices[1].mig_instances = std::vector<nvml::MigInstance>{part};
  rig.processes.gpus[1].processes->front().gpu_instance = 7;
  const Report report = rig.Check(nvidia_mig::kType);
  EXPECT_EQ(SampleOf(report, "accelerator_nvidia_mig_processes",
                     {{"uuid", "GPU-1"},
                      {"mig_uuid", "MIG-1"},
                      {"profile", "1g.10gb"},
                      {"gpu_instance", "7"},
                      {"compute_instance", "0"}}),
            1);
  EXPECT_NE(report.states[0].reason.find("MIG mode goes off"), std::string::npos);
}

TEST(Mig, IsNotSupportedWhereNoBoardHasIt) {
  GpuRig rig;
  for (nvml::Device& device : rig.devices.devices) device.mig = tl::unexpected<Error>(kNone);
  EXPECT_FALSE(nvidia_mig::kType.supported(rig.Put()).supported);
}

TEST(Gpm, IsNotSupportedBeforeHopperAndGivesSharesFromThen) {
  GpuRig rig;
  EXPECT_EQ(SampleOf(rig.Check(nvidia_gpm::kType),
                     "accelerator_nvidia_gpm_gpu_any_tensor_util_percent", {{"uuid", "GPU-1"}}),
            55);
  for (nvml::GpuActivity& gpu : rig.activity.gpus) gpu.gpm = tl::unexpected<Error>(kNone);
  EXPECT_FALSE(nvidia_gpm::kType.supported(rig.Put()).supported);
}

TEST(Memory, IsTheMachinesWhereTheGpuHasNone) {
  GpuRig rig;
  rig.in.Put<procfs::Meminfo>(procfs::Meminfo{.total_bytes = 1000, .available_bytes = 250});
  rig.activity.gpus[1].memory_total_bytes = tl::unexpected<Error>(kNone);
  EXPECT_EQ(SampleOf(rig.Check(nvidia_memory::kType), "accelerator_nvidia_memory_used_percent",
                     {{"uuid", "GPU-1"}}),
            75);
}

TEST(GspFirmware, MustNotBeOffOnOneGpuOfSeveral) {
  GpuRig rig;
  rig.devices.devices[1].gsp_enabled = false;
  EXPECT_EQ(rig.Check(nvidia_gsp_firmware::kType).states[0].health, Health::kDegraded);
  for (nvml::Device& device : rig.devices.devices) device.gsp_enabled = false;
  EXPECT_EQ(rig.Check(nvidia_gsp_firmware::kType).states[0].health, Health::kHealthy);
}

TEST(Imex, FindsCliquesThatDifferAndIsSilentWithoutACluster) {
  GpuRig rig;
  EXPECT_FALSE(nvidia_imex::kType.supported(rig.Put()).supported);
  for (std::size_t i = 0; i < kGpus; ++i) {
    rig.devices.devices[i].fabric =
        nvml::Fabric{.state = 3, .cluster_uuid = "c", .clique_id = i == 1 ? 2u : 1u};
  }
  EXPECT_EQ(rig.Check(nvidia_imex::kType).states[0].health, Health::kDegraded);
}

TEST(Processes, AreCountedWithoutThoseThatOnlyDraw) {
  GpuRig rig;
  rig.processes.gpus[1].processes->push_back({.pid = 1, .kind = "graphics"});
  EXPECT_EQ(SampleOf(rig.Check(nvidia_processes::kType),
                     "accelerator_nvidia_processes_running_total", {{"uuid", "GPU-1"}}),
            1);
}

TEST(Mps, IsSupportedWhereItRuns) {
  GpuRig rig;
  rig.Break(3, kLost);
  EXPECT_FALSE(nvidia_mps::kType.supported(rig.Put()).supported);
  rig.processes.gpus[1].processes->front().kind = "mps";
  EXPECT_TRUE(nvidia_mps::kType.supported(rig.Put()).supported);
}

TEST(Topology, NamesTheNearestCard) {
  GpuRig rig;
  const std::string port = "pci0000:15/0000:15:01.0/0000:16:00.0/";
  rig.in.Put<sysfs::PciDevices>(sysfs::PciDevices{{
      {BusId(1), sysfs::kNvidiaVendor, 0x030200, "nvidia", 0, port + "0000:17:00.0/" + BusId(1)},
      {"0000:1a:00.0", 0x15b3, 0x020700, "mlx5_core", 0, port + "0000:17:01.0/0000:1a:00.0"},
      {"0000:1b:00.0", 0x15b3, 0x020000, "mlx5_core", 1, "pci0000:80/0000:80:01.0/0000:1b:00.0"},
  }});
  const std::string data = rig.Check(nvidia_topology::kType).states[0].extra_info.at("data");
  EXPECT_NE(data.find(R"("nearest_network_cards":["0000:1a:00.0"],"way":"PIX")"), std::string::npos)
      << data;
}

TEST(BadEnvs, AreDegradedByAVariableThatIsSetForAll) {
  Inputs in;
  in.Put<Environment>(Environment{{{"CUDA_PROFILE", "/etc/environment"}}});
  EXPECT_EQ(Told(nvidia_bad_envs::kType.check(in)),
            "Degraded: variables that slow or stop CUDA programs are set for all: CUDA_PROFILE "
            "(/etc/environment)");
  in.Put<Environment>(Environment{});
  EXPECT_EQ(nvidia_bad_envs::kType.check(in).states[0].health, Health::kHealthy);
}

TEST(Driver, TellsOfALibraryThatDoesNotFitAndOfOneThatDoesNotAnswer) {
  GpuRig rig;
  EXPECT_EQ(nvidia_driver::kType.check(rig.Put()).states[0].health, Health::kHealthy);
  rig.Hear(Match(nvidia_driver::kType, {"NVRM: API mismatch: the client has the version 580.1"}));
  rig.Fail({ErrorCode::kIo, "mismatch", nvml::kVersionMismatch});
  EXPECT_EQ(Told(nvidia_driver::kType.check(rig.in)),
            "Unhealthy: the driver's library and its kernel module are of different versions");
  rig.Hear({});
  rig.Fail({ErrorCode::kTimeout, "no answer", 0});
  EXPECT_EQ(nvidia_driver::kType.check(rig.in).states[0].health, Health::kUnknown);
}

TEST(Xid, NamesTheGpuAndLeavesRowsToTheComponentThatSeesThem) {
  GpuRig rig;
  auto events = Match(nvidia_xid::kType,
                      {"NVRM: Xid (PCI:0000:11:00): 79, x", "NVRM: Xid (PCI:0000:12:00): 64, x"});
  rig.Put();
  for (Event& event : events) event.time = rig.in.Now() - std::chrono::minutes(1);
  rig.Hear({events.rbegin(), events.rend()});
  const Report report = nvidia_xid::kType.check(rig.in);
  EXPECT_EQ(Told(report), "Unhealthy: Xid 79 on GPU 1 (0000:11:00.0, GPU-1)");
  EXPECT_EQ(
      SampleOf(report, "accelerator_nvidia_xid_errors_total", {{"uuid", "GPU-1"}, {"xid", "79"}}),
      1);
}
}  // namespace
}  // namespace nvidia
}  // namespace gpud
