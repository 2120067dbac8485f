// SPDX-License-Identifier: Apache-2.0
#include "daemon/node.h"

#include <malloc.h>

#include <algorithm>

#include "components/settings.h"
#include "daemon/daemon.h"
#include "daemon/machine.h"
#include "daemon/machine_gpus.h"
#include "daemon/own_event.h"
#include "daemon/simulation.h"
#include "platform/log.h"
#include "platform/text.h"
#include "platform/time_text.h"

namespace gpud::daemon {
namespace {

using std::chrono::milliseconds;

// The store opens within milliseconds; on a data directory that hangs the machine is watched all
// the same, without the resume position.
constexpr milliseconds kStorePatience{2'000};
constexpr std::chrono::seconds kPositionPeriod{60};
constexpr std::chrono::seconds kTrimPeriod{10};
// A batch of the kernel's log of so many events is a burst, and trimmed after when it is over.
constexpr std::size_t kBurst = 64;
constexpr std::chrono::seconds kTrimAfterBurst{1};
constexpr std::size_t kMostLoadedEvents = 2'000;
// The kernel's ring keeps records better than our memory: what is read and not written is lost with
// us. With one more batch, that of 512 lines, this is well below what the store keeps (4 MiB).
constexpr std::size_t kHoldAbove = 1'000;
constexpr std::size_t kReadOnBelow = 250;
// A disk that hangs for longer must not blind us: then events are judged, and wait as they can.
constexpr std::chrono::seconds kLongestHold{5};

constexpr std::string_view kKmsgBoot = "kmsg.boot_id";
constexpr std::string_view kKmsgNext = "kmsg.next_sequence";
constexpr std::string_view kKmsgLast = "kmsg.last_us";

std::string Value(const store::Metadata& metadata, std::string_view key) {
  const auto found = metadata.find(std::string(key));
  return found == metadata.end() ? "" : found->second;
}

}  // namespace

Node::Node(Loop& loop, const Clock& clock, const Options& options,
           std::vector<const ComponentType*> components)
    : loop_(loop),
      clock_(clock),
      options_(options),
      root_(options.root),
      monitor_(components, clock, events_),
      schedule_(components, options.sample_interval, clock.Boot()) {
  machine_.simulated = options.simulated;
}

Node::~Node() = default;

void Node::Start() {
  store_ = std::make_unique<store::Store>(
      store::Options{.directory = options_.data_dir,
                     .in_memory = options_.db_in_memory,
                     .events_retention = options_.events_retention,
                     .metrics_retention = options_.metrics_retention},
      clock_, [this](std::function<void()> task) { loop_.Post(std::move(task)); });
  store_->OnCondition([this](const store::Condition& now) { OnStoreCondition(now); });
  start_guard_ = loop_.After(kStorePatience, [this] {
    if (!lanes_) StartLanes({});
  });
  store_->QueryMetadata([this](Result<store::Metadata> metadata) {
    if (!lanes_) StartLanes(metadata ? *metadata : store::Metadata());
  });
  if (!options_.expected_gpus_file.empty()) {
    if (const auto read = expected_gpus_.Declare(options_.expected_gpus_file); !read) {
      findings_["expected GPUs"] = {read.error().what + "; GPUs are judged by what was seen here",
                                    clock_.Wall(), true};
    }
  }
  LoadHistory();
  LoadPlugins();
}

void Node::StartLanes(const store::Metadata& metadata) {
  start_guard_.reset();
  monitor_.PutNow<Settings>(Settings{options_.component_settings});
  boot_ = FindBoot(root_, clock_, metadata);
  expected_gpus_.Load(metadata);
  for (const auto& [key, value] : metadata) {
    const auto micros = ParseNumber<std::int64_t>(value);
    if (key.starts_with(kClearedPrefix) && micros) {
      monitor_.SetCleared(key.substr(kClearedPrefix.size()),
                          WallTime(std::chrono::microseconds(*micros)));
    }
  }
  if (auto reboot = RebootEvent(boot_, clock_.Wall())) {
    store_->Put({.events = {*reboot}, .metadata = BootMetadata(boot_, metadata)});
    AddEvents({*reboot});
  } else {
    store_->Put({.metadata = BootMetadata(boot_, metadata)});
  }

  lanes::KernelLogOptions log_options{.path = options_.kmsg_path,
                                      .boot_id = boot_.id,
                                      .boot_wall = boot_.wall,
                                      .resume = {.boot_id = Value(metadata, kKmsgBoot)}};
  log_options.resume.next_sequence =
      ParseNumber<std::uint64_t>(Value(metadata, kKmsgNext)).value_or(0);
  log_options.resume.last =
      std::chrono::microseconds(ParseNumber<std::int64_t>(Value(metadata, kKmsgLast)).value_or(-1));
  log_options.resume_boot_wall = WallOfBoot(log_options.resume.boot_id, metadata);
  auto kernel_log = std::make_unique<lanes::KernelLog>(root_, clock_, monitor_.components(),
                                                       std::move(log_options));
  if (const auto opened = kernel_log->Open(); !opened) {
    log::Warn("the kernel log cannot be read", {{"error", opened.error().what}});
    findings_["kernel log"] = {"the kernel log cannot be read: " + opened.error().what,
                               clock_.Wall(), true};
    kernel_log.reset();
  } else {
    log::Info("reading the kernel log", {{"from", kernel_log->origin()}});
  }
  kernel_log_ = kernel_log.get();

  lanes_ = std::make_unique<lanes::Lanes>(
      loop_, clock_, lanes::Options{.root = options_.root, .gpu_lane_needs_gpu = true},
      std::move(kernel_log),
      [this](lanes::KernelLogBatch batch) { OnKernelLog(std::move(batch)); });
  ReadMachine();
  Tick();
  for (const auto& task : std::exchange(waiting_for_start_, {})) task();
}

void Node::WhenStarted(std::function<void()> task) {
  if (lanes_) return task();
  waiting_for_start_.push_back(std::move(task));
}

void Node::LoadHistory() {
  const WallTime after = clock_.Wall() - options_.events_retention;
  store_->QueryEvents(
      {.after = after, .limit = kMostLoadedEvents},
      [this, after](Result<std::vector<Event>> loaded) {
        if (!loaded) {
          log::Warn("the stored events cannot be read", {{"error", loaded.error().what}});
          findings_["history"] = {
              "the stored events could not be read at the start: " + loaded.error().what +
                  "; health does not know of them, restart",
              clock_.Wall(), true};
          return;
        }
        AddEvents(*loaded);
        const bool all = loaded->size() < kMostLoadedEvents;
        events_.SetCompleteSince(all ? after : loaded->back().time);
      });
}

void Node::ReadMachine() {
  lanes_->Read(kMachine, [this](const Snapshot& snapshot) {
    const auto& machine = *static_cast<const Result<MachineInfo>*>(snapshot.result.get());
    if (machine) {
      machine_ = *machine;
      machine_.simulated = options_.simulated;
      DescribeGpus(monitor_.snapshots(), machine_);
    } else {
      log::Warn("machine info", {{"error", machine.error().what}});
    }
  });
}

void Node::Tick() {
  const BootTime now = clock_.Boot();
  if (now - trimmed_ >= kTrimPeriod) Trim();
  ReadAndCheck(schedule_.TakeDue(now), {});
  const auto wait = std::chrono::ceil<milliseconds>(schedule_.Next() - clock_.Boot());
  tick_ = loop_.After(std::max(wait, milliseconds(0)), [this] { Tick(); });
}

void Node::Trim() {
  trimmed_ = clock_.Boot();
  malloc_trim(0);  // what a burst or a large answer took goes back to the system
}

void Node::ReadAndCheck(const std::vector<const ComponentType*>& components,
                        std::function<void()> done) {
  struct Round {
    std::map<const ComponentType*, std::size_t> waits;  ///< sources still to come
    std::size_t left = 0;
    std::function<void()> done;
  };
  auto round = std::make_shared<Round>();
  round->left = components.size();
  round->done = std::move(done);
  const auto check = [this, round](const ComponentType& component) {
    CheckNow(component);
    if (--round->left == 0 && round->done) round->done();
  };
  std::vector<const ComponentType*> ready;
  for (const ComponentType* component : components) {
    round->waits[component] = component->needs.size();
    if (component->needs.empty()) ready.push_back(component);
  }
  if (components.empty() && round->done) round->done();
  const std::vector<const SourceType*> sources = NeedsOf(components);
  for (const SourceType* source : sources) {
    lanes_->Read(*source, [this, round, source, check](Snapshot snapshot) {
      OnSnapshot(*source, std::move(snapshot));
      for (auto& [component, waits] : round->waits) {
        const auto& needs = component->needs;
        if (std::find(needs.begin(), needs.end(), source) == needs.end()) continue;
        if (--waits == 0) check(*component);
      }
    });
  }
  for (const ComponentType* component : ready) check(*component);
  if (std::any_of(sources.begin(), sources.end(),
                  [](const SourceType* source) { return ListsGpuProcesses(*source); })) {
    ReadGpuUsers();
  }
}

void Node::ReadGpuUsers() {
  // The gpu lane comes to it when the vendors' lists are read, of which it is made.
  for (const SourceType* source : kGpuUserSources) {
    lanes_->Read(*source, [this](const Snapshot& snapshot) { gpu_users_.Put(snapshot); });
  }
}

void Node::OnSnapshot(const SourceType& source, Snapshot snapshot) {
  const Inputs& snapshots = monitor_.snapshots();
  const auto is_good = [&] {
    const Snapshot* last = snapshots.Find(source.snapshot);
    return last && source.snapshot->good(last->result.get());
  };
  const bool first = !snapshots.Find(source.snapshot);
  const bool was_good = is_good();
  monitor_.Put(std::move(snapshot));
  // A driver that hangs, or answers again, does so for all that is asked of it.
  if (source.lane == Lane::kGpu && !first && was_good != is_good()) CheckGpus();
  if (TellsOfGpus(source)) DescribeGpus(snapshots, machine_);
  if (!ExpectedGpus::IsToldBy(source)) return;
  if (store::Metadata learned = expected_gpus_.Learn(snapshots); !learned.empty()) {
    store_->Put({.metadata = std::move(learned)});
  }
  monitor_.PutNow<Expectation>(expected_gpus_.expectation());
}

void Node::CheckGpus() {
  std::vector<const ComponentType*> affected;
  for (const ComponentType* component : monitor_.components()) {
    const auto& needs = component->needs;
    if (std::any_of(needs.begin(), needs.end(),
                    [](const SourceType* source) { return source->lane == Lane::kGpu; })) {
      affected.push_back(component);
    }
  }
  ReadAndCheck(affected, {});
}

void Node::CheckNow(const ComponentType& component) { Keep(component, monitor_.Check(component)); }

void Node::Keep(const ComponentType& component, CheckOutcome outcome) {
  const std::string name(component.name);
  for (const ComponentStatus& status : monitor_.statuses()) {
    if (status.name == name && !status.samples.empty()) {
      store_->PutSamples(clock_.Wall(), name, status.samples);
    }
  }
  if (outcome.transition) {
    const store::Transition& t = *outcome.transition;
    log::Info("health changed",
              {{"component", name}, {"from", t.from}, {"to", t.to}, {"reason", t.reason}});
    store_->PutTransition(std::move(*outcome.transition));
  }
  if (!outcome.events.empty()) {
    AddEvents(outcome.events);
    store_->Put({.events = std::move(outcome.events)});
  }
}

void Node::OnKernelLog(lanes::KernelLogBatch batch) {
  if (!batch.problem.empty()) {
    log::Warn("the kernel log", {{"problem", batch.problem}});
    findings_["kernel log"] = {"the kernel log: " + batch.problem, clock_.Wall(), true};
  }
  AddEvents(batch.events);
  const bool injected = std::any_of(batch.events.begin(), batch.events.end(),
                                    [](const Event& e) { return e.origin == Origin::kInjected; });
  const bool stale = clock_.Boot() - position_stored_ >= kPositionPeriod;
  if (!batch.events.empty() || stale) {
    position_stored_ = clock_.Boot();
    const std::size_t count = batch.events.size();
    unwritten_ += count;
    store_->Put(
        {.events = batch.events,
         .metadata = {{std::string(kKmsgBoot), batch.position.boot_id},
                      {std::string(kKmsgNext), std::to_string(batch.position.next_sequence)},
                      {std::string(kKmsgLast), std::to_string(batch.position.last.count())}}},
        [this, count](const Result<std::size_t>&) {
          unwritten_ -= count;
          Throttle();
        });
    Throttle();
    if (count >= kBurst) burst_ = loop_.After(kTrimAfterBurst, [this] { Trim(); });
  }
  while (injected && !injections_.empty()) AnswerInjection(injections_.begin()->first);
}

void Node::Throttle() {
  const bool hold =
      unwritten_ > (hold_ ? kReadOnBelow : kHoldAbove) && store_->condition().writable;
  if (hold == (hold_ != nullptr)) return;
  lanes_->HoldKernelLog(hold);
  hold_ = hold ? loop_.After(kLongestHold, [this] { lanes_->HoldKernelLog(false); }) : nullptr;
}

void Node::AddEvents(const std::vector<Event>& events) {
  const bool was_empty = recheck_.empty();
  for (const Event& event : events) {
    if (!events_.Add(event)) continue;
    recheck_.insert(event.component);
    if (event.component == "os" && event.name == "reboot") {
      reboots_.insert(
          std::lower_bound(reboots_.begin(), reboots_.end(), event.time, std::greater<>()),
          event.time);
      monitor_.SetReboots(reboots_);
      for (const ComponentType* component : monitor_.components()) {
        if (component->clearable) recheck_.insert(std::string(component->name));
      }
    }
  }
  if (!was_empty || recheck_.empty()) return;
  loop_.Post([this] {
    for (const std::string& name : std::exchange(recheck_, {})) {
      if (const ComponentType* component = monitor_.Find(name)) CheckNow(*component);
    }
  });
}

void Node::OnStoreCondition(const store::Condition& now) {
  const auto tell = [&](const std::string& what) {
    const Event event =
        OwnEvent("os", clock_.Wall(), "gpud_store_problem", EventType::kWarning, what);
    AddEvents({event});
    store_->Put({.events = {event}});
  };
  const auto set = [&](const std::string& key, bool there, const std::string& what) {
    const auto known = findings_.find(key);
    const bool writes = key == "store writes";
    if (there && known != findings_.end()) {
      known->second.what = what;
    } else if (there) {
      findings_[key] = {what, clock_.Wall(), true};
      log::Warn("store", {{"problem", what}});
      if (!writes) tell(what);  // an event would have nowhere to go
    } else if (known != findings_.end()) {
      const std::string since = Rfc3339Seconds(known->second.since);
      findings_.erase(known);
      if (writes) tell("the store can write again; it could not since " + since);
    }
  };
  set("store set aside", !now.set_aside.empty(),
      "the database was damaged: it was set aside as " + now.set_aside +
          " and a new one started; the history before is in that file");
  set("store writes", !now.writable,
      "the store cannot write (" + now.problem + "): " + std::to_string(now.waiting_events) +
          " events wait in memory; see to space and permissions in " + options_.data_dir);
  set("store dropped", now.dropped_events > 0,
      std::to_string(now.dropped_events) +
          " events were dropped, as more waited than the store could write");
  if (lanes_) Throttle();
}

std::vector<SelfFinding> Node::Findings() const {
  std::vector<SelfFinding> all = lanes_ ? lanes_->Findings() : std::vector<SelfFinding>();
  for (const auto& [key, finding] : findings_) all.push_back(finding);
  if (auto simulated = SimulatedFinding(options_, boot_.wall)) {
    all.push_back(std::move(*simulated));
  }
  if (plugins_) {
    for (SelfFinding& finding : plugins_->Findings()) all.push_back(std::move(finding));
  }
  return all;
}

}  // namespace gpud::daemon
