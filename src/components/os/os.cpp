// SPDX-License-Identifier: Apache-2.0
// OS: which system this is, how long it is up, and whether its tables run full.
#include <algorithm>

#include "components/component.h"
#include "components/findings.h"
#include "components/os/blocked.h"
#include "components/os/data.h"
#include "components/os/kernel_lines.h"
#include "components/os/last_boot.h"
#include "model/json_codec.h"
#include "sources/host/identity.h"
#include "sources/host/last_shutdown.h"
#include "sources/host/pstore.h"
#include "sources/host/time_sync.h"
#include "sources/procfs/kernel_state.h"
#include "sources/procfs/limits.h"
#include "sources/procfs/loadavg.h"
#include "sources/procfs/modules.h"
#include "sources/procfs/processes.h"
#include "sources/procfs/stat.h"
#include "sources/procfs/uptime.h"

namespace gpud::os {
namespace {

constexpr std::string_view kTags[] = {"os"};
constexpr const SourceType* kNeeds[] = {
    &procfs::kProcesses, &procfs::kLimits,      &procfs::kStat,       &procfs::kUptime,
    &procfs::kModules,   &host::kIdentity,      &host::kPstore,       &host::kLastShutdown,
    &host::kTimeSync,    &procfs::kKernelState, &procfs::kLoadAverage};
constexpr MetricType kMetrics[] = {
    {"os_allocated_file_handles", "files that are open in all (fs.file-nr)"},
    {"os_running_pids", "processes that exist"},
    {"os_limit", "how many files may be open (fs.file-max)"},
    {"os_allocated_file_handles_percent", "open files as a share of the limit"},
    {"os_used_percent", "open files as a share of the limit"},
    {"os_threshold_running_pids", "number of processes by which they are judged"},
    {"os_threshold_running_pids_percent", "processes as a share of it"},
    {"os_threshold_allocated_file_handles", "number of open files by which they are judged"},
    {"os_threshold_allocated_file_handles_percent", "open files as a share of it"},
    {"os_threads", "threads that exist"},
    {"os_threshold_threads", "number of threads by which they are judged"},
    {"os_time_synchronised", "1 while a daemon steers the kernel's clock and has said so"},
    {"os_time_offset_seconds", "what is still to be corrected of the clock"},
    {"os_time_error_seconds", "how wrong the clock may be at most"},
    {"os_kernel_taint", "the kernel's marks on itself, as bits"},
    {"os_entropy_bits", "randomness that the kernel has ready"},
    {"os_zombie_processes", "dead processes that their parents have not reaped"},
    {"os_blocked_processes", "processes in uninterruptible sleep"},
    {"os_blocked_processes_persistent", "those that have been in the same one for 240 s or more"},
    {"os_uptime_seconds", "time since the machine was started"},
    {"os_boot_time_seconds", "unix time of the start"},
    {"os_forks_total", "processes and threads made since boot", MetricKind::kCounter},
};

// The original's limits. Its zombie limits hang on file-max, which is often 2^63: here they are
// what it uses where file-max is unknown, and no more than a fifth of all process ids.
constexpr std::uint64_t kMostPids = 900'000, kMostFileHandles = 10'000'000;
constexpr std::uint64_t kManyZombies = 1000, kTooManyZombies = 2000;
constexpr double kManyPercent = 80, kTooManyPercent = 95;

std::string PercentText(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}
double Percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}
void Add(Report& report, const char* metric, double value) {
  report.samples.push_back({.metric = metric, .value = value});
}
void Add(Report& report, const char* metric, std::uint64_t value) {
  Add(report, metric, static_cast<double>(value));
}
std::string TextOr(const Result<std::string>& text) { return text.value_or(std::string()); }

void JudgeShare(double percent, const std::string& what, Findings& findings) {
  if (percent <= kManyPercent) return;
  findings.Add(percent > kTooManyPercent ? Health::kUnhealthy : Health::kDegraded,
               what + " at " + PercentText(percent) + " % of the limit",
               RepairAction::kCheckUserApp);
}

void JudgeZombies(const procfs::Processes& processes, std::uint64_t pid_max, Findings& findings) {
  const std::uint64_t many = std::min(kManyZombies, pid_max / 5);
  const std::uint64_t too_many = std::min(kTooManyZombies, pid_max / 5 * 2);
  if (processes.zombie <= many) return;
  std::string reason = std::to_string(processes.zombie) + " zombie processes";
  if (!processes.zombies.empty()) {
    reason += ", as of parent pid " + std::to_string(processes.zombies.front().parent);
  }
  findings.Add(processes.zombie > too_many ? Health::kUnhealthy : Health::kDegraded, reason,
               RepairAction::kCheckUserApp);
}

void CheckProcesses(const Inputs& in, const procfs::Processes& processes, Data& data,
                    Report& report, Findings& findings) {
  const auto& limits = in.Latest<procfs::Limits>();
  const std::uint64_t pid_max = limits ? limits->pid_max.value_or(kMostPids) : kMostPids;
  JudgeZombies(processes, pid_max, findings);
  const auto& modules = in.Latest<procfs::Modules>();
  data.blocked_processes.persistent =
      JudgeBlocked(in, processes, modules && modules->Has("nvidia"), report, findings);
  data.blocked_processes.current_count = processes.blocked;
  data.blocked_processes.persistent_count = data.blocked_processes.persistent.size();
  data.zombie_processes = processes.zombie;

  FileDescriptors& fd = data.file_descriptors;
  fd.running_pids = processes.total;
  fd.threshold_running_pids = std::min(kMostPids, pid_max);
  const double percent = Percent(fd.running_pids, fd.threshold_running_pids);
  fd.threshold_running_pids_percent = PercentText(percent);
  JudgeShare(percent, "processes", findings);
  Add(report, "os_running_pids", fd.running_pids);
  Add(report, "os_threshold_running_pids", fd.threshold_running_pids);
  Add(report, "os_threshold_running_pids_percent", percent);
  Add(report, "os_zombie_processes", processes.zombie);
  Add(report, "os_blocked_processes", processes.blocked);
  Add(report, "os_blocked_processes_persistent", data.blocked_processes.persistent_count);
}

/// A thread takes a process id too, so both limits hold.
void CheckThreads(const Inputs& in, const procfs::Limits& limits, Report& report,
                  Findings& findings) {
  const auto& load = in.Latest<procfs::LoadAverage>();
  AddUnreadable(report, "os/threads", load);
  if (!load || !limits.threads_max) return;
  const std::uint64_t most = std::min(*limits.threads_max, limits.pid_max.value_or(kMostPids));
  Add(report, "os_threads", load->threads);
  Add(report, "os_threshold_threads", most);
  JudgeShare(Percent(load->threads, most), "threads", findings);
}

void CheckFileHandles(const procfs::FileHandles& handles, FileDescriptors& fd, Report& report,
                      Findings& findings) {
  fd.file_handles_supported = fd.fd_limit_supported = true;
  fd.allocated_file_handles = fd.usage = handles.allocated;
  fd.limit = handles.limit;
  fd.threshold_allocated_file_handles = std::min(kMostFileHandles, handles.limit);
  const double of_limit = Percent(handles.allocated, handles.limit);
  const double of_threshold = Percent(handles.allocated, fd.threshold_allocated_file_handles);
  fd.allocated_file_handles_percent = fd.used_percent = PercentText(of_limit);
  fd.threshold_allocated_file_handles_percent = PercentText(of_threshold);
  JudgeShare(of_threshold, "open files", findings);
  Add(report, "os_allocated_file_handles", handles.allocated);
  Add(report, "os_limit", handles.limit);
  Add(report, "os_allocated_file_handles_percent", of_limit);
  Add(report, "os_used_percent", of_limit);
  Add(report, "os_threshold_allocated_file_handles", fd.threshold_allocated_file_handles);
  Add(report, "os_threshold_allocated_file_handles_percent", of_threshold);
}

void Describe(const host::Identity& identity, Data& data) {
  auto& environment = data.virtualization_environment;
  environment.vm = identity.virtual_machine;
  environment.container = identity.container;
  environment.type = identity.container != "none" ? identity.container : identity.virtual_machine;
  environment.is_kvm = identity.virtual_machine == "kvm";
  data.system_manufacturer = TextOr(identity.manufacturer);
  data.machine_metadata = {TextOr(identity.boot_id), TextOr(identity.system_uuid),
                           TextOr(identity.machine_id)};
  data.host.id = TextOr(identity.system_uuid ? identity.system_uuid : identity.machine_id);
  data.kernel = {std::string(host::Architecture()), TextOr(identity.kernel_release)};
  if (!identity.os) return;
  data.platform.name = identity.os->id;
  data.platform.family = identity.os->id_like.empty() ? identity.os->id : identity.os->id_like;
  data.platform.version = identity.os->version_id;
}

void DescribeTimes(const Inputs& in, Data& data, Report& report) {
  if (const auto& uptime = in.Latest<procfs::Uptime>()) {
    data.uptimes.seconds = static_cast<std::int64_t>(uptime->seconds);
    Add(report, "os_uptime_seconds", uptime->seconds);
  } else {
    AddUnreadable(report, "os/uptime", uptime);
  }
  if (const auto& stat = in.Latest<procfs::Stat>()) {
    data.uptimes.boot_time_unix_seconds = stat->boot_time_seconds;
    Add(report, "os_boot_time_seconds", static_cast<double>(stat->boot_time_seconds));
    Add(report, "os_forks_total", stat->forks);
  } else {
    AddUnreadable(report, "os/stat", stat);
  }
}

Report Check(const Inputs& in) {
  const auto& processes = in.Latest<procfs::Processes>();
  if (!processes) return Unreadable("os", processes.error());

  Report report;
  report.states.emplace_back();  // the main state stands first; it is known last
  Findings findings;
  Data data;
  CheckProcesses(in, *processes, data, report, findings);
  const auto& limits = in.Latest<procfs::Limits>();
  AddUnreadable(report, "os/limits", limits);
  if (limits) {
    AddUnreadable(report, "os/threads-max", limits->threads_max);
    CheckThreads(in, *limits, report, findings);
    AddUnreadable(report, "os/file-handles", limits->file_handles);
    if (limits->file_handles) {
      CheckFileHandles(*limits->file_handles, data.file_descriptors, report, findings);
    }
  }
  const auto& identity = in.Latest<host::Identity>();
  AddUnreadable(report, "os/identity", identity);
  if (identity) Describe(*identity, data);
  DescribeTimes(in, data, report);
  TellPanics(in, report);
  data.kernel_state = TellKernel(in, report);
  data.reboot_cause = RebootCause(in);
  const auto& pstore = in.Latest<host::Pstore>();
  if (pstore) {
    for (const std::string& error : pstore->unreadable) data.pstore += error + "\n";
  } else if (!AbsentByDesign(pstore.error())) {
    data.pstore = pstore.error().what;
  }
  AddFaults(OpenFaults(in), FaultName, findings);
  report.states.front() = findings.ToState("os");
  report.states.front().extra_info["data"] = ToJson(data);
  return report;
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "os",
    .tags = kTags,
    .needs = kNeeds,
    .needles = kNeedles,
    .metrics = kMetrics,
    .period = std::chrono::seconds(15),
    .clearable = true,
    .check = Check,
    .create_matcher = [] { return TableMatcher("os", kRules); },
};

}  // namespace gpud::os
