// SPDX-License-Identifier: Apache-2.0
#include "sources/systemd/units.h"

#include <algorithm>

#include "sources/systemd/bus.h"

namespace gpud::systemd {
namespace {

constexpr const char* kUnit = "org.freedesktop.systemd1.Unit";
constexpr const char* kService = "org.freedesktop.systemd1.Service";
constexpr std::size_t kMostFailed = 64;

Unit Describe(Bus& bus, const ListedUnit& listed) {
  Unit unit{.name = listed.name, .active = listed.active, .sub = listed.sub};
  unit.file = bus.Text(listed.path, kUnit, "UnitFileState");
  unit.result = bus.Text(listed.path, kService, "Result");
  unit.restarts = bus.Number32(listed.path, kService, "NRestarts");
  if (const auto changed = bus.Number64(listed.path, kUnit, "StateChangeTimestamp")) {
    unit.changed = WallTime(std::chrono::microseconds(*changed));
  }
  return unit;
}

Result<Units> ReadUnits(const Root& root) {
  // As sd_booted(3).
  if (!root.Exists("/run/systemd/system")) {
    return Fail(ErrorCode::kUnsupported, "systemd does not run this machine");
  }
  auto bus = Bus::Open(root);
  if (!bus) return tl::unexpected<Error>(std::move(bus).error());
  std::vector<std::string> names;
  for (const Watched& watched : kWatched) names.emplace_back(watched.unit);
  const auto watched = bus->List({}, names);
  if (!watched) return tl::unexpected<Error>(watched.error());
  const auto failed = bus->List({"failed"}, {});
  if (!failed) return tl::unexpected<Error>(failed.error());

  Units units{.version = bus->Text("/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
                                   "Version")};
  for (const ListedUnit& listed : *watched) {
    // An alias of a unit (chronyd.service of chrony.service) is listed by its own name only.
    units.watched.push_back(Describe(*bus, listed));
  }
  for (const ListedUnit& listed : *failed) units.failed.push_back(listed.name);
  units.failed_count = units.failed.size();
  std::sort(units.failed.begin(), units.failed.end());
  if (units.failed.size() > kMostFailed) units.failed.resize(kMostFailed);
  return units;
}

}  // namespace

const Unit* Units::Find(std::string_view name) const {
  const auto found = std::find_if(watched.begin(), watched.end(),
                                  [&](const Unit& unit) { return unit.name == name; });
  return found == watched.end() ? nullptr : &*found;
}

constinit const SourceType kUnits{
    .name = "systemd/units",
    .lane = Lane::kMounts,  // D-Bus may hang
    .deadline = std::chrono::milliseconds(5000),
    .snapshot = &kSnapshot<Units>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadUnits(host.root)); },
};

}  // namespace gpud::systemd
