// SPDX-License-Identifier: Apache-2.0
// Plugins: the plugins of a daemon as components. It runs them when they are due or asked for, none
// of them twice at a time, and tells what came of it. All of it on the loop's thread; the scripts
// run in processes of their own (runner.h).
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "components/component.h"
#include "model/status.h"
#include "plugins/run.h"

namespace gpud::plugins {

struct Options {
  RunnerProgram program;
  std::size_t most_at_once = 16;  ///< runs; others wait
};

/// A run that has ended.
struct RunNote {
  const Spec& spec;
  const ComponentType* component;  ///< null for an init plugin
  const std::string& cause;        ///< "start", "schedule", or who asked for it
  WallTime start;
  const RunResult& result;
};

/// One of the last runs of a plugin, as the API shows it.
struct PastRun {
  WallTime time{};  ///< of its start
  double duration_seconds = 0;
  std::string cause;
  std::string health, reason;
  int exit_code = 0;
  std::string output, output_tail;  ///< its first and, when it is longer, its last bytes
  std::uint64_t output_bytes = 0;

  static constexpr auto Fields() {
    using P = PastRun;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"time", &P::time},
                      Field{"duration_seconds", &P::duration_seconds},
                      Field{"cause", &P::cause},
                      Field{"health", &P::health},
                      Field{"reason", &P::reason},
                      Field{"exit_code", &P::exit_code},
                      Field{"output", &P::output, kOmit},
                      Field{"output_tail", &P::output_tail, kOmit},
                      Field{"output_bytes", &P::output_bytes}};
  }
};

class Plugins {
 public:
  using OnRun = std::function<void(const RunNote&)>;

  /// `specs`: without errors, no component's name twice.
  Plugins(Loop& loop, const Clock& clock, Options options, std::vector<Spec> specs, OnRun on_run);
  /// Ends what runs; waits a second at most for that.
  ~Plugins();
  Plugins(const Plugins&) = delete;
  Plugins& operator=(const Plugins&) = delete;

  /// Runs the init plugins one after the other, in the order of the file, then starts the others.
  void Start();
  /// True when init plugins and those that run once at the start have ended.
  bool Ready() const { return started_ && once_left_ == 0; }

  struct Entry {
    const ComponentType* component;
    HealthState first_state;  ///< until it has run
    bool manual;              ///< it runs only when it is asked to
    Support support;
  };
  /// Those that are not init plugins, by the names of their components.
  std::vector<Entry> Components() const;
  /// True for one of Components().
  bool Has(std::string_view component) const { return Find(component) != nullptr; }

  /// Runs one of them; when it is running, once more after that. `done` runs on the loop when the
  /// run that began after this call has ended; of a long-running one when it has said something.
  void RunNow(std::string_view component, std::string cause, std::function<void()> done);
  /// Ends it and forgets it.
  void Remove(std::string_view component);

  /// What GET /v1/plugins gives.
  std::string SpecsJson() const;
  /// Newest first, 20 at most.
  std::vector<PastRun> History(std::string_view component) const;
  std::vector<SelfFinding> Findings() const;

 private:
  struct Plugin;

  Plugin* Find(std::string_view component) const;
  void StartNextInit();
  void StartComponents();
  void ScheduleTick(Plugin& plugin);
  /// Wants a run: at once, after the one under way, or when others have ended.
  void Want(Plugin& plugin, std::string cause);
  void StartWaiting();
  void StartRun(Plugin& plugin);
  void OnResult(Plugin& plugin, const RunResult& result);
  void OnEnd(Plugin& plugin, const RunResult& result);
  void Tell(Plugin& plugin, const RunResult& result);
  /// Starts a long-running plugin again, later each time until it lives for long.
  void Restart(Plugin& plugin, const RunResult& result);
  /// A runner that was killed could not remove what it had made: another one, with nothing to run,
  /// does.
  void SweepUp();
  void Remember(Plugin& plugin, const RunResult& result);

  Loop& loop_;
  const Clock& clock_;
  const Options options_;
  const OnRun on_run_;
  const UniqueFd executable_;
  std::vector<std::unique_ptr<Plugin>> inits_;       ///< in the order of the file
  std::vector<std::unique_ptr<Plugin>> components_;  ///< by name
  std::deque<Plugin*> waiting_;
  std::list<std::unique_ptr<Run>> ending_;  ///< of plugins that were removed
  std::size_t running_ = 0;
  std::size_t next_init_ = 0;
  std::size_t once_left_ = 0;
  bool started_ = false;
  std::minstd_rand random_{std::random_device{}()};
  std::map<std::string, SelfFinding> findings_;                        ///< by what they are about
  std::shared_ptr<Plugins*> self_ = std::make_shared<Plugins*>(this);  // gone with this object
};

}  // namespace gpud::plugins
