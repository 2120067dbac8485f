// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "components/settings.h"
#include "daemon/boot.h"
#include "daemon/daemon.h"
#include "daemon/event_log.h"
#include "daemon/machine.h"
#include "daemon/machine_gpus.h"
#include "daemon/monitor.h"
#include "daemon/select.h"
#include "daemon/simulation.h"
#include "lanes/lanes.h"

namespace gpud::daemon {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kRateWindow{50};    // between the two readings that rates come from
constexpr milliseconds kMostWait{10'000};  // beyond every source's own deadline

/// Reads all sources side by side and waits for the answers.
void ReadAll(Loop& loop, lanes::Lanes& lanes, const std::vector<const SourceType*>& sources,
             const std::function<void(Snapshot)>& put) {
  const auto left = std::make_shared<std::size_t>(sources.size());  // outlives a wait given up
  for (const SourceType* source : sources) {
    lanes.Read(*source, [&loop, left, put](Snapshot snapshot) {
      put(std::move(snapshot));
      if (--*left == 0) loop.Stop();
    });
  }
  if (*left > 0) loop.RunFor(kMostWait);
}

/// All that the kernel's log holds now, as events; what kept it from being read, as a finding.
void ReadKernelLog(const Root& root, const Clock& clock, const Options& options, const Boot& boot,
                   const Monitor& monitor, EventLog& events, ScanResult& result) {
  lanes::KernelLog log(
      root, clock, monitor.components(),
      {.path = options.kmsg_path, .boot_id = boot.id, .boot_wall = boot.wall, .follow = false});
  if (const auto opened = log.Open(); !opened) {
    result.findings.push_back(
        {"the kernel log cannot be read: " + opened.error().what, clock.Wall(), true});
    return;
  }
  do {
    for (Event& event : log.ReadSome().events) {
      if (events.Add(event)) result.events.push_back(std::move(event));
    }
  } while (log.more() && !log.ended());
  std::stable_sort(result.events.begin(), result.events.end(),
                   [](const Event& a, const Event& b) { return a.time > b.time; });
}

}  // namespace

ScanResult Scan(const Options& options, std::span<const ComponentType* const> components) {
  ScanResult result;
  const SystemClock clock;
  const Root root(options.root);
  Loop loop;
  EventLog events;
  Monitor monitor(Enabled(options, components), clock, events);
  const Boot boot = FindBoot(root, clock, {});
  if (!boot.id.empty()) monitor.SetReboots({boot.wall});

  monitor.PutNow<Settings>(Settings{options.component_settings});

  std::vector<const SourceType*> sources = SourcesOf(monitor.components());
  std::vector<const SourceType*> host_sources;
  std::copy_if(sources.begin(), sources.end(), std::back_inserter(host_sources),
               [](const SourceType* source) { return source->lane == Lane::kHost; });
  lanes::Lanes lanes(loop, clock, {.root = options.root, .gpu_lane_needs_gpu = true}, nullptr, {});
  const auto put = [&](Snapshot snapshot) {
    if (snapshot.type == kMachine.snapshot) {
      const auto& machine = *static_cast<const Result<MachineInfo>*>(snapshot.result.get());
      if (machine) {
        result.machine = *machine;
        result.machine.simulated = options.simulated;
      } else {
        result.findings.push_back({"machine info: " + machine.error().what, clock.Wall(), true});
      }
      return;
    }
    monitor.Put(std::move(snapshot));
  };
  ReadAll(loop, lanes, sources, put);
  DescribeGpus(monitor.snapshots(), result.machine);
  const BootTime first = clock.Boot();
  ReadKernelLog(root, clock, options, boot, monitor, events, result);
  const auto left = std::chrono::ceil<milliseconds>(first + kRateWindow - clock.Boot());
  if (left.count() > 0) loop.RunFor(left);
  ReadAll(loop, lanes, host_sources, put);

  for (const ComponentType* component : monitor.components()) monitor.Check(*component);
  result.components = monitor.statuses();
  for (SelfFinding& finding : lanes.Findings()) result.findings.push_back(std::move(finding));
  if (auto simulated = SimulatedFinding(options, clock.Wall())) {
    result.findings.push_back(std::move(*simulated));
  }
  return result;
}

}  // namespace gpud::daemon
