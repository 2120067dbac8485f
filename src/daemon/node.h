// SPDX-License-Identifier: Apache-2.0
// Node: one machine under watch. Lanes read, the monitor judges, the store remembers; the server
// asks it as its Backend. Lives on the loop's thread.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "daemon/boot.h"
#include "daemon/event_log.h"
#include "daemon/expected_gpus.h"
#include "daemon/gpu_users.h"
#include "daemon/monitor.h"
#include "daemon/options.h"
#include "daemon/schedule.h"
#include "lanes/lanes.h"
#include "platform/loop.h"
#include "plugins/plugins.h"
#include "server/backend.h"

namespace gpud::daemon {

class Node final : public server::Backend {
 public:
  Node(Loop& loop, const Clock& clock, const Options& options,
       std::vector<const ComponentType*> components);
  ~Node() override;

  /// Opens the store and, when its metadata are there, starts the lanes and the schedule.
  void Start();

  bool Ready() const override { return !plugins_ || plugins_->Ready(); }
  const std::vector<ComponentStatus>& Components() const override { return monitor_.statuses(); }
  std::uint64_t Generation() const override { return monitor_.generation(); }
  std::vector<SelfFinding> Findings() const override;
  const MachineInfo& Machine() const override { return machine_; }
  const gpu::Processes& GpuProcesses() const override { return gpu_users_.processes(); }
  Json Config() const override;
  WallTime Now() const override { return clock_.Wall(); }
  void Check(std::vector<std::string> names, std::string caller, server::Done<void> done) override;
  void SetHealthy(std::string name, std::string reason, std::string author,
                  server::Done<void> done) override;
  Result<void> Deregister(const std::string& name, const std::string& caller) override;
  Json PluginSpecs() const override;
  Result<Json> PluginHistory(const std::string& component) const override;
  void InjectKernelMessage(unsigned severity, std::string message,
                           server::Done<void> done) override;
  void QueryEvents(store::EventQuery query, server::Done<std::vector<Event>> done) override;
  void QueryMetrics(store::MetricQuery query,
                    server::Done<std::vector<store::ComponentMetrics>> done) override;
  void QueryTransitions(store::EventQuery query,
                        server::Done<std::vector<store::Transition>> done) override;
  void QueryMetadata(server::Done<store::Metadata> done) override;
  void PutMetadata(std::string key, std::string value, server::Done<void> done) override;
  void Compact(server::Done<void> done) override;
  prometheus::OwnMetrics OwnMetrics() const override;
  std::vector<prometheus::Family> OtherMetrics() const override;

 private:
  void StartLanes(const store::Metadata& metadata);
  /// Runs `task` now, or when the lanes have been started.
  void WhenStarted(std::function<void()> task);
  void LoadHistory();
  void Tick();
  void Trim();
  void ReadMachine();
  /// Reads what the components need, each source once, then checks each of them as soon as its
  /// sources are there; `done` when all have been checked.
  void ReadAndCheck(const std::vector<const ComponentType*>& components,
                    std::function<void()> done);
  void OnSnapshot(const SourceType& source, Snapshot snapshot);
  void ReadGpuUsers();
  /// The newest Xid of each GPU, by its PCI address.
  std::map<std::string, unsigned> LastXids() const;
  /// Reads and checks anew what the gpu lane tells of.
  void CheckGpus();
  void CheckNow(const ComponentType& component);
  /// Stores what a check brought.
  void Keep(const ComponentType& component, CheckOutcome outcome);
  void LoadPlugins();
  /// `taken`: the names of gpud's own components.
  std::vector<plugins::Spec> ReadPlugins(const std::vector<std::string>& taken);
  std::vector<plugins::Spec> ReadPacks(const std::vector<std::string>& taken);
  void TellOfPlugins(const std::string& what);
  void OnPluginRun(const plugins::RunNote& note);
  void OnKernelLog(lanes::KernelLogBatch batch);
  void AnswerInjection(std::uint64_t id);
  void AddEvents(const std::vector<Event>& events);
  void OnStoreCondition(const store::Condition& condition);
  /// Holds the kernel's log, or reads it on, after how many of its events wait for the disk.
  void Throttle();

  Loop& loop_;
  const Clock& clock_;
  const Options& options_;
  Root root_;
  EventLog events_;
  Monitor monitor_;
  Schedule schedule_;
  MachineInfo machine_;
  GpuUsers gpu_users_;
  ExpectedGpus expected_gpus_;
  Boot boot_;
  std::vector<WallTime> reboots_;  ///< newest first
  std::set<std::string> recheck_;  ///< components with new events, to be checked at the loop's turn
  std::map<std::string, SelfFinding> findings_;  ///< by what they are about
  lanes::KernelLog* kernel_log_ = nullptr;       ///< owned by the lanes; null when there is none
  /// An injected line that has not come back from the kernel yet.
  struct Injection {
    std::string message;
    server::Done<void> done;
    Loop::Watch patience;
  };
  std::map<std::uint64_t, Injection> injections_;
  std::uint64_t last_injection_ = 0;
  BootTime position_stored_{};
  std::size_t unwritten_ = 0;  ///< events of the kernel's log that the store has not confirmed
  Loop::Watch hold_;           ///< the patience with the disk while the log is held; else null
  BootTime trimmed_{};
  Loop::Watch burst_;  ///< until the memory of a burst of lines is given back
  Loop::Watch tick_;
  Loop::Watch start_guard_;
  std::vector<std::function<void()>> waiting_for_start_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<plugins::Plugins> plugins_;  ///< null when there are none
  std::unique_ptr<lanes::Lanes> lanes_;        ///< last: it stops before what its callbacks touch
};

}  // namespace gpud::daemon
