// SPDX-License-Identifier: Apache-2.0
#include "sources/sysfs/hwmon.h"

#include <algorithm>

#include "platform/text.h"
#include "sources/sysfs/value_file.h"

namespace gpud::sysfs {
namespace {

constexpr std::string_view kFolder = "/sys/class/hwmon";

struct KindRow {
  std::string_view prefix;
  SensorKind kind;
  double per_unit;  ///< the files hold so many to the unit
};
constexpr KindRow kKinds[] = {{"temp", SensorKind::kTemperature, 1000},
                              {"fan", SensorKind::kFan, 1},
                              {"in", SensorKind::kVoltage, 1000},
                              {"curr", SensorKind::kCurrent, 1000},
                              {"power", SensorKind::kPower, 1'000'000}};

Result<double> ReadNumber(const Root& root, const std::string& path) {
  return ReadText(root, path).and_then([&](const std::string& text) -> Result<double> {
    const auto value = ParseNumber<std::int64_t>(text);
    if (!value) return Fail(ErrorCode::kParse, path + ": no number");
    return static_cast<double>(*value);
  });
}

/// "temp1" of "temp1_input".
std::optional<KindRow> KindOf(std::string_view name) {
  for (const KindRow& row : kKinds) {
    if (name.starts_with(row.prefix) &&
        ParseNumber<unsigned>(name.substr(row.prefix.size())).has_value()) {
      return row;
    }
  }
  return std::nullopt;
}

/// Only the files that `files` has are opened: most chips have a tenth of what there could be.
class ChipReader {
 public:
  ChipReader(const Root& root, std::string path, std::vector<std::string> files)
      : root_(root), path_(std::move(path)), files_(std::move(files)) {}

  std::optional<Sensor> Read(const std::string& name, const KindRow& kind) const {
    const auto value = ReadNumber(root_, path_ + "/" + name + "_input");
    if (!value) return std::nullopt;
    Sensor sensor{.kind = kind.kind,
                  .name = name,
                  .label = name,
                  .value = *value / kind.per_unit,
                  .max = Number(name + "_max", kind.per_unit),
                  .critical = Number(name + "_crit", kind.per_unit),
                  .alarm = Flag(name + "_alarm") || Flag(name + "_crit_alarm"),
                  .fault = Flag(name + "_fault")};
    if (Has(name + "_label")) {
      auto label = ReadText(root_, path_ + "/" + name + "_label");
      if (label && !label->empty()) sensor.label = *std::move(label);
    }
    return sensor;
  }
  const std::vector<std::string>& files() const { return files_; }

 private:
  bool Has(const std::string& file) const {
    return std::binary_search(files_.begin(), files_.end(), file);
  }
  std::optional<double> Number(const std::string& file, double per_unit) const {
    if (!Has(file)) return std::nullopt;
    const auto value = ReadNumber(root_, path_ + "/" + file);
    return value ? std::optional(*value / per_unit) : std::nullopt;
  }
  bool Flag(const std::string& file) const {
    return Has(file) && ReadNumber(root_, path_ + "/" + file).value_or(0) != 0;
  }

  const Root& root_;
  std::string path_;
  std::vector<std::string> files_;  // sorted
};

std::optional<SensorChip> ReadChip(const Root& root, const std::string& hwmon) {
  const std::string path = std::string(kFolder) + "/" + hwmon;
  auto name = ReadText(root, path + "/name");
  auto files = root.List(path);
  if (!name || !files) return std::nullopt;
  constexpr std::string_view kGpus[] = {"amdgpu", "i915", "xe", "nouveau", "nvidia"};
  if (std::find(std::begin(kGpus), std::end(kGpus), *name) != std::end(kGpus)) return std::nullopt;
  const std::string device = root.ReadLink(path + "/device").value_or(hwmon);
  SensorChip chip{.name = *std::move(name), .device = device.substr(device.rfind('/') + 1)};
  const ChipReader reader(root, path, *std::move(files));
  constexpr std::string_view kInput = "_input";
  for (const std::string& file : reader.files()) {
    if (!file.ends_with(kInput)) continue;
    const std::string sensor_name = file.substr(0, file.size() - kInput.size());
    const auto kind = KindOf(sensor_name);
    if (!kind) continue;
    if (auto sensor = reader.Read(sensor_name, *kind)) {
      chip.sensors.push_back(*std::move(sensor));
    }
  }
  return chip;
}

Result<Hwmon> ReadHwmon(const Root& root) {
  const auto names = root.List(kFolder);
  if (!names && names.error().code != ErrorCode::kNotFound) return Pass(names, "sensors");
  Hwmon all;
  for (const std::string& name : names.value_or(std::vector<std::string>{})) {
    auto chip = ReadChip(root, name);
    if (chip && !chip->sensors.empty()) all.chips.push_back(*std::move(chip));
  }
  if (all.chips.empty()) {
    return Fail(ErrorCode::kUnsupported, std::string(kFolder) + ": no sensor");
  }
  return all;
}

}  // namespace

constinit const SourceType kHwmon{
    .name = "sysfs/hwmon",
    .lane = Lane::kMounts,
    .deadline = std::chrono::seconds(5),
    .snapshot = &kSnapshot<Hwmon>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadHwmon(host.root)); },
};

}  // namespace gpud::sysfs
