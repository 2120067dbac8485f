// SPDX-License-Identifier: Apache-2.0
// A scenario as its file gives it, checked: a machine, what happens to it over time, and what a
// person must be told (specs/diagnosis.md, section 5).
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "platform/result.h"
#include "scenario/profile.h"
#include "scenario/signal.h"

namespace gpud::scenario {

constexpr double kForEver = std::numeric_limits<double>::infinity();

using FactValue = std::variant<bool, std::int64_t, double, std::string>;
using Facts = std::vector<std::pair<std::string, FactValue>>;

struct Process {
  std::int64_t pid = 0;
  std::string name;
  std::string role;  ///< trainer, loader, server, other
  std::int64_t ppid = 1;
  std::string user = "root";
  double start_s = -36000;
  std::optional<double> stop_s;  ///< nothing: lives on
  std::string exit = "normal";
  std::vector<int> gpus;
  std::optional<double> gpu_mem_mib;
  double cpu = 0.1;  ///< cores
  double rss_mib = 2000;
  char state = 'S';
  std::string mount, cgroup, container, pod, namespace_name;
  bool listens = false;

  bool AliveAt(double t) const { return start_s <= t && t < stop_s.value_or(kForEver); }
};

struct Cgroup {
  std::string name;
  std::optional<double> cpu_limit, memory_limit_mib;
};
struct Disk {
  std::string name;
  std::string kind;  ///< nvme, ssd, hdd
};
struct Mount {
  std::string path, fstype, disk;  ///< disk "": remote
  std::string server, nic;         ///< of a remote one, where the file names them
};

struct NodeSpec {
  std::string name;
  int count = 1;  ///< n > 1: name-0 to name-(n-1)
  std::string profile_name;
  Profile profile;
  Workload workload = Workload::kIdle;
  std::string job;
  std::vector<std::pair<std::string, std::string>> labels;
  Facts facts;
  bool default_processes = true;
  std::vector<Process> processes;
  std::vector<Cgroup> cgroups;
  std::vector<Disk> disks{{.name = "nvme0n1", .kind = "nvme"}, {.name = "nvme1n1", .kind = "nvme"}};
  std::vector<Mount> mounts{{.path = "/", .fstype = "ext4", .disk = "nvme0n1"},
                            {.path = "/data", .fstype = "xfs", .disk = "nvme1n1"}};

  std::vector<std::string> Names() const;
};

struct Wave {
  double period_s = 0, low = 0, high = 0, duty = 0.5;
};

enum class Operation : std::uint8_t { kSet, kAdd, kMultiply };

/// One entry of `signals`: moves some series over some time.
struct SignalEntry {
  const Signal* signal = nullptr;
  int line = 0;
  std::vector<std::string> nodes{"*"};                                   ///< globs
  std::vector<std::pair<std::string, std::vector<std::string>>> labels;  ///< "*": all
  std::vector<std::pair<double, double>> points;                         ///< time, value
  std::optional<Wave> wave;
  bool steps = false;  ///< holds the last point instead of moving towards the next
  bool total = false;  ///< of a counter: the points are totals, not rates
  Operation operation = Operation::kSet;
  double noise_sd = 0, noise_uniform = 0;
  double from_s = 0, until_s = kForEver;
  std::vector<std::pair<double, double>> missing;

  /// The value at `t`; nothing where the entry is not active.
  std::optional<double> At(double t) const;
};

struct KernelLine {
  double t = 0;
  std::string node;  ///< glob; "": the only node
  std::string text;
  int level = 4, facility = 0;
  std::string flags = "-";
  std::string device;  ///< "+pci:0000:9b:00.0"; "": none
  bool repeats = false;
  int count = 1;
  double every_s = 0;
};

struct FactChange {
  double t = 0;
  std::vector<std::string> nodes{"*"};
  Facts set;
};

/// What a diagnosis must say (5.7).
struct Expectation {
  std::string id;
  std::string as = "root";
  std::vector<std::string> nodes;
  std::vector<int> gpus;
  std::string device;
  std::vector<std::int64_t> pids;
  double after_s = 0;
  double by_s = 0;
  std::optional<double> cleared_by_s;
  std::vector<std::string> severities;
  std::string action;
  std::vector<std::string> says;
};

struct Scenario {
  std::string file;  ///< as it was opened
  std::string id, title, description;
  std::vector<std::string> tags;
  std::uint64_t seed = 0;
  std::string start = "2026-01-01T00:00:00Z";
  double duration_s = 0;
  double step_s = 5;
  double uptime_s = 100000;
  std::vector<NodeSpec> nodes;
  std::vector<SignalEntry> signals;
  std::vector<KernelLine> kernel_log;
  std::vector<FactChange> facts;
  std::vector<Expectation> expect;
  std::vector<std::string> forbid, allow;
  std::optional<int> most_incidents;

  /// Samples are at k * step_s for k below this.
  std::int64_t SampleCount() const;
};

/// Reads and checks a file. Error: kNotFound, kPermission, kIo; kParse with every mistake of the
/// file, one a line: "FILE:LINE: KEY: what is wrong".
Result<Scenario> LoadScenario(const std::string& path);
/// As above from a text; `file` is for messages, and gives the id that the text must have.
Result<Scenario> ParseScenario(const std::string& file, const std::string& text);

/// Shell glob over a name (`*`, `?`, `[...]`), case counts.
bool GlobMatches(const std::string& pattern, const std::string& name);
bool AnyGlobMatches(const std::vector<std::string>& patterns, const std::string& name);

}  // namespace gpud::scenario
