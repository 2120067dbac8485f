// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sources/sysfs/hwmon.h"
#include "testing/component_kit.h"
#include "testing/fake_host.h"

namespace gpud::sensors {
extern const ComponentType kType;
namespace {

class Machine {
 public:
  Machine() {
    Write("name", "coretemp");
    fake_.Link("/sys/class/hwmon/hwmon2/device", "../../../coretemp.0");
    Write("temp1_input", "45000");
    Write("temp1_label", "Package id 0");
    Write("temp1_max", "90000");
    Write("temp1_crit", "100000");
    Write("fan2_input", "0");
    Write("fan2_alarm", "1");
    Write("in0_input", "12096");
    Write("power1_input", "150000000");
    Write("temp9_input", "-128000");
    Write("intrusion0_alarm", "1");
  }
  void Write(const std::string& file, const std::string& value) {
    fake_.Write("/sys/class/hwmon/hwmon2/" + file, value + "\n");
  }
  Report Check() {
    sysfs::kHwmon.read(fake_.host, in_);
    return kType.check(in_);
  }

 private:
  FakeHost fake_;
  Inputs in_;
};

Labels Of(const char* sensor, const char* label) {
  return {{"chip", "coretemp"}, {"device", "coretemp.0"}, {"sensor", sensor}, {"label", label}};
}

TEST(Sensors, AreMeasuredInUnitsWithTheirLimits) {
  const Report report = Machine().Check();
  EXPECT_EQ(report.states.at(0).health, Health::kHealthy);
  const Labels package = Of("temp1", "Package id 0");
  EXPECT_EQ(SampleOf(report, "sensors_temperature_celsius", package), 45);
  EXPECT_EQ(SampleOf(report, "sensors_temperature_critical_celsius", package), 100);
  EXPECT_EQ(SampleOf(report, "sensors_voltage_volts", Of("in0", "in0")), 12.096);
  EXPECT_EQ(SampleOf(report, "sensors_power_watts", Of("power1", "power1")), 150);
}

TEST(Sensors, AlarmsOfFansAreToldAndInputsOfNothingAreLeftOut) {
  const Report report = Machine().Check();
  EXPECT_EQ(SampleOf(report, "sensors_fan_rpm", Of("fan2", "fan2")), 0);
  EXPECT_EQ(SampleOf(report, "sensors_alarm", Of("fan2", "fan2")), 1);
  EXPECT_FALSE(SampleOf(report, "sensors_temperature_celsius", Of("temp9", "temp9")));
  EXPECT_EQ(report.states.at(0).extra_info.at("data"),
            R"({"faulty":{"temp9 of coretemp coretemp.0":"is out of all range"},)"
            R"("alarms":["fan2 of coretemp coretemp.0"]})");
}

TEST(Sensors, ATemperatureThatStaysCriticalIsDegraded) {
  Machine machine;
  machine.Write("temp1_input", "100000");
  EXPECT_EQ(machine.Check().states.at(0).health, Health::kHealthy);
  const HealthState state = machine.Check().states.at(0);
  EXPECT_EQ(state.health, Health::kDegraded);
  EXPECT_EQ(state.reason, "Package id 0 of coretemp coretemp.0 is at its critical temperature");
  machine.Write("temp1_input", "80000");
  EXPECT_EQ(machine.Check().states.at(0).health, Health::kHealthy);
}

TEST(Sensors, AreNotSupportedWithoutChipsAndUnknownWhenTheyMayNotBeRead) {
  FakeHost fake;
  fake.Write("/sys/class/hwmon/hwmon0/name", "amdgpu\n");
  fake.Write("/sys/class/hwmon/hwmon0/temp1_input", "45000\n");
  Inputs in;
  sysfs::kHwmon.read(fake.host, in);
  EXPECT_EQ(kType.supported(in).reason, "no sensor in /sys/class/hwmon");
  in.Put<sysfs::Hwmon>(Fail(ErrorCode::kPermission, "/sys/class/hwmon: no"));
  EXPECT_TRUE(kType.supported(in).supported);
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kUnknown);
}

}  // namespace
}  // namespace gpud::sensors
