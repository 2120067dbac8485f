// SPDX-License-Identifier: Apache-2.0
#include "components/os/blocked.h"

#include <algorithm>

#include "model/json_codec.h"

namespace gpud::os {
namespace {

constexpr std::string_view kSeen = "blocked_process";
constexpr std::string_view kBegin = "blocked_processes_persistent";
constexpr std::string_view kEnd = "blocked_processes_recovered";

// The original: five checks a minute apart.
constexpr std::chrono::seconds kPersistent{240};
constexpr std::size_t kMostTracked = 20;
constexpr std::chrono::hours kRebootsCountFor{72};
constexpr std::size_t kVainReboots = 2;

/// What names one sleep of one process.
std::string SleepKey(const procfs::BlockedProcess& process) {
  // Without the number of switches, CPU time that stands still has to do.
  return std::to_string(process.pid) + "/" + std::to_string(process.start_ticks) + "/" +
         (process.switches ? "s" + std::to_string(*process.switches)
                           : "c" + std::to_string(process.cpu_ticks));
}

const Event* FindSeen(const Inputs& in, const std::string& key) {
  for (const Event& event : in.OwnEvents()) {
    if (event.name != kSeen) continue;
    const auto found = event.extra_info.find("sleep");
    if (found != event.extra_info.end() && found->second == key) return &event;
  }
  return nullptr;
}

bool WasSleeping(const procfs::Processes* before, const std::string& key) {
  return before && std::any_of(before->blocked_processes.begin(), before->blocked_processes.end(),
                               [&](const auto& process) { return SleepKey(process) == key; });
}

Event SeenEvent(const Inputs& in, const procfs::BlockedProcess& process, const std::string& key) {
  return {.time = in.Now(),
          .name = std::string(kSeen),
          .type = EventType::kInfo,
          .message = "process " + process.name + " (pid " + std::to_string(process.pid) +
                     ") does not wake from an uninterruptible sleep" +
                     (process.wait_channel.empty() ? "" : " in " + process.wait_channel),
          .extra_info = {{"sleep", key},
                         {"pid", std::to_string(process.pid)},
                         {"process", process.name},
                         {"wait_channel", process.wait_channel}}};
}

std::string Describe(const std::vector<StuckProcess>& stuck) {
  constexpr std::size_t kNamed = 3;
  std::string text = std::to_string(stuck.size()) + " process(es) blocked in the kernel:";
  for (std::size_t i = 0; i < std::min(kNamed, stuck.size()); ++i) {
    text += " pid=" + std::to_string(stuck[i].pid) + " name=" + stuck[i].name +
            " blocked=" + std::to_string(stuck[i].blocked_seconds) + "s";
  }
  if (stuck.size() > kNamed) text += " +" + std::to_string(stuck.size() - kNamed) + " more";
  return text;
}

/// An episode that a reboot cut off has not recovered: its end is not told, and it counts below.
bool EpisodeIsOpen(const Inputs& in) {
  const WallTime booted = in.Now() - in.BootNow().time_since_epoch();
  for (const Event& event : in.OwnEvents()) {
    if (event.name == kEnd) return false;
    if (event.name == kBegin) return event.time >= booted;
  }
  return false;
}

RepairAction ActionByReboots(const Inputs& in) {
  WallTime since = in.Now() - kRebootsCountFor;
  for (const Event& event : in.OwnEvents()) {
    if (event.name == kEnd) since = std::max(since, event.time);
  }
  const auto reboots = static_cast<std::size_t>(std::count_if(
      in.Reboots().begin(), in.Reboots().end(), [&](WallTime reboot) { return reboot > since; }));
  return reboots >= kVainReboots ? RepairAction::kInspectHardware : RepairAction::kReboot;
}

void TellEpisode(const Inputs& in, const std::vector<StuckProcess>& stuck, Report& report) {
  const bool open = EpisodeIsOpen(in);
  if (!stuck.empty() && !open) {
    report.events.push_back({.time = in.Now(),
                             .name = std::string(kBegin),
                             .type = EventType::kWarning,
                             .message = Describe(stuck),
                             .extra_info = {{"blocked_processes", ToJson(stuck)}}});
  }
  if (stuck.empty() && open) {
    report.events.push_back({.time = in.Now(),
                             .name = std::string(kEnd),
                             .type = EventType::kInfo,
                             .message = "no process is blocked in the kernel any more"});
  }
}

}  // namespace

std::vector<StuckProcess> JudgeBlocked(const Inputs& in, const procfs::Processes& processes,
                                       bool judge, Report& report, Findings& findings) {
  std::vector<StuckProcess> stuck;
  std::size_t tracked = 0;
  for (const procfs::BlockedProcess& process : processes.blocked_processes) {
    const std::string key = SleepKey(process);
    const Event* seen = FindSeen(in, key);
    if (!seen && !WasSleeping(in.Previous<procfs::Processes>(), key)) continue;
    if (++tracked > kMostTracked) break;
    if (!seen) {
      report.events.push_back(SeenEvent(in, process, key));
      continue;
    }
    const auto blocked = in.Now() - seen->time;
    if (blocked < kPersistent) continue;
    stuck.push_back({.pid = process.pid,
                     .name = process.name,
                     .wait_channel = process.wait_channel,
                     .first_seen_unix_seconds = Seconds(seen->time.time_since_epoch()),
                     .last_seen_unix_seconds = Seconds(in.Now().time_since_epoch()),
                     .blocked_seconds = Seconds(blocked)});
  }
  std::stable_sort(stuck.begin(), stuck.end(), [](const auto& a, const auto& b) {
    return a.blocked_seconds > b.blocked_seconds;
  });
  TellEpisode(in, stuck, report);
  if (stuck.empty() || !judge) return stuck;
  const bool nvidia = std::any_of(stuck.begin(), stuck.end(), [](const StuckProcess& process) {
    return process.name.starts_with("nvidia");
  });
  if (nvidia) {
    findings.Add(Health::kUnhealthy, Describe(stuck), ActionByReboots(in));
  } else {
    findings.Add(Health::kDegraded, Describe(stuck));
  }
  return stuck;
}

}  // namespace gpud::os
