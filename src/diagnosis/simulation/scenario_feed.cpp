// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/simulation/scenario_feed.h"

#include <algorithm>
#include <cmath>

namespace gpud::diagnosis {
namespace {

// Those that ended stay as long as a rule may ask for them.
constexpr Seconds kRemembered = 3600;
constexpr int kMostProcesses = 256;

Shape ShapeOf(const scenario::Node& node) {
  const scenario::NodeSpec& spec = node.spec();
  const auto count = [&](std::string_view signal) {
    return static_cast<int>(node.LabelSets(*scenario::FindSignal(signal)).size());
  };
  int uses = 0;
  for (const scenario::Process& process : node.processes()) {
    uses += static_cast<int>(process.gpus.size());
  }
  return {.gpus = node.profile().gpus,
          .links = node.profile().links,
          .nics = node.profile().nics,
          .disks = static_cast<int>(spec.disks.size()),
          .mounts = static_cast<int>(spec.mounts.size()),
          .cgroups = static_cast<int>(node.cgroups().size()),
          .services = count("svc.active"),
          .fans = count("bmc.fan"),
          .psus = count("bmc.psu_ok"),
          .dimms = count("mem.edac.ce"),
          .jobs = count("job.step_time"),
          .processes = std::min(static_cast<int>(node.processes().size()), kMostProcesses),
          .gpu_processes = uses};
}

Role RoleOf(const scenario::Process& process) {
  if (process.role == "trainer") return Role::kTrainer;
  if (process.role == "loader") return Role::kLoader;
  return process.role == "server" ? Role::kServer : Role::kOther;
}

Owner OwnerOf(const scenario::Signal& signal, const scenario::Tags& tags) {
  using scenario::Label;
  if (tags.empty()) return Owner::kNode;
  switch (tags[0].label) {
    case Label::kGpu:
      return signal.labels[1] == Label::kLink  ? Owner::kGpuLink
             : signal.labels[1] == Label::kPid ? Owner::kGpuProcess
                                               : Owner::kGpu;
    case Label::kPid:
      return Owner::kProcess;
    case Label::kCgroup:
      return Owner::kCgroup;
    case Label::kDimm:
      return Owner::kDimm;
    case Label::kDisk:
      return Owner::kDisk;
    case Label::kMount:
      return Owner::kMount;
    case Label::kNic:
      return Owner::kNic;
    case Label::kService:
      return Owner::kService;
    case Label::kFan:
      return Owner::kFan;
    case Label::kPsu:
      return Owner::kPsu;
    case Label::kJob:
      return Owner::kJob;
    case Label::kNone:
    case Label::kLink:
      break;
  }
  return Owner::kNode;
}

// Signals that no rule asks for; the daemon keeps them for people.
bool IsAsked(Signal signal) {
  switch (signal) {
    case Signal::kGpuMemUtil:
    case Signal::kGpuClockMem:
    case Signal::kGpuClockEventReasons:
    case Signal::kGpuThrottleSyncBoost:
    case Signal::kGpuNvlinkRx:
    case Signal::kNvlinkLinkRx:
    case Signal::kNvlinkLinkTx:
    case Signal::kCpuUser:
    case Signal::kCpuSys:
    case Signal::kCpuSoftirq:
    case Signal::kPsiIoFull:
    case Signal::kOpticTxPower:
    case Signal::kGpuEccSramCorr:
    case Signal::kNvmeWear:
    case Signal::kNvmeTemp:
      return false;
    default:
      return true;
  }
}

}  // namespace

ScenarioFeed::ScenarioFeed(const scenario::Node& node,
                           std::span<const ComponentType* const> components, WallTime start)
    : node_(node),
      start_(start),
      view_(FactsOf(node, 0), ShapeOf(node), node.scenario().step_s),
      log_(components),
      records_(scenario::KernelLogOf(node)),
      place_of_(node.processes().size(), -1) {
  AddSeries();
}

void ScenarioFeed::AddSeries() {
  int gpu_process = 0;
  for (const scenario::Signal& signal : scenario::AllSignals()) {
    gpu_process = 0;
    for (scenario::Tags& tags : node_.LabelSets(signal)) {
      const Owner owner = OwnerOf(signal, tags);
      const auto mine = diagnosis::FindSignal(signal.name, owner);
      int process = -1;
      int row = -1;
      if (!mine) continue;
      if (owner == Owner::kGpuProcess) {
        row = view_.store.Row(*mine, gpu_process++);
        process = static_cast<int>(node_.FindProcess(tags[1].id) - node_.processes().data());
      } else if (owner == Owner::kProcess) {
        process = static_cast<int>(node_.FindProcess(tags[0].id) - node_.processes().data());
      } else if (owner == Owner::kGpuLink) {
        row = view_.store.Row(*mine, static_cast<int>(tags[0].id), static_cast<int>(tags[1].id));
      } else {
        row = view_.store.Row(*mine, tags.empty() ? 0 : static_cast<int>(tags[0].id));
      }
      if (!IsAsked(*mine)) continue;
      Row added{.series = scenario::Series(node_, signal, std::move(tags)),
                .signal = *mine,
                .row = row,
                .process = process};
      if (process >= 0) added.owner = &node_.processes()[static_cast<std::size_t>(process)];
      if (added.series.IsStill()) {
        added.series.MoveTo(0);
        added.moves = added.series.CanLeave();
        added.still = static_cast<float>(added.series.raw().value_or(static_cast<double>(kAbsent)));
        if (!added.moves && std::isnan(added.still)) continue;
      }
      rows_.push_back(std::move(added));
    }
  }
}

void ScenarioFeed::Enter(const scenario::Process& process) {
  const auto index = static_cast<std::size_t>(&process - node_.processes().data());
  auto place =
      std::ranges::find_if(view_.processes, [](const ProcessFacts& p) { return p.pid == 0; });
  if (place == view_.processes.end()) {
    place = std::ranges::find_if(view_.processes, [&](const ProcessFacts& p) {
      return p.ended && view_.now() - *p.ended > kRemembered;
    });
  }
  if (place == view_.processes.end()) return;
  const int at = static_cast<int>(place - view_.processes.begin());
  for (const Signal s : {Signal::kProcCpu, Signal::kProcRss, Signal::kProcRead,
                         Signal::kProcNumaRemote, Signal::kProcState}) {
    view_.store.Clear(s, view_.store.Row(s, at));
  }
  ProcessFacts facts{.pid = process.pid,
                     .parent = process.ppid,
                     .name = process.name,
                     .user = process.user,
                     .cgroup = process.cgroup,
                     .container = process.container,
                     .pod = process.pod,
                     .pod_namespace = process.namespace_name,
                     .job = node_.spec().job,
                     .mount = process.mount,
                     .role = RoleOf(process),
                     .start = process.start_s,
                     .gpus = process.gpus,
                     .listens = process.listens};
  int use = 0;
  for (const scenario::Process& other : node_.processes()) {
    if (&other == &process) break;
    use += static_cast<int>(other.gpus.size());
  }
  for (std::size_t i = 0; i < process.gpus.size(); ++i) {
    facts.gpu_places.push_back(use + static_cast<int>(i));
  }
  *place = std::move(facts);
  place_of_[index] = at;
}

void ScenarioFeed::MoveProcesses(Seconds t) {
  for (std::size_t i = 0; i < place_of_.size(); ++i) {
    const scenario::Process& process = node_.processes()[i];
    if (place_of_[i] < 0) {
      if (process.AliveAt(t)) Enter(process);
      continue;
    }
    ProcessFacts& facts = view_.processes[static_cast<std::size_t>(place_of_[i])];
    if (facts.pid != process.pid || facts.ended || process.AliveAt(t)) continue;
    facts.ended = process.stop_s;
    facts.exit = process.exit;
  }
}

void ScenarioFeed::ApplyFacts(Seconds t) {
  bool changed = false;
  while (next_fact_ < node_.facts().size() && node_.facts()[next_fact_].t <= t) {
    changed |= node_.facts()[next_fact_].t > 0;
    ++next_fact_;
  }
  if (!changed) return;
  view_.facts = FactsOf(node_, t);
  view_.facts_changed = t;
}

void ScenarioFeed::Step(std::int64_t k) {
  const Seconds t = static_cast<Seconds>(k) * node_.scenario().step_s;
  view_.store.Advance(t);
  ApplyFacts(t);
  MoveProcesses(t);
  for (Row& row : rows_) {
    int at = row.row;
    if (row.process >= 0) {
      const int place = place_of_[static_cast<std::size_t>(row.process)];
      if (RowOf(row.signal).owner == Owner::kProcess) {
        at = place < 0 ? -1 : view_.store.Row(row.signal, place);
      }
    }
    if (!row.moves) {
      if (!view_.store.IsDue(row.signal)) continue;
      if (row.owner && !row.owner->AliveAt(t)) continue;
      if (RowOf(row.signal).kind == SignalKind::kCounter) {
        view_.store.SetTotal(row.signal, at, static_cast<double>(row.still));
      } else {
        view_.store.Set(row.signal, at, static_cast<double>(row.still));
      }
      continue;
    }
    if (!view_.store.IsDue(row.signal)) continue;
    row.series.MoveTo(k);
    const auto value = row.series.value();
    if (!value) continue;
    if (RowOf(row.signal).kind == SignalKind::kCounter) {
      view_.store.SetTotal(row.signal, at, *value);
    } else {
      view_.store.Set(row.signal, at, *value);
    }
  }
  while (next_record_ < records_.size() && records_[next_record_].t <= t) {
    const scenario::LogRecord& record = records_[next_record_++];
    const unsigned priority = static_cast<unsigned>(std::stoul(record.header));
    if (priority >> 3 != 0) continue;  // of a program
    const std::string device =
        record.device.starts_with("+pci:") ? record.device.substr(5) : std::string();
    log_.Take({.time = start_ + std::chrono::microseconds(std::llround(record.t * 1e6)),
               .text = record.text,
               .severity = priority & 7U,
               .pci_device = device},
              record.t, view_);
  }
}

}  // namespace gpud::diagnosis
