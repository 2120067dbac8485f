// SPDX-License-Identifier: Apache-2.0
// FUSE: do the programs that serve file systems keep up with what is asked of them?
#include "sources/sysfs/fuse.h"

#include <algorithm>

#include "components/component.h"
#include "components/findings.h"
#include "model/json_codec.h"
#include "platform/text.h"
#include "sources/procfs/mountinfo.h"

namespace gpud::fuse {
namespace {

constexpr std::string_view kTags[] = {"fuse"};
constexpr const SourceType* kNeeds[] = {&sysfs::kFuse, &procfs::kMountinfo};
constexpr MetricType kMetrics[] = {
    {"fuse_connections_congested_percent_against_threshold",
     "requests that wait, as a share of the number by which the file system is congested"},
    {"fuse_connections_max_background_percent_against_threshold",
     "requests that wait, as a share of the background requests that it is given at once"},
    {"fuse_connections_waiting", "requests that the file system has not answered"},
};

// The original's limits.
constexpr double kCongested = 90, kBackground = 80;

struct Connection {
  std::uint32_t device = 0;
  std::string device_name, fstype;
  std::uint64_t waiting = 0, congestion_threshold = 0, max_background = 0;
  double congested_percent = 0, max_background_percent = 0;
  static constexpr auto Fields() {
    using C = Connection;
    return std::tuple{Field{"device", &C::device},
                      Field{"device_name", &C::device_name},
                      Field{"fstype", &C::fstype},
                      Field{"waiting", &C::waiting},
                      Field{"congestion_threshold", &C::congestion_threshold},
                      Field{"max_background", &C::max_background},
                      Field{"congested_percent", &C::congested_percent},
                      Field{"max_background_percent", &C::max_background_percent}};
  }
  bool IsBusy() const {
    return congested_percent > kCongested || max_background_percent > kBackground;
  }
};
struct Data {
  std::vector<Connection> connection_infos;
  static constexpr auto Fields() {
    return std::tuple{Field{"connection_infos", &Data::connection_infos}};
  }
};

double Percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

/// One for each name, as the same source may be mounted twice: the busier one then.
std::vector<Connection> Describe(const sysfs::FuseConnections& fuse,
                                 const procfs::Mountinfo* mountinfo) {
  std::vector<Connection> all;
  for (const sysfs::FuseConnection& one : fuse.connections) {
    Connection connection{.device = one.minor,
                          .device_name = "0:" + std::to_string(one.minor),
                          .waiting = one.waiting,
                          .congestion_threshold = one.congestion_threshold,
                          .max_background = one.max_background,
                          .congested_percent = Percent(one.waiting, one.congestion_threshold),
                          .max_background_percent = Percent(one.waiting, one.max_background)};
    for (const procfs::Mount& mount :
         mountinfo ? mountinfo->mounts : std::vector<procfs::Mount>{}) {
      if (mount.device != connection.device_name) continue;
      connection.device_name = mount.source.empty() ? mount.mount_point : mount.source;
      connection.fstype = mount.fs_type;
      break;
    }
    const auto same = std::find_if(all.begin(), all.end(), [&](const Connection& known) {
      return known.device_name == connection.device_name;
    });
    if (same == all.end()) {
      all.push_back(std::move(connection));
    } else if (connection.waiting > same->waiting) {
      *same = std::move(connection);
    }
  }
  return all;
}

/// Told when it begins, not at every check of it.
void TellBusy(const Connection& connection, const std::vector<Connection>& before, WallTime now,
              Report& report) {
  if (!connection.IsBusy()) return;
  const auto was = std::find_if(before.begin(), before.end(), [&](const Connection& known) {
    return known.device_name == connection.device_name && known.IsBusy();
  });
  if (was != before.end()) return;
  report.events.push_back(
      {.time = now,
       .name = "fuse_connections",
       .type = EventType::kWarning,
       .message = connection.device_name + ": " + std::to_string(connection.waiting) +
                  " requests wait, congested from " +
                  std::to_string(connection.congestion_threshold) + " on",
       .extra_info = {{"device", connection.device_name}, {"data", ToJson(connection)}}});
}

Support Supported(const Inputs& in) {
  const auto& fuse = in.Latest<sysfs::FuseConnections>();
  if (fuse || !AbsentByDesign(fuse.error())) return {};
  return {.supported = false, .reason = "no FUSE file system is mounted"};
}

Report Check(const Inputs& in) {
  const auto& fuse = in.Latest<sysfs::FuseConnections>();
  if (const Support support = Supported(in); !support.supported) {
    return {.states = {{.name = "fuse", .reason = support.reason}}};
  }
  if (!fuse) return Unreadable("fuse", fuse.error());
  const auto& mountinfo = in.Latest<procfs::Mountinfo>();
  const procfs::Mountinfo* mounts = mountinfo ? &*mountinfo : nullptr;
  const auto* previous = in.Previous<sysfs::FuseConnections>();
  const auto before = previous ? Describe(*previous, mounts) : std::vector<Connection>{};
  // Many readers let many requests wait for a file system that answers well, so this is no fault.
  // One that does not answer at all is told by the component disk.
  Report report{.states = {{.name = "fuse", .reason = "ok"}}};
  Data data{Describe(*fuse, mounts)};
  for (const Connection& connection : data.connection_infos) {
    const Labels labels{{"device_name", connection.device_name}};
    report.samples.push_back({.metric = "fuse_connections_congested_percent_against_threshold",
                              .labels = labels,
                              .value = connection.congested_percent});
    report.samples.push_back({.metric = "fuse_connections_max_background_percent_against_threshold",
                              .labels = labels,
                              .value = connection.max_background_percent});
    report.samples.push_back({.metric = "fuse_connections_waiting",
                              .labels = labels,
                              .value = static_cast<double>(connection.waiting)});
    TellBusy(connection, before, in.Now(), report);
  }
  report.states.front().extra_info["data"] = ToJson(data);
  return report;
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "fuse",
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .supported = Supported,
    .check = Check,
};

}  // namespace gpud::fuse
