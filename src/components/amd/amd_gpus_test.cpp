// SPDX-License-Identifier: Apache-2.0
// The components of AMD's GPUs on fake machines, healthy and not.
#include <gtest/gtest.h>

#include "components/component.h"
#include "platform/json.h"
#include "sources/amdgpu/gpus.h"
#include "sources/drm/clients.h"
#include "testing/component_kit.h"
#include "testing/fake_gpus.h"

namespace gpud {

namespace amd_clock_speed {
extern const ComponentType kType;
}
namespace amd_ecc {
extern const ComponentType kType;
}
namespace amd_gpu_counts {
extern const ComponentType kType;
}
namespace amd_memory {
extern const ComponentType kType;
}
namespace amd_partition {
extern const ComponentType kType;
}
namespace amd_pcie {
extern const ComponentType kType;
}
namespace amd_power {
extern const ComponentType kType;
}
namespace amd_processes {
extern const ComponentType kType;
}
namespace amd_temperature {
extern const ComponentType kType;
}
namespace amd_utilization {
extern const ComponentType kType;
}
namespace amd_xgmi {
extern const ComponentType kType;
}

namespace {

const ComponentType* const kAll[] = {
    &amd_clock_speed::kType, &amd_ecc::kType,         &amd_gpu_counts::kType, &amd_memory::kType,
    &amd_partition::kType,   &amd_pcie::kType,        &amd_power::kType,      &amd_processes::kType,
    &amd_temperature::kType, &amd_utilization::kType, &amd_xgmi::kType};

const Labels kFirst{{"uuid", "a1b2c3d4e5f60000"}};

/// A machine that is read every 15 s.
class Machine {
 public:
  void Read() {
    fake.clock.Advance(std::chrono::seconds(15));
    in.SetNow(fake.clock.Boot(), fake.clock.Wall());
    amdgpu::kGpus.read(fake.host, in);
    drm::kClients.read(fake.host, in);
  }
  HealthState Check(const ComponentType& type) { return type.check(in).states.at(0); }

  FakeHost fake;
  Inputs in;
};

/// gpu_metrics 1.6 with its counters of time and of heat.
std::string Metrics(unsigned ticks, unsigned heat) {
  std::string table(312, '\xff');
  table.replace(0, 4, std::string("\x38\x01\x01\x06", 4));
  const auto put = [&](std::size_t at, unsigned value) {
    for (std::size_t i = 0; i < 4; ++i) table[at + i] = static_cast<char>(value >> (8 * i));
  };
  put(32, ticks);
  put(44, heat);
  return table;
}

TEST(AmdComponents, AreHealthyOnEightMi300xThatWork) {
  Machine m;
  for (unsigned n = 0; n < 8; ++n) AddMi300x(m.fake, n, 8).Set("gpu_metrics", Metrics(9, 0));
  m.fake.Write("/proc/1/stat", "");
  m.Read();
  m.Read();
  for (const ComponentType* type : kAll) {
    EXPECT_TRUE(type->supported(m.in).supported);
    const Report report = type->check(m.in);
    EXPECT_EQ(report.states.size(), 1u) << type->name << ": " << report.states.back().error;
    EXPECT_EQ(report.states[0].name, type->name);
    EXPECT_EQ(report.states[0].health, Health::kHealthy) << report.states[0].reason;
    EXPECT_TRUE(ParseJson(report.states[0].extra_info.at("data")));
    EXPECT_FALSE(report.samples.empty()) << type->name;
    EXPECT_TRUE(report.events.empty());
    for (const Sample& sample : report.samples) {
      EXPECT_TRUE(std::any_of(type->metrics.begin(), type->metrics.end(), [&](const auto& metric) {
        return metric.name == sample.metric;
      })) << sample.metric;
    }
  }
  const auto sample = [&](const ComponentType& type, std::string_view metric) {
    return SampleOf(type.check(m.in), metric, kFirst);
  };
  EXPECT_EQ(sample(amd_utilization::kType, "accelerator_amd_utilization_gpu_util_percent"), 97);
  EXPECT_EQ(sample(amd_memory::kType, "accelerator_amd_memory_used_bytes"), 103'070'826'496.0);
  EXPECT_EQ(sample(amd_power::kType, "accelerator_amd_power_current_usage_milli_watts"), 612'000);
  EXPECT_EQ(sample(amd_clock_speed::kType, "accelerator_amd_clock_speed_graphics_mhz"), 1984);
  EXPECT_EQ(sample(amd_temperature::kType, "accelerator_amd_temperature_hotspot_celsius"), 61);
  EXPECT_EQ(sample(amd_pcie::kType, "accelerator_amd_pcie_width"), 16);
  EXPECT_EQ(sample(amd_xgmi::kType, "accelerator_amd_xgmi_peers"), 7);
  EXPECT_EQ(SampleOf(amd_partition::kType.check(m.in), "accelerator_amd_partition_mode",
                     {{"uuid", "a1b2c3d4e5f60000"}, {"compute", "SPX"}, {"memory", "NPS1"}}),
            1);
}

TEST(AmdComponents, AreNotSupportedAndHealthyWithoutSuchAGpu) {
  Machine m;
  m.Read();
  for (const ComponentType* type : kAll) {
    const Support support = type->supported(m.in);
    EXPECT_FALSE(support.supported);
    EXPECT_EQ(support.reason, "no AMD GPU on the PCI bus");
    const Report report = type->check(m.in);
    EXPECT_EQ(report.states.at(0).health, Health::kHealthy) << type->name;
    EXPECT_TRUE(report.samples.empty());
  }
}

TEST(AmdComponents, AreUnknownWhenTheGpusCannotBeRead) {
  Inputs in;
  in.Put<amdgpu::Gpus>(Fail(ErrorCode::kTimeout, "the driver does not answer"));
  for (const ComponentType* type : kAll) {
    EXPECT_TRUE(type->supported(in).supported) << type->name;
    EXPECT_EQ(type->check(in).states.at(0).health, Health::kUnknown) << type->name;
  }
}

TEST(AmdComponents, AreUnknownForTheOneGpuOfWhichAFileCannotBeRead) {
  Machine m;
  AddMi300x(m.fake, 0, 2);
  const FakeDevice bad = AddMi300x(m.fake, 1, 2);
  bad.Break("mem_info_vram_used");
  bad.Break("current_compute_partition");
  bad.Break("ras/umc_err_count");
  m.Read();
  for (const ComponentType* type : {&amd_memory::kType, &amd_partition::kType, &amd_ecc::kType}) {
    const Report report = type->check(m.in);
    EXPECT_EQ(report.states[0].health, Health::kHealthy) << type->name;
    const HealthState* state = StateOf(report, std::string(type->name) + "/" + Mi300xAddress(1));
    ASSERT_TRUE(state) << type->name;
    EXPECT_EQ(state->health, Health::kUnknown);
    EXPECT_FALSE(state->error.empty());
  }
}

TEST(AmdComponents, AreUnknownWhenNothingCanBeReadOfAnyGpu) {
  Machine m;
  const FakeDevice gpu = AddMi300x(m.fake, 0, 1);
  for (const char* file : {"gpu_busy_percent", "mem_busy_percent", "ras/umc_err_count"}) {
    gpu.Break(file);
  }
  m.Read();
  EXPECT_EQ(m.Check(amd_utilization::kType).health, Health::kUnknown);
  EXPECT_EQ(m.Check(amd_ecc::kType).health, Health::kUnknown);
}

TEST(AmdComponents, SayThatAGpuSleepsAndAreHealthy) {
  Machine m;
  AddRadeon(m.fake).Set("power/runtime_status", "suspended\n");
  m.fake.Write("/proc/1/stat", "");
  m.Read();
  m.Read();
  for (const ComponentType* type : kAll) {
    const Report report = type->check(m.in);
    ASSERT_EQ(report.states.size(), 1u) << type->name;
    EXPECT_EQ(report.states[0].health, Health::kHealthy) << report.states[0].reason;
  }
  EXPECT_NE(m.Check(amd_power::kType).extra_info.at("data").find("\"asleep\":true"),
            std::string::npos);
}

TEST(AmdTemperature, IsDegradedAtALimitAndWhenHeatHoldsTheClocksDown) {
  Machine m;
  const FakeDevice gpu = AddMi300x(m.fake, 0, 1);
  gpu.Set("gpu_metrics", Metrics(1000, 0));
  m.Read();
  gpu.Set("gpu_metrics", Metrics(2000, 50));
  m.Read();
  EXPECT_EQ(m.Check(amd_temperature::kType).health, Health::kHealthy);  // 5 % of the time
  EXPECT_EQ(SampleOf(amd_temperature::kType.check(m.in),
                     "accelerator_amd_temperature_throttled_percent", kFirst),
            5);
  gpu.Set("gpu_metrics", Metrics(3000, 350));
  m.Read();
  HealthState state = m.Check(amd_temperature::kType);
  EXPECT_EQ(state.health, Health::kDegraded);
  EXPECT_EQ(state.reason, "GPU 0000:15:00.0 is so hot that it runs slower");
  gpu.Set("gpu_metrics", Metrics(4000, 350));
  gpu.Set("hwmon/hwmon3/temp3_input", "105000\n");
  m.Read();
  state = m.Check(amd_temperature::kType);
  EXPECT_EQ(state.health, Health::kDegraded);
  EXPECT_EQ(state.reason, "GPU 0000:15:00.0: memory has reached its limit of 105 C");
}

TEST(AmdPcie, IsDegradedWhenTheLinkIsNarrowerThanCardAndSlotCan) {
  Machine m;
  const FakeDevice gpu = AddMi300x(m.fake, 0, 1);
  gpu.Set("current_link_width", "8\n");
  m.Read();
  HealthState state = m.Check(amd_pcie::kType);
  EXPECT_EQ(state.health, Health::kDegraded);
  EXPECT_EQ(state.reason, "GPU 0000:15:00.0 has a PCIe link of x8 where card and slot can x16");
  // A slot that has no more lanes is no fault of the card.
  m.fake.Write("/sys/devices/pci0000:00/0000:10:01.1/max_link_width", "8\n");
  m.Read();
  EXPECT_EQ(m.Check(amd_pcie::kType).health, Health::kHealthy);
}

TEST(AmdPcie, ASlowLinkIsAFaultOnlyUnderLoad) {
  Machine m;
  const FakeDevice gpu = AddMi300x(m.fake, 0, 1);
  gpu.Set("current_link_speed", "16.0 GT/s PCIe\n");
  m.Read();
  EXPECT_EQ(m.Check(amd_pcie::kType).health, Health::kHealthy);  // once is not enough
  m.Read();
  EXPECT_EQ(m.Check(amd_pcie::kType).health, Health::kDegraded);
  gpu.Set("gpu_busy_percent", "3\n");
  m.Read();
  EXPECT_EQ(m.Check(amd_pcie::kType).health, Health::kHealthy);
}

TEST(AmdEcc, IsUnhealthyFromTheUncorrectedErrorOnUntilTheGpuIsReset) {
  Machine m;
  const FakeDevice gpu = AddMi300x(m.fake, 0, 1);
  gpu.Set("ras/umc_err_count", "ue: 4\nce: 2\n");  // of before: not our news
  m.Read();
  EXPECT_EQ(m.Check(amd_ecc::kType).health, Health::kHealthy);
  gpu.Set("ras/umc_err_count", "ue: 5\nce: 2\n");
  m.Read();
  Report report = amd_ecc::kType.check(m.in);
  EXPECT_EQ(report.states[0].health, Health::kUnhealthy);
  EXPECT_EQ(report.states[0].suggested_actions->repair_actions.at(0), RepairAction::kReboot);
  ASSERT_EQ(report.events.size(), 1u);
  EXPECT_EQ(report.events[0].name, "ras_uncorrected");
  EXPECT_EQ(report.events[0].message, "1 uncorrected error(s) in umc of GPU 0000:15:00.0");
  EXPECT_EQ(SampleOf(report, "accelerator_amd_ecc_uncorrected_total",
                     {{"uuid", "a1b2c3d4e5f60000"}, {"block", "umc"}}),
            5);
  m.in.SetHistory(report.events, {}, {});
  m.Read();
  EXPECT_EQ(m.Check(amd_ecc::kType).health, Health::kUnhealthy);
  EXPECT_TRUE(amd_ecc::kType.check(m.in).events.empty());
  m.in.SetHistory(report.events, {m.in.Now()}, {});  // rebooted
  EXPECT_EQ(m.Check(amd_ecc::kType).health, Health::kHealthy);
}

TEST(AmdEcc, TakesAJumpOfAFullRegisterForAFaultOfTheReading) {
  Machine m;
  const FakeDevice gpu = AddMi300x(m.fake, 0, 1);
  m.Read();
  gpu.Set("ras/umc_err_count", "ue: 1048560\nce: 1048562\n");
  m.Read();
  EXPECT_EQ(m.Check(amd_ecc::kType).health, Health::kHealthy);
  gpu.Set("ras/umc_err_count", "ue: 0\nce: 2\n");
  m.Read();
  EXPECT_EQ(m.Check(amd_ecc::kType).health, Health::kHealthy);
}

TEST(AmdEcc, CountsBrokenPagesAgainstTheDriversLimit) {
  Machine m;
  const FakeDevice gpu = AddMi300x(m.fake, 0, 1);
  m.fake.Write("/sys/module/amdgpu/parameters/bad_page_threshold", "10\n");
  const auto with = [&](int pages, char flag = 'R') {
    std::string text;
    for (int i = 0; i < pages; ++i)
      text += "0x00000001 : 0x00001000 : " + std::string(1, flag) + "\n";
    gpu.Set("ras/gpu_vram_bad_pages", text);
    m.Read();
    return m.Check(amd_ecc::kType).health;
  };
  EXPECT_EQ(with(0), Health::kHealthy);
  EXPECT_EQ(with(8), Health::kHealthy);
  EXPECT_EQ(with(9), Health::kDegraded);
  EXPECT_EQ(with(10), Health::kUnhealthy);
  EXPECT_EQ(with(1, 'F'), Health::kDegraded);
  m.fake.Write("/sys/module/amdgpu/parameters/bad_page_threshold", "-2\n");  // switched off
  EXPECT_EQ(with(500), Health::kHealthy);
}

TEST(AmdXgmi, IsDegradedWhenAGpuHasFewerLinksThanTheOthersOfItsGroup) {
  Machine m;
  for (unsigned n = 0; n < 4; ++n) AddMi300x(m.fake, n, 4);
  m.fake.Remove("/sys/class/kfd/kfd/topology/nodes/3/io_links/4");
  m.Read();
  const HealthState state = m.Check(amd_xgmi::kType);
  EXPECT_EQ(state.health, Health::kDegraded);
  EXPECT_EQ(state.reason, "GPU 0000:25:00.0 is linked to 2 GPUs by XGMI, others of its group to 3");
}

TEST(AmdGpuCounts, NameTheGpuThatTheDriverDoesNotDrive) {
  Machine m;
  AddMi300x(m.fake, 0, 1);
  AddPciDevice(m.fake, {"0000:00:04.0"}, {"0x1002", "0x74a1", "0x120000", "vfio-pci"});
  m.Read();
  EXPECT_EQ(m.Check(amd_gpu_counts::kType).health, Health::kHealthy);  // given away
  AddPciDevice(m.fake, {"0000:00:03.0"}, {"0x1002", "0x74a1", "0x120000"});
  m.Read();
  const Report report = amd_gpu_counts::kType.check(m.in);
  EXPECT_EQ(report.states[0].health, Health::kUnhealthy);
  EXPECT_EQ(report.states[0].reason,
            "GPU 0000:00:03.0 is on the PCI bus, but amdgpu does not drive it");
  EXPECT_EQ(SampleOf(report, "accelerator_amd_gpu_counts_driven"), 1);
  EXPECT_EQ(SampleOf(report, "accelerator_amd_gpu_counts_undriven"), 2);
}

TEST(AmdGpuCounts, AScreenWithoutADriverIsNoFaultButAnAcceleratorIs) {
  Machine screen;
  AddPciDevice(screen.fake, {"0000:00:03.0"}, {"0x1002", "0x164e", "0x030000"});
  screen.Read();
  EXPECT_EQ(screen.Check(amd_gpu_counts::kType).health, Health::kHealthy);
  Machine accelerator;
  AddPciDevice(accelerator.fake, {"0000:00:03.0"}, {"0x1002", "0x740f", "0x038000"});
  accelerator.Read();
  const HealthState state = accelerator.Check(amd_gpu_counts::kType);
  EXPECT_EQ(state.health, Health::kDegraded);
  EXPECT_EQ(state.reason, "GPU 0000:00:03.0 is on the PCI bus, but amdgpu is not loaded");
}

TEST(AmdProcesses, CountAProcessOnceThatBothWaysKnow) {
  Machine m;
  AddMi300x(m.fake, 0, 1);
  m.fake.Write("/sys/class/kfd/kfd/proc/500/vram_1000", "4096\n");
  for (const char* pid : {"500", "600"}) {
    m.fake.Link("/proc/" + std::string(pid) + "/fd/3", "/dev/dri/renderD128");
    m.fake.Write("/proc/" + std::string(pid) + "/fdinfo/3",
                 "drm-driver: amdgpu\ndrm-pdev: 0000:15:00.0\ndrm-client-id: " + std::string(pid) +
                     "\ndrm-memory-vram: 1 KiB\ndrm-memory-gtt: 1 MiB\n");
  }
  m.Read();
  const Report report = amd_processes::kType.check(m.in);
  EXPECT_EQ(SampleOf(report, "accelerator_amd_processes_running", kFirst), 2);
  EXPECT_EQ(SampleOf(report, "accelerator_amd_processes_memory_bytes", kFirst), 4096 + 1024);
  EXPECT_EQ(report.states[0].extra_info.at("data"),
            R"({"processes":[{"bus_id":"0000:15:00.0","pid":500,"memory_bytes":4096},)"
            R"({"bus_id":"0000:15:00.0","pid":600,"memory_bytes":1024}]})");
}

}  // namespace
}  // namespace gpud
