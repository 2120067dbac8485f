// SPDX-License-Identifier: Apache-2.0
#include "sources/sysfs/cpu_speed.h"

#include <algorithm>
#include <set>

#include "platform/text.h"
#include "sources/sysfs/value_file.h"

namespace gpud::sysfs {
namespace {

constexpr std::string_view kFolder = "/sys/devices/system/cpu/";
constexpr std::uint64_t kHertzPerKilohertz = 1000;

/// The number behind `prefix` in a name that is nothing else.
std::optional<std::uint32_t> NumberBehind(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return std::nullopt;
  return ParseNumber<std::uint32_t>(name.substr(prefix.size()));
}

Result<Clocks> ReadClocks(const Root& root) {
  const std::string folder = std::string(kFolder) + "cpufreq";
  const auto names = root.List(folder);
  if (!names && names.error().code != ErrorCode::kNotFound) return Pass(names, "frequencies");
  Clocks clocks;
  for (const std::string& name : names.value_or(std::vector<std::string>{})) {
    const auto first = NumberBehind(name, "policy");
    if (!first) continue;
    const std::string path = folder + "/" + name;
    const auto kilohertz = ReadUnsigned(root, path + "/scaling_cur_freq");
    if (!kilohertz) continue;  // its processors are offline
    if (clocks.domains.empty()) {
      clocks.max_hertz =
          ReadUnsigned(root, path + "/cpuinfo_max_freq").value_or(0) * kHertzPerKilohertz;
      clocks.governor = ReadText(root, path + "/scaling_governor").value_or(std::string());
      clocks.driver = ReadText(root, path + "/scaling_driver").value_or(std::string());
    }
    clocks.domains.push_back({*first, *kilohertz * kHertzPerKilohertz});
  }
  if (clocks.domains.empty()) {
    return Fail(ErrorCode::kUnsupported, folder + ": frequencies are not told here");
  }
  std::sort(clocks.domains.begin(), clocks.domains.end(),
            [](const auto& a, const auto& b) { return a.first_cpu < b.first_cpu; });
  return clocks;
}

Result<std::vector<Throttling>> ReadThrottling(const Root& root,
                                               const std::vector<std::string>& names) {
  std::map<std::uint32_t, Throttling> packages;
  std::set<std::pair<std::uint64_t, std::uint64_t>> cores;  // threads of one core count the same
  for (const std::string& name : names) {
    if (!NumberBehind(name, "cpu")) continue;
    const std::string path = std::string(kFolder) + name;
    const auto package_events =
        ReadUnsigned(root, path + "/thermal_throttle/package_throttle_count");
    if (!package_events) {
      if (package_events.error().code == ErrorCode::kPermission) {
        return Pass(package_events, "throttling");
      }
      if (packages.empty()) break;  // as no processor has it
      continue;                     // offline
    }
    const auto package = ReadUnsigned(root, path + "/topology/physical_package_id").value_or(0);
    const auto core = ReadUnsigned(root, path + "/topology/core_id");
    Throttling& throttling = packages[static_cast<std::uint32_t>(package)];
    throttling.package = static_cast<std::uint32_t>(package);
    throttling.package_events = std::max(throttling.package_events, *package_events);
    if (core && !cores.insert({package, *core}).second) continue;
    throttling.core_events +=
        ReadUnsigned(root, path + "/thermal_throttle/core_throttle_count").value_or(0);
  }
  if (packages.empty()) {
    return Fail(ErrorCode::kUnsupported, "the processor does not count how often it was throttled");
  }
  std::vector<Throttling> all;
  for (const auto& [id, throttling] : packages) all.push_back(throttling);
  return all;
}

std::map<std::string, std::string> ReadFlaws(const Root& root) {
  std::map<std::string, std::string> flaws;
  const std::string folder = std::string(kFolder) + "vulnerabilities";
  for (const std::string& name : root.List(folder).value_or(std::vector<std::string>{})) {
    auto text = ReadText(root, folder + "/" + name);
    if (text && !text->starts_with("Not affected")) flaws[name] = *std::move(text);
  }
  return flaws;
}

Result<CpuSpeed> ReadCpuSpeed(const Root& root) {
  const auto names = root.List(kFolder);
  if (!names) return Pass(names, "processors");
  return CpuSpeed{.clocks = ReadClocks(root),
                  .throttling = ReadThrottling(root, *names),
                  .flaws = ReadFlaws(root)};
}

}  // namespace

constinit const SourceType kCpuSpeed{
    .name = "sysfs/cpu-speed",
    .snapshot = &kSnapshot<CpuSpeed>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadCpuSpeed(host.root)); },
};

}  // namespace gpud::sysfs
