// SPDX-License-Identifier: Apache-2.0
// The components of Intel's GPUs on fake machines, healthy and not.
#include <gtest/gtest.h>

#include "components/component.h"
#include "platform/json.h"
#include "sources/drm/clients.h"
#include "sources/intel_gpu/gpus.h"
#include "testing/component_kit.h"
#include "testing/fake_gpus.h"

namespace gpud {

namespace amd_utilization {
extern const ComponentType kType;
}
namespace intel_clock_speed {
extern const ComponentType kType;
}
namespace intel_gpu_counts {
extern const ComponentType kType;
}
namespace intel_memory {
extern const ComponentType kType;
}
namespace intel_pcie {
extern const ComponentType kType;
}
namespace intel_power {
extern const ComponentType kType;
}
namespace intel_processes {
extern const ComponentType kType;
}
namespace intel_temperature {
extern const ComponentType kType;
}
namespace intel_utilization {
extern const ComponentType kType;
}

namespace {

const ComponentType* const kAll[] = {&intel_clock_speed::kType, &intel_gpu_counts::kType,
                                     &intel_memory::kType,      &intel_pcie::kType,
                                     &intel_power::kType,       &intel_processes::kType,
                                     &intel_temperature::kType, &intel_utilization::kType};

const Labels kArc{{"uuid", "0000:53:00.0"}}, kBattlemage{{"uuid", "0000:43:00.0"}};

/// A machine that is read every 10 s.
class Machine {
 public:
  Machine() { fake.Write("/proc/1/stat", ""); }
  void Read() {
    fake.clock.Advance(std::chrono::seconds(10));
    in.SetNow(fake.clock.Boot(), fake.clock.Wall());
    for (const ComponentType* type : kAll) {
      for (const SourceType* source : type->needs) {
        if (in.Find(source->snapshot) && in.Find(source->snapshot)->taken == in.BootNow()) continue;
        source->read(fake.host, in);
      }
    }
  }
  /// A program with the GPU open.
  void Open(const std::string& pid, const std::string& bus_id, const std::string& rest) {
    fake.Remove("/proc/" + pid);
    fake.Link("/proc/" + pid + "/fd/3", "/dev/dri/renderD129");
    fake.Write("/proc/" + pid + "/fdinfo/3",
               "drm-driver: xe\ndrm-pdev: " + bus_id + "\ndrm-client-id: " + pid + "\n" + rest);
  }
  HealthState Check(const ComponentType& type) { return type.check(in).states.at(0); }

  FakeHost fake;
  Inputs in;
};

TEST(IntelComponents, AreHealthyOnGpusThatWork) {
  Machine m;
  AddArc(m.fake);
  AddBattlemage(m.fake);
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
    for (const Sample& sample : report.samples) {
      EXPECT_TRUE(std::any_of(type->metrics.begin(), type->metrics.end(), [&](const auto& metric) {
        return metric.name == sample.metric;
      })) << sample.metric;
    }
  }
}

TEST(IntelComponents, AreNotSupportedAndHealthyWithoutSuchAGpu) {
  Machine m;
  AddRadeon(m.fake);
  m.Read();
  for (const ComponentType* type : kAll) {
    EXPECT_EQ(type->supported(m.in).reason, "no Intel GPU on the PCI bus");
    EXPECT_EQ(m.Check(*type).health, Health::kHealthy) << type->name;
  }
}

TEST(IntelComponents, AreUnknownWhenTheGpusCannotBeRead) {
  Inputs in;
  in.Put<intel_gpu::Gpus>(Fail(ErrorCode::kTimeout, "the driver does not answer"));
  for (const ComponentType* type : kAll) {
    EXPECT_TRUE(type->supported(in).supported);
    EXPECT_EQ(type->check(in).states.at(0).health, Health::kUnknown) << type->name;
  }
}

TEST(IntelComponents, AreUnknownForTheOneGpuOfWhichAFileCannotBeRead) {
  Machine m;
  AddArc(m.fake);
  AddBattlemage(m.fake).Break("hwmon/hwmon6/temp2_input");
  m.Read();
  const Report report = intel_temperature::kType.check(m.in);
  EXPECT_EQ(report.states[0].health, Health::kHealthy);
  const HealthState* state = StateOf(report, "accelerator-intel-temperature/0000:43:00.0");
  ASSERT_TRUE(state);
  EXPECT_EQ(state->health, Health::kUnknown);
}

TEST(IntelTemperature, IsDegradedAtALimitAndWhenHeatHoldsTheClocksDownTwice) {
  Machine m;
  const FakeDevice arc = AddArc(m.fake);
  const FakeDevice battlemage = AddBattlemage(m.fake);
  battlemage.Set("hwmon/hwmon6/temp2_input", "100000\n");
  m.Read();
  EXPECT_EQ(m.Check(intel_temperature::kType).reason,
            "GPU 0000:43:00.0: GPU has reached its limit of 100 C");
  battlemage.Set("hwmon/hwmon6/temp2_input", "60000\n");
  arc.Set("drm/card1/gt/gt0/throttle_reason_status", "1\n");
  arc.Set("drm/card1/gt/gt0/throttle_reason_pl1", "1\n");
  m.Read();
  m.Read();
  EXPECT_EQ(m.Check(intel_temperature::kType).health, Health::kHealthy);  // power, not heat
  EXPECT_EQ(SampleOf(intel_power::kType.check(m.in), "accelerator_intel_power_throttled", kArc), 1);
  arc.Set("drm/card1/gt/gt0/throttle_reason_thermal", "1\n");
  m.Read();
  EXPECT_EQ(m.Check(intel_temperature::kType).health, Health::kHealthy);
  m.Read();
  EXPECT_EQ(m.Check(intel_temperature::kType).health, Health::kDegraded);
}

TEST(IntelPcie, IsDegradedWhenTheCardsSwitchHasANarrowLink) {
  Machine m;
  AddArc(m.fake);
  m.fake.Write("/sys/devices/pci0000:00/0000:00:01.0/0000:51:00.0/current_link_width", "4\n");
  m.Read();
  EXPECT_EQ(m.Check(intel_pcie::kType).reason,
            "GPU 0000:53:00.0 has a PCIe link of x4 where card and slot can x16");
}

TEST(IntelPower, IsTheEnergyUsedBetweenTwoReadings) {
  Machine m;
  const FakeDevice arc = AddArc(m.fake);
  m.Read();
  arc.Set("hwmon/hwmon5/energy1_input", "3500000000\n");  // 1500 J in 10 s
  m.Read();
  const Report report = intel_power::kType.check(m.in);
  EXPECT_EQ(SampleOf(report, "accelerator_intel_power_current_usage_milli_watts", kArc), 150'000);
  EXPECT_EQ(SampleOf(report, "accelerator_intel_power_energy_milli_joules_total", kArc), 3'500'000);
}

TEST(IntelUtilization, IsThatOfTheBusiestEngine) {
  Machine m;
  AddArc(m.fake);
  const FakeDevice battlemage = AddBattlemage(m.fake);
  m.Open("70", "0000:53:00.0",
         "drm-engine-render: 0 ns\ndrm-engine-video: 0 ns\n"
         "drm-engine-capacity-video: 2\n");
  m.Open("71", "0000:43:00.0", "drm-cycles-rcs: 0\ndrm-total-cycles-rcs: 0\n");
  m.Read();
  m.Open("70", "0000:53:00.0",
         "drm-engine-render: 4000000000 ns\ndrm-engine-video: 6000000000 ns\n"
         "drm-engine-capacity-video: 2\n");
  m.Open("71", "0000:43:00.0", "drm-cycles-rcs: 900\ndrm-total-cycles-rcs: 1000\n");
  battlemage.Set("tile0/gt0/gtidle/idle_residency_ms", "12000\n");  // 7 of 10 s
  battlemage.Set("tile0/gt1/gtidle/idle_residency_ms", "19000\n");  // all the time
  m.Read();
  const Report report = intel_utilization::kType.check(m.in);
  constexpr std::string_view kUsed = "accelerator_intel_utilization_gpu_util_percent";
  EXPECT_DOUBLE_EQ(SampleOf(report, kUsed, kArc).value_or(0), 40);
  EXPECT_DOUBLE_EQ(SampleOf(report, kUsed, kBattlemage).value_or(0), 90);
  EXPECT_NEAR(
      SampleOf(report, "accelerator_intel_utilization_awake_percent", kBattlemage).value_or(0), 30,
      1e-9);
}

TEST(IntelMemory, IsInUseByThePrograms) {
  Machine m;
  AddBattlemage(m.fake);
  m.Open("71", "0000:43:00.0", "drm-resident-vram0: 3 KiB\ndrm-resident-system: 9 KiB\n");
  m.Open("72", "0000:43:00.0", "drm-resident-vram0: 1 KiB\n");
  m.Read();
  EXPECT_EQ(
      SampleOf(intel_memory::kType.check(m.in), "accelerator_intel_memory_used_bytes", kBattlemage),
      4096);
  EXPECT_EQ(SampleOf(intel_processes::kType.check(m.in), "accelerator_intel_processes_running",
                     kBattlemage),
            2);
}

TEST(IntelGpuCounts, NameTheGpuThatIsNotDriven) {
  Machine m;
  AddArc(m.fake);
  AddPciDevice(m.fake, {"0000:60:01.0", "0000:61:00.0"}, {"0x8086", "0x0bda", "0x038000"});
  m.Read();
  const HealthState state = m.Check(intel_gpu_counts::kType);
  EXPECT_EQ(state.health, Health::kUnhealthy);
  EXPECT_EQ(state.reason, "GPU 0000:61:00.0 is on the PCI bus, but i915 or xe does not drive it");
}

TEST(IntelGpuCounts, AProcessorsGpuMayBeWithoutADriver) {
  Machine m;
  AddPciDevice(m.fake, {"0000:00:02.0"}, {"0x8086", "0xa780", "0x038000"});
  m.Read();
  EXPECT_EQ(m.Check(intel_gpu_counts::kType).health, Health::kHealthy);
}

TEST(IntelComponents, StandBesideThoseOfAnotherMaker) {
  Machine m;
  AddRadeon(m.fake);
  AddArc(m.fake);
  m.Read();
  amd_utilization::kType.needs[0]->read(m.fake.host, m.in);
  EXPECT_TRUE(amd_utilization::kType.supported(m.in).supported);
  EXPECT_TRUE(intel_utilization::kType.supported(m.in).supported);
  EXPECT_EQ(amd_utilization::kType.check(m.in).samples.size(), 1u);
}

}  // namespace
}  // namespace gpud
