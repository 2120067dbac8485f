// SPDX-License-Identifier: Apache-2.0
// /sys/class/hwmon: the sensors of the board, its processors, disks and cards.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace gpud::sysfs {

enum class SensorKind : unsigned char { kTemperature, kFan, kVoltage, kCurrent, kPower };

/// One input. Units: degrees Celsius, revolutions a minute, volts, amperes, watts.
struct Sensor {
  SensorKind kind = SensorKind::kTemperature;
  std::string name;   ///< "temp1", unique within the chip
  std::string label;  ///< the maker's words, "Package id 0"; the name where there are none
  double value = 0;
  std::optional<double> max, critical;  ///< where the chip or its driver knows them
  bool alarm = false;                   ///< the chip says that a limit is passed
  bool fault = false;                   ///< the sensor itself is broken or not connected

  static constexpr auto Fields() {
    using S = Sensor;
    return std::tuple{Field{"kind", &S::kind},   Field{"name", &S::name},
                      Field{"label", &S::label}, Field{"value", &S::value},
                      Field{"max", &S::max},     Field{"critical", &S::critical},
                      Field{"alarm", &S::alarm}, Field{"fault", &S::fault}};
  }
};

struct SensorChip {
  std::string name;    ///< the driver's, "coretemp"
  std::string device;  ///< what it is a part of, "0000:01:00.0", "coretemp.0"; "hwmon3" if unknown
  std::vector<Sensor> sensors;

  static constexpr auto Fields() {
    using C = SensorChip;
    return std::tuple{Field{"name", &C::name}, Field{"device", &C::device},
                      Field{"sensors", &C::sensors}};
  }
};

struct Hwmon {
  std::vector<SensorChip> chips;

  static constexpr auto Fields() { return std::tuple{Field{"chips", &Hwmon::chips}}; }
};

/// In the mounts lane (its process is there in any case), as some chips sit on slow buses. GPUs are
/// left out, which their own components ask. Error in place of the snapshot: kUnsupported where
/// there is no sensor. One that cannot be read (asleep, not connected) is left out. Source:
/// Documentation/hwmon/sysfs-interface.rst.
extern const SourceType kHwmon;

}  // namespace gpud::sysfs

template <>
struct gpud::EnumWords<gpud::sysfs::SensorKind> {
  static constexpr std::string_view kWords[] = {"temperature", "fan", "voltage", "current",
                                                "power"};
};
