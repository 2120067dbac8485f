// SPDX-License-Identifier: Apache-2.0
// What a series is before the entries of the file act on it: its baseline, or what is derived from
// other series (specs/diagnosis.md, 5.6 and 5.9).
#include <algorithm>
#include <cmath>

#include "scenario/series.h"

namespace gpud::scenario {
namespace {

// In the order of their bits.
constexpr std::string_view kReasons[] = {
    "gpu.throttle.idle",        "gpu.throttle.app_clocks",    "gpu.throttle.sw_power_cap",
    "gpu.throttle.hw_slowdown", "gpu.throttle.sync_boost",    "gpu.throttle.sw_thermal",
    "gpu.throttle.hw_thermal",  "gpu.throttle.hw_power_brake"};

constexpr std::string_view kActivity[] = {
    "gpu.mem_util",    "gpu.sm_active", "gpu.sm_occupancy", "gpu.tensor_active", "gpu.fp_active",
    "gpu.dram_active", "gpu.pcie_rx",   "gpu.pcie_tx",      "gpu.nvlink_rx",     "gpu.nvlink_tx"};

constexpr std::string_view kNvlinkErrors[] = {"nvlink.crc_flit", "nvlink.crc_data", "nvlink.replay",
                                              "nvlink.recovery"};

constexpr double kContextMib = 500;  // what a GPU uses that belongs to no process
constexpr double kIdleMemory = 0.006;
constexpr double kProcessCpuNoise = 0.03;

bool IsOneOf(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

double ScaleOf(const Profile& profile, Scale scale) {
  switch (scale) {
    case Scale::kOne:
      return 1;
    case Scale::kClock:
      return profile.clock_mhz;
    case Scale::kPower:
      return profile.power_watts;
    case Scale::kMemory:
      return profile.memory_mib;
    case Scale::kHostMemory:
      return profile.host_gib * 1024;
    case Scale::kCpuBase:
      return profile.cpu_mhz;
    case Scale::kNicSpeed:
      return profile.nic_gbps;
  }
  return 1;
}

const BaselineCell& Cell(std::string_view signal, Workload workload) {
  return FindBaseline(signal)->cells[static_cast<std::size_t>(workload)];
}

double StateNumber(char state) {
  constexpr std::string_view kStates = "RSDZ";
  return static_cast<double>(kStates.find(state));
}

// Signals that this node does not have unless the file gives them values.
bool IsAbsent(const Node& node, std::string_view s, const Tags& tags) {
  const Profile& p = node.profile();
  const std::size_t id = tags.empty() ? 0 : static_cast<std::size_t>(tags[0].id);
  if (s == "gpu.fan" || s == "job.step_time") return true;
  if (s == "svc.active") return node.TextOf(tags[0]) == "imex";
  if (s == "gpu.mem_temp") return !p.memory_limit_celsius;
  if (s.starts_with("gpu.nvlink_")) return p.links == 0;
  if (s == "nvlink.ber") return !p.counts_bit_errors();
  if (IsOneOf(s, kNvlinkErrors)) return p.counts_bit_errors();
  if (s.starts_with("nfs.")) return !node.spec().mounts[id].fstype.starts_with("nfs");
  if (s.starts_with("nvme.")) return node.spec().disks[id].kind != "nvme";
  return false;
}

}  // namespace

void Series::Need(std::string_view signal, Tags tags) {
  sources_.emplace_back(*node_, *FindSignal(signal), std::move(tags));
}

Series::Base Series::ConstantBase() const {
  const std::string_view s = signal_->name;
  const Profile& p = node_->profile();
  Workload column = node_->spec().workload;
  if (s == "gpu.pcie.gen" || s == "gpu.pcie.gen_max") {
    // The link of an idle GPU goes down to save power; that of an adapter does not.
    const bool sleeps = s == "gpu.pcie.gen" && tags_[0].label == Label::kGpu;
    return {.value = sleeps && column == Workload::kIdle ? 1 : p.pcie_generation};
  }
  if (s == "gpu.pcie.width" || s == "gpu.pcie.width_max") return {.value = 16};
  const Baseline* row = FindBaseline(s);
  if (!row) return {.value = IsGoodState(s) ? 1 : 0};
  const bool other_disk = !tags_.empty() && tags_[0].label == Label::kDisk &&
                          node_->TextOf(tags_[0]) != node_->data_disk();
  const bool lonely = (s == "rdma.rx" || s == "rdma.tx") && !node_->job_spans_nodes();
  if (other_disk || lonely) column = Workload::kIdle;
  const BaselineCell& cell = row->cells[static_cast<std::size_t>(column)];
  const double scale = ScaleOf(p, row->scale);
  return {.value = cell.value * scale, .noise = cell.noise * scale};
}

void Series::ChooseBase() {
  const std::string_view s = signal_->name;
  if (IsAbsent(*node_, s, tags_)) return;  // constant, without a value
  const Tag gpu{Label::kGpu, IdOf(Label::kGpu)};
  const bool idle = node_->spec().workload == Workload::kIdle;
  if (s == "gpu.lost") {
    rule_ = Rule::kLost;
    watched_ = node_->PresenceOf(gpu);
  } else if (s == "gpu.clock_event_reasons") {
    rule_ = Rule::kReasonMask;
    for (const std::string_view reason : kReasons) Need(reason, tags_);
  } else if (s == "nvlink.link_rx" || s == "nvlink.link_tx") {
    rule_ = Rule::kLinkTraffic;
    Need(s == "nvlink.link_rx" ? "gpu.nvlink_rx" : "gpu.nvlink_tx", {gpu});
    for (int k = 0; k < node_->profile().links; ++k) {
      Need("nvlink.state", {gpu, {Label::kLink, k}});
    }
  } else if (IsOneOf(s, kActivity) && !idle) {
    rule_ = Rule::kFollowsUse;
    constant_ = ConstantBase();
    Need("gpu.util", {gpu});
  } else {
    ChooseProcessBase();
  }
}

void Series::ChooseProcessBase() {
  const std::string_view s = signal_->name;
  const Tag gpu{Label::kGpu, IdOf(Label::kGpu)};
  const bool idle = node_->spec().workload == Workload::kIdle;
  const auto count = [&](auto&& belongs) {
    for (const Process& process : node_->processes()) {
      if (belongs(process)) processes_.push_back(&process);
    }
  };
  const auto uses_gpu = [&](const Process& process) {
    return std::ranges::find(process.gpus, gpu.id) != process.gpus.end();
  };
  if (s == "gpu.mem_used") {
    rule_ = Rule::kGpuMemory;
    count(uses_gpu);
    for (const Process* process : processes_) {
      if (idle) Need("gpu.proc.mem", {gpu, {Label::kPid, process->pid}});
    }
  } else if (s == "gpu.proc.mem") {
    if (process_->gpu_mem_mib || idle) {
      constant_ = {.value = process_->gpu_mem_mib.value_or(kContextMib)};
      return;
    }
    rule_ = Rule::kProcessMemory;
    count(uses_gpu);
    Need("gpu.mem_used", {gpu});
  } else if (s == "gpu.proc.sm_util") {
    rule_ = Rule::kProcessUse;
    count(uses_gpu);
    Need("gpu.util", {gpu});
  } else if (s == "proc.read") {
    constant_ = {.value = 0.0};
    if (process_->role != "loader" || node_->data_disk().empty()) return;
    rule_ = Rule::kLoaderReads;
    count([](const Process& process) { return process.role == "loader"; });
    const auto disk = std::ranges::find(node_->spec().disks, node_->data_disk(), &Disk::name);
    Need("disk.read", {{Label::kDisk, disk - node_->spec().disks.begin()}});
  } else if (s == "proc.cpu") {
    constant_ = {.value = process_->cpu, .noise = kProcessCpuNoise};
  } else if (s == "proc.rss") {
    constant_ = {.value = process_->rss_mib};
  } else if (s == "proc.state") {
    constant_ = {.value = StateNumber(process_->state)};
  } else if (tags_.size() == 1 && tags_[0].label == Label::kCgroup) {
    const Cgroup& cgroup = node_->cgroups()[static_cast<std::size_t>(tags_[0].id)];
    if (s == "cgroup.cpu.limit") {
      constant_ = {.value = cgroup.cpu_limit};
    } else if (s == "cgroup.mem.limit") {
      constant_ = {.value = cgroup.memory_limit_mib};
    } else if (s == "cgroup.cpu.usage" || s == "cgroup.mem.used") {
      rule_ = Rule::kSumOfProcesses;
      count([&](const Process& process) { return process.cgroup == cgroup.name; });
      for (const Process* process : processes_) {
        Need(s == "cgroup.cpu.usage" ? "proc.cpu" : "proc.rss", {{Label::kPid, process->pid}});
      }
    } else {
      constant_ = ConstantBase();
    }
  } else {
    constant_ = ConstantBase();
  }
}

std::size_t Series::CountAlive(double t) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(processes_, [&](const Process* p) { return p->AliveAt(t); }));
}

// What the processes that give no number of their own share between them.
double Series::ProcessMemoryNow(double t) const {
  double given = 0;
  int others = 0;
  for (const Process* process : processes_) {
    if (!process->AliveAt(t)) continue;
    if (process->gpu_mem_mib) {
      given += *process->gpu_mem_mib;
    } else {
      ++others;
    }
  }
  return (sources_[0].raw().value_or(0) - kContextMib - given) / std::max(1, others);
}

Series::Base Series::BaseNow(double t) {
  const auto raw = [&](std::size_t i) { return sources_[i].raw().value_or(0); };
  const auto among_alive = [&] {
    return static_cast<double>(std::max<std::size_t>(1, CountAlive(t)));
  };
  switch (rule_) {
    case Rule::kConstant:
      return constant_;
    case Rule::kFollowsUse: {
      const double share = std::min(1.0, raw(0) / Cell("gpu.util", node_->spec().workload).value);
      return {.value = *constant_.value * share, .noise = constant_.noise * share};
    }
    case Rule::kReasonMask: {
      double mask = 0;
      for (std::size_t bit = 0; bit < sources_.size(); ++bit) {
        if (raw(bit) >= 0.5) mask += static_cast<double>(1U << bit);
      }
      return {.value = mask};
    }
    case Rule::kGpuMemory: {
      const double idle = kIdleMemory * node_->profile().memory_mib;
      if (node_->spec().workload == Workload::kIdle) {
        double used = 0;
        for (std::size_t i = 0; i < processes_.size(); ++i) {
          if (processes_[i]->AliveAt(t)) used += raw(i);
        }
        return {.value = idle + used};
      }
      const double share = Cell("gpu.mem_used", node_->spec().workload).value;
      return {.value = CountAlive(t) > 0 ? share * node_->profile().memory_mib : idle};
    }
    case Rule::kProcessMemory:
      return {.value = ProcessMemoryNow(t)};
    case Rule::kProcessUse:
      return {.value = raw(0) / among_alive()};
    case Rule::kLinkTraffic: {
      const auto up = std::count_if(sources_.begin() + 1, sources_.end(),
                                    [](const Series& link) { return link.raw().value_or(0) > 0; });
      const bool this_is_up = raw(static_cast<std::size_t>(IdOf(Label::kLink)) + 1) > 0;
      return {.value = this_is_up ? raw(0) / static_cast<double>(up) : 0};
    }
    case Rule::kLoaderReads:
      return {.value = raw(0) / among_alive()};
    case Rule::kSumOfProcesses: {
      double sum = 0;
      for (std::size_t i = 0; i < processes_.size(); ++i) {
        if (processes_[i]->AliveAt(t)) sum += raw(i);
      }
      return {.value = sum};
    }
    case Rule::kLost:
      return {.value = watched_ && !IsThere(*watched_, t) ? 1 : 0};
  }
  return {};
}

}  // namespace gpud::scenario
