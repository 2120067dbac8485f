// SPDX-License-Identifier: Apache-2.0
// Sensors: fans, temperatures, voltages and powers that the chips of the machine measure.
#include <map>

#include "components/component.h"
#include "components/findings.h"
#include "model/json_codec.h"
#include "sources/sysfs/hwmon.h"

namespace gpud::sensors {
namespace {

constexpr std::string_view kTags[] = {"sensors"};
constexpr const SourceType* kNeeds[] = {&sysfs::kHwmon};
constexpr MetricType kMetrics[] = {
    {"sensors_temperature_celsius", "a temperature, by chip, device and sensor"},
    {"sensors_temperature_max_celsius", "its limit"},
    {"sensors_temperature_critical_celsius", "the limit from which on the hardware is in danger"},
    {"sensors_fan_rpm", "revolutions of a fan in a minute"},
    {"sensors_voltage_volts", "a voltage"},
    {"sensors_current_amperes", "a current"},
    {"sensors_power_watts", "a power"},
    {"sensors_alarm", "1 while the chip says that a limit of the sensor is passed"},
};
constexpr std::string_view kValues[] = {"sensors_temperature_celsius", "sensors_fan_rpm",
                                        "sensors_voltage_volts", "sensors_current_amperes",
                                        "sensors_power_watts"};

struct Data {
  std::map<std::string, std::string> faulty;  ///< sensors that are broken or not connected
  std::vector<std::string> alarms;
  static constexpr auto Fields() {
    return std::tuple{Field{"faulty", &Data::faulty, When::kNonEmpty},
                      Field{"alarms", &Data::alarms, When::kNonEmpty}};
  }
};

// What no processor or board reaches or survives is no temperature: an input that nothing is
// connected to.
constexpr double kColdest = -40, kHottest = 150;

bool IsPlausible(const sysfs::Sensor& sensor) {
  return sensor.kind != sysfs::SensorKind::kTemperature ||
         (sensor.value > kColdest && sensor.value < kHottest);
}

std::string Name(const sysfs::SensorChip& chip, const sysfs::Sensor& sensor) {
  return sensor.label + " of " + chip.name + " " + chip.device;
}

void AddSamples(const sysfs::SensorChip& chip, const sysfs::Sensor& sensor, Report& report) {
  const Labels labels{{"chip", chip.name},
                      {"device", chip.device},
                      {"sensor", sensor.name},
                      {"label", sensor.label}};
  const auto add = [&](std::string_view metric, double value) {
    report.samples.push_back({.metric = std::string(metric), .labels = labels, .value = value});
  };
  add(kValues[static_cast<std::size_t>(sensor.kind)], sensor.value);
  add("sensors_alarm", sensor.alarm ? 1 : 0);
  if (sensor.kind != sysfs::SensorKind::kTemperature) return;
  if (sensor.max) add("sensors_temperature_max_celsius", *sensor.max);
  if (sensor.critical) add("sensors_temperature_critical_celsius", *sensor.critical);
}

/// Boards set limits and alarms of voltages and fans at random, and a fan may stand by design: only
/// a temperature at its critical limit is a fault for sure, twice in a row, as a single reading
/// over a slow bus may be wrong.
bool IsCritical(const sysfs::Sensor& sensor) {
  return sensor.kind == sysfs::SensorKind::kTemperature && !sensor.fault && IsPlausible(sensor) &&
         sensor.critical && *sensor.critical > 0 && sensor.value >= *sensor.critical;
}

bool WasCritical(const sysfs::Hwmon* before, const sysfs::SensorChip& chip,
                 const std::string& sensor) {
  if (!before) return false;
  for (const sysfs::SensorChip& old : before->chips) {
    if (old.name != chip.name || old.device != chip.device) continue;
    for (const sysfs::Sensor& one : old.sensors) {
      if (one.name == sensor && IsCritical(one)) return true;
    }
  }
  return false;
}

Support Supported(const Inputs& in) {
  const auto& hwmon = in.Latest<sysfs::Hwmon>();
  if (hwmon || !AbsentByDesign(hwmon.error())) return {};
  return {.supported = false, .reason = "no sensor in /sys/class/hwmon"};
}

Report Check(const Inputs& in) {
  const auto& hwmon = in.Latest<sysfs::Hwmon>();
  if (const Support support = Supported(in); !support.supported) {
    return {.states = {{.name = "sensors", .reason = support.reason}}};
  }
  if (!hwmon) return Unreadable("sensors", hwmon.error());
  Report report;
  Findings findings;
  Data data;
  for (const sysfs::SensorChip& chip : hwmon->chips) {
    for (const sysfs::Sensor& sensor : chip.sensors) {
      if (sensor.fault || !IsPlausible(sensor)) {
        data.faulty[Name(chip, sensor)] = sensor.fault ? "says so itself" : "is out of all range";
        continue;
      }
      AddSamples(chip, sensor, report);
      if (sensor.alarm) data.alarms.push_back(Name(chip, sensor));
      if (IsCritical(sensor) && WasCritical(in.Previous<sysfs::Hwmon>(), chip, sensor.name)) {
        findings.Add(Health::kDegraded, Name(chip, sensor) + " is at its critical temperature",
                     RepairAction::kInspectHardware);
      }
    }
  }
  report.states.push_back(findings.ToState("sensors", "no temperature is critical"));
  report.states.front().extra_info["data"] = ToJson(data);
  return report;
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "sensors",
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .supported = Supported,
    .check = Check,
};

}  // namespace gpud::sensors
