// SPDX-License-Identifier: Apache-2.0
// What the API asks of a node (server/backend.h).
#include <sys/resource.h>

#include "daemon/node.h"
#include "daemon/own_event.h"
#include "export/dcgm.h"
#include "export/gpu_use.h"
#include "platform/log.h"
#include "platform/text.h"

namespace gpud::daemon {
namespace {

using std::chrono::milliseconds;

// How long an answer waits for the commit before it says that the store cannot write.
constexpr milliseconds kCommitPatience{5'000};
// How long the answer to an injection waits for its line to come back from the kernel.
constexpr milliseconds kInjectionPatience{500};

/// Turns the answer to "is it written?" into the store's.
store::Done<std::size_t> WhenCommitted(server::Done<void> done) {
  return [done = std::move(done)](Result<std::size_t> stored) {
    done(stored ? Result<void>() : Pass(std::move(stored), "not yet written to disk"));
  };
}

}  // namespace

void Node::Check(std::vector<std::string> names, std::string caller, server::Done<void> done) {
  std::vector<const ComponentType*> components;
  std::vector<std::string> of_plugins;
  for (const std::string& name : names) {
    const ComponentType* component = monitor_.Find(name);
    if (!component) return done(Fail(ErrorCode::kNotFound, "component not found: " + name));
    if (plugins_ && plugins_->Has(name)) {
      of_plugins.push_back(name);
    } else {
      components.push_back(component);
    }
  }
  // One for the components that are read, one for each plugin.
  const auto left = std::make_shared<std::size_t>(1 + of_plugins.size());
  const auto one_done = [left, done = std::move(done)] {
    if (--*left == 0) done({});
  };
  WhenStarted(
      [this, components = std::move(components), one_done] { ReadAndCheck(components, one_done); });
  for (const std::string& name : of_plugins) {
    plugins_->RunNow(name, "asked for by " + caller, one_done);
  }
}

void Node::SetHealthy(std::string name, std::string reason, std::string author,
                      server::Done<void> done) {
  const ComponentType* component = monitor_.Find(name);
  if (!component) return done(Fail(ErrorCode::kNotFound, "component not found: " + name));
  if (!component->clearable) {
    return done(Fail(ErrorCode::kUnsupported, "component does not support setting healthy state"));
  }
  const WallTime now = clock_.Wall();
  monitor_.SetCleared(name, now);
  store::Metadata kept = {
      {std::string(kClearedPrefix) + name, std::to_string(now.time_since_epoch().count())}};
  if (name == ExpectedGpus::kComponent) {
    kept.merge(expected_gpus_.Forget());
    monitor_.PutNow<Expectation>(expected_gpus_.expectation());
  }
  const Event event = OwnEvent(name, now, "set_healthy", EventType::kInfo,
                               "set healthy by " + author + (reason.empty() ? "" : ": " + reason));
  AddEvents({event});
  CheckNow(*component);
  log::Info("set healthy", {{"component", name}, {"author", author}, {"reason", reason}});
  store_->Put({.events = {event}, .metadata = std::move(kept)}, WhenCommitted(std::move(done)),
              kCommitPatience);
}

void Node::InjectKernelMessage(unsigned severity, std::string message, server::Done<void> done) {
  if (!lanes_) {
    return WhenStarted([this, severity, message = std::move(message), done = std::move(done)] {
      InjectKernelMessage(severity, message, done);
    });
  }
  if (!kernel_log_) {
    return done(Fail(ErrorCode::kNotFound, "the kernel log is not readable here"));
  }
  kernel_log_->ExpectInjected(message);
  if (auto written = lanes::WriteKernelLog(options_.kernel_input, severity, message); !written) {
    return done(std::move(written));
  }
  log::Info("fault injected", {{"message", message}});
  // Answer when the line has come back and its event is committed: the store keeps the order, so
  // the commit of "fault_injected" comes after that one's. A line that means nothing to anybody
  // never comes back as an event; then the patience ends the wait.
  const std::uint64_t id = ++last_injection_;
  injections_[id] = {std::move(message), std::move(done),
                     loop_.After(kInjectionPatience, [this, id] { AnswerInjection(id); })};
}

void Node::AnswerInjection(std::uint64_t id) {
  const auto found = injections_.find(id);
  if (found == injections_.end()) return;
  const Injection injection = std::move(found->second);
  injections_.erase(found);
  const Event event = OwnEvent("os", clock_.Wall(), "fault_injected", EventType::kInfo,
                               "a kernel message was injected: " + injection.message);
  AddEvents({event});
  store_->Put({.events = {event}}, WhenCommitted(injection.done), kCommitPatience);
}

void Node::QueryEvents(store::EventQuery query, server::Done<std::vector<Event>> done) {
  if (events_.Covers(query)) return done(events_.Query(query));
  store_->QueryEvents(std::move(query), std::move(done));
}

void Node::QueryMetrics(store::MetricQuery query,
                        server::Done<std::vector<store::ComponentMetrics>> done) {
  store_->QueryMetrics(std::move(query), std::move(done));
}

void Node::QueryTransitions(store::EventQuery query,
                            server::Done<std::vector<store::Transition>> done) {
  store_->QueryTransitions(std::move(query), std::move(done));
}

void Node::QueryMetadata(server::Done<store::Metadata> done) {
  store_->QueryMetadata(std::move(done));
}

void Node::PutMetadata(std::string key, std::string value, server::Done<void> done) {
  store_->Put({.metadata = {{std::move(key), std::move(value)}}}, WhenCommitted(std::move(done)),
              kCommitPatience);
}

void Node::Compact(server::Done<void> done) { store_->Compact(std::move(done)); }

prometheus::OwnMetrics Node::OwnMetrics() const {
  rusage self{}, children{};
  getrusage(RUSAGE_SELF, &self);
  getrusage(RUSAGE_CHILDREN, &children);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  const auto descriptors = Root("/").List("/proc/self/fd");
  prometheus::OwnMetrics metrics = {
      {{"gpud_sqlite_db_size_bytes", "size of gpud's database file in bytes"},
       static_cast<double>(store_->condition().size_bytes)},
      {{"gpud_events_waiting", "events that are not on disk yet"},
       static_cast<double>(store_->condition().waiting_events)},
      {{"gpud_cpu_seconds_total", "CPU time that gpud has used, ended children included",
        MetricKind::kCounter},
       seconds(self.ru_utime) + seconds(self.ru_stime) + seconds(children.ru_utime) +
           seconds(children.ru_stime)}};
  if (descriptors) {
    metrics.push_back({{"gpud_file_descriptor_usage_total", "descriptors that gpud has open"},
                       static_cast<double>(descriptors->size())});
  }
  return metrics;
}

std::map<std::string, unsigned> Node::LastXids() const {
  const std::string component = "accelerator-nvidia-error-xid";
  std::map<std::string, unsigned> last;
  for (const Event& event :
       events_.Acting(component, monitor_.Cleared(component))) {  // newest first
    const std::string device(FactOf(event, kFactDevice));
    const auto xid = ParseNumber<unsigned>(FactOf(event, "xid"));
    if (xid && !device.empty()) last.try_emplace(device, *xid);
  }
  return last;
}

std::vector<prometheus::Family> Node::OtherMetrics() const {
  std::vector<prometheus::Family> families = prometheus::GpuUseFamilies(gpu_users_.processes());
  if (!options_.simulated.empty()) {
    families.push_back({{"gpud_simulated", "1: all of this is of a simulated machine"},
                        {{{{"scenario", options_.simulated}}, 1.0}}});
  }
  if (!options_.dcgm_metrics) return families;
  dcgm::Context context{.hostname = machine_.hostname, .holders = {}, .last_xids = {}};
  if (kernel_log_) context.last_xids = LastXids();
  for (const auto& [uuid, pod] : gpu_users_.Holders()) {
    context.holders[uuid] = {
        {"namespace", pod.name_space}, {"pod", pod.name}, {"container", pod.container}};
  }
  for (prometheus::Family& family : dcgm::Families(monitor_.snapshots(), context)) {
    families.push_back(std::move(family));
  }
  return families;
}

}  // namespace gpud::daemon
