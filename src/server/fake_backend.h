// SPDX-License-Identifier: Apache-2.0
// FakeBackend: a daemon for tests of the routes, made of plain values. Answers come at once, or
// when the test says so.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/json_codec.h"
#include "server/routes.h"

namespace gpud::server {

class FakeBackend final : public Backend {
 public:
  bool ready = true;
  std::vector<ComponentStatus> components;  ///< sorted by name
  std::uint64_t generation = 1;
  std::vector<SelfFinding> findings;
  MachineInfo machine;
  gpu::Processes gpu_processes;
  Json config;
  Json plugin_specs;
  Json plugin_history;
  WallTime now{};
  std::vector<Event> events;  ///< newest first
  std::vector<store::ComponentMetrics> metrics;
  std::vector<store::Transition> transitions;
  store::Metadata metadata;
  std::vector<std::pair<MetricType, double>> own;
  Result<void> outcome;  ///< of whatever is asked
  /// What happens to the components when they are checked.
  std::function<void(FakeBackend&)> on_check = [](FakeBackend&) {};

  // What was asked.
  std::vector<std::string> calls;
  std::vector<std::string> callers;
  store::EventQuery event_query;
  store::MetricQuery metric_query;
  mutable int component_reads = 0;

  /// With `deferred` answers wait for Deliver().
  bool deferred = false;
  void Deliver() {
    for (auto& answer : std::exchange(waiting_, {})) answer();
  }

  bool Ready() const override { return ready; }
  const std::vector<ComponentStatus>& Components() const override {
    ++component_reads;
    return components;
  }
  std::uint64_t Generation() const override { return generation; }
  std::vector<SelfFinding> Findings() const override { return findings; }
  const MachineInfo& Machine() const override { return machine; }
  const gpu::Processes& GpuProcesses() const override { return gpu_processes; }
  Json Config() const override { return config; }
  WallTime Now() const override { return now; }

  void Check(std::vector<std::string> names, std::string caller, Done<void> done) override {
    callers.push_back(std::move(caller));
    std::string call = "check";
    for (const std::string& name : names) call += ' ' + name;
    calls.push_back(call);
    on_check(*this);
    Answer(std::move(done), outcome);
  }
  void SetHealthy(std::string name, std::string reason, std::string author,
                  Done<void> done) override {
    calls.push_back("set-healthy " + name + " reason=" + reason + " author=" + author);
    Answer(std::move(done), outcome);
  }
  Json PluginSpecs() const override { return plugin_specs; }
  Result<Json> PluginHistory(const std::string& component) const override {
    if (component != "probe") return Fail(ErrorCode::kNotFound, "no plugin has this component");
    return plugin_history;
  }
  Result<void> Deregister(const std::string& name, const std::string& caller) override {
    callers.push_back(caller);
    calls.push_back("deregister " + name);
    return outcome;
  }
  void InjectKernelMessage(unsigned severity, std::string message, Done<void> done) override {
    calls.push_back("inject <" + std::to_string(severity) + "> " + message);
    Answer(std::move(done), outcome);
  }
  void QueryEvents(store::EventQuery query, Done<std::vector<Event>> done) override {
    event_query = std::move(query);
    std::vector<Event> found;
    for (const Event& event : events) {
      const bool late = event_query.until && event.time > *event_query.until;
      if (event.time > event_query.after && !late) found.push_back(event);
    }
    AnswerWith(std::move(done), std::move(found));
  }
  void QueryMetrics(store::MetricQuery query,
                    Done<std::vector<store::ComponentMetrics>> done) override {
    metric_query = std::move(query);
    AnswerWith(std::move(done), metrics);
  }
  void QueryTransitions(store::EventQuery query,
                        Done<std::vector<store::Transition>> done) override {
    event_query = std::move(query);
    AnswerWith(std::move(done), transitions);
  }
  void QueryMetadata(Done<store::Metadata> done) override { AnswerWith(std::move(done), metadata); }
  void PutMetadata(std::string key, std::string value, Done<void> done) override {
    calls.push_back("put " + key + '=' + value);
    Answer(std::move(done), outcome);
  }
  void Compact(Done<void> done) override {
    calls.push_back("compact");
    Answer(std::move(done), outcome);
  }
  prometheus::OwnMetrics OwnMetrics() const override { return own; }

 private:
  template <class T>
  void Answer(Done<T> done, Result<T> result) {
    if (!deferred) return done(std::move(result));
    waiting_.push_back([done = std::move(done), result = std::move(result)] { done(result); });
  }
  template <class T>
  void AnswerWith(Done<T> done, T value) {
    Result<T> result = std::move(value);
    if (!outcome) result = tl::unexpected<Error>(outcome.error());
    Answer(std::move(done), std::move(result));
  }

  std::vector<std::function<void()>> waiting_;
};

inline WallTime At(std::string_view text) { return ParseRfc3339(text).value(); }

inline ComponentStatus FakeComponent(const std::string& name, Health health = Health::kHealthy,
                                     std::string reason = "ok") {
  ComponentStatus status;
  status.name = name;
  status.tags = {name};
  status.since = At("2026-03-01T07:00:00Z");
  status.states = {{.time = At("2026-03-01T08:00:00Z"),
                    .component = name,
                    .name = name,
                    .health = health,
                    .reason = std::move(reason)}};
  return status;
}

/// Requests as root over the Unix socket unless told otherwise, and their answers.
class FakeClient {
 public:
  explicit FakeClient(Backend& backend, AccessOptions access = {})
      : handler_(MakeApi(backend, std::move(access))) {}

  static Request Make(std::string method, std::string_view target, std::string body = {}) {
    Request request;
    request.method = std::move(method);
    const std::size_t mark = target.find('?');
    request.path = target.substr(0, mark);
    if (mark != std::string_view::npos) {
      for (const std::string_view pair : Split(target.substr(mark + 1), '&')) {
        const std::size_t equals = pair.find('=');
        request.query.emplace_back(pair.substr(0, equals), equals == std::string_view::npos
                                                               ? std::string_view()
                                                               : pair.substr(equals + 1));
      }
    }
    request.body = std::move(body);
    request.peer = {.unix_socket = true, .uid = 0U, .address = "unix"};
    return request;
  }
  /// The answer so far; status 0 when there is none yet.
  const Response& Send(Request request) {
    last_ = {};
    last_.status = 0;
    answers_ = 0;
    handler_(std::move(request), [this](Response response) {
      last_ = std::move(response);
      ++answers_;
    });
    return last_;
  }
  const Response& Get(std::string_view target) { return Send(Make("GET", target)); }
  const Response& Post(std::string_view target, std::string body = {}) {
    return Send(Make("POST", target, std::move(body)));
  }
  const Response& last() const { return last_; }
  int answers() const { return answers_; }

 private:
  Handler handler_;
  Response last_;
  int answers_ = 0;
};

}  // namespace gpud::server
