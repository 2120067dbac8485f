// SPDX-License-Identifier: Apache-2.0
// Backend: what the routes need of the daemon. The daemon implements it; tests have a fake.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "export/prometheus.h"
#include "model/machine_info.h"
#include "model/status.h"
#include "platform/json.h"
#include "sources/gpu/processes.h"
#include "store/store.h"

namespace gpud::server {

template <class T>
using Done = store::Done<T>;

/// All methods are called on the loop; `done` runs there, once, later or at once.
class Backend {
 public:
  virtual ~Backend() = default;

  /// True when init and run-once plugins have ended; until then /healthz answers 503.
  virtual bool Ready() const = 0;
  /// Sorted by name, live; includes the unsupported.
  virtual const std::vector<ComponentStatus>& Components() const = 0;
  /// Grows with every change of what Components() shows: a key for cached bodies.
  virtual std::uint64_t Generation() const = 0;
  /// What gpud itself cannot do at the moment.
  virtual std::vector<SelfFinding> Findings() const = 0;
  virtual const MachineInfo& Machine() const = 0;
  /// Who uses the GPUs.
  virtual const gpu::Processes& GpuProcesses() const = 0;
  /// The effective configuration, as GET /admin/config shows it.
  virtual Json Config() const = 0;
  virtual WallTime Now() const = 0;

  /// Reads the sources of these components anew and checks them, runs those that are plugins; then
  /// their statuses are current. `caller` asks for it, for the log.
  virtual void Check(std::vector<std::string> names, std::string caller, Done<void> done) = 0;
  /// Forgets what keeps the component bad; kept in history with reason and author. After the
  /// commit. Error: kUnsupported when the component cannot.
  virtual void SetHealthy(std::string name, std::string reason, std::string author,
                          Done<void> done) = 0;
  /// Removes a plugin until the next start. Errors: kNotFound, kUnsupported (built in).
  virtual Result<void> Deregister(const std::string& name, const std::string& caller) = 0;
  /// The effective specs of the plugins, by component; null when there are none.
  virtual Json PluginSpecs() const = 0;
  /// The last runs of a plugin, newest first. Error: kNotFound.
  virtual Result<Json> PluginHistory(const std::string& component) const = 0;
  /// Writes one message to the kernel's log, marked as injected when it comes back. `severity`
  /// 0..7.
  virtual void InjectKernelMessage(unsigned severity, std::string message, Done<void> done) = 0;

  /// Newest first.
  virtual void QueryEvents(store::EventQuery query, Done<std::vector<Event>> done) = 0;
  virtual void QueryMetrics(store::MetricQuery query,
                            Done<std::vector<store::ComponentMetrics>> done) = 0;
  virtual void QueryTransitions(store::EventQuery query,
                                Done<std::vector<store::Transition>> done) = 0;
  virtual void QueryMetadata(Done<store::Metadata> done) = 0;
  virtual void PutMetadata(std::string key, std::string value, Done<void> done) = 0;
  virtual void Compact(Done<void> done) = 0;
  /// Numbers without a component label, for /metrics: gpud_sqlite_db_size_bytes ...
  virtual prometheus::OwnMetrics OwnMetrics() const = 0;
  /// More families for /metrics, which change when Generation does.
  virtual std::vector<prometheus::Family> OtherMetrics() const { return {}; }
};

}  // namespace gpud::server
