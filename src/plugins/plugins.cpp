// SPDX-License-Identifier: Apache-2.0
#include "plugins/plugins.h"

#include <poll.h>

#include <algorithm>

#include "platform/text.h"
#include "plugins/output.h"

namespace gpud::plugins {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMostPastRuns = 20;
constexpr std::size_t kPastOutput = 1024;
// Plugins of the same interval, on one node and on all of a fleet, are not to run at one moment.
constexpr int kJitterShare = 10;
constexpr std::chrono::microseconds kMostJitter = std::chrono::seconds(30);
constexpr milliseconds kTimeToStop{1'000};
// Between the tries of a long-running plugin; it starts anew with the first when one has lived so
// long as the longest.
constexpr milliseconds kFirstPause{1'000};
constexpr milliseconds kLongestPause{60'000};

std::chrono::microseconds Jitter(std::chrono::microseconds interval, std::minstd_rand& random) {
  const auto most = std::min(interval / kJitterShare, kMostJitter);
  return std::chrono::microseconds(
      std::uniform_int_distribution<std::int64_t>(0, most.count())(random));
}

}  // namespace

/// A plugin, the component that it is, and where it stands.
struct Plugins::Plugin {
  explicit Plugin(Spec the_spec)
      : spec(std::move(the_spec)), name(ComponentName(spec.plugin_name)) {
    tags = {"custom-plugin", name};
    tags.insert(tags.end(), spec.tags.begin(), spec.tags.end());
    tag_views.assign(tags.begin(), tags.end());
    metric_names = MetricNames(name);
    static constexpr std::string_view kHelp[] = {
        "1 while the last check was healthy", "1 while the last check was unhealthy",
        "1 while the last check was degraded", "a number of the check's performance data"};
    for (std::size_t i = 0; i < metric_names.size(); ++i) {
      metrics.push_back({metric_names[i], kHelp[i]});
    }
    type.name = name;
    type.tags = tag_views;
    type.metrics = metrics;
  }
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

  bool supported() const { return spec.unsupported.empty(); }
  bool once() const {
    return supported() && !spec.manual() && !spec.long_running && spec.interval.value.count() == 0;
  }

  const Spec spec;
  const std::string name;
  std::vector<std::string> tags;
  std::vector<std::string_view> tag_views;
  std::vector<std::string> metric_names;
  std::vector<MetricType> metrics;
  ComponentType type;

  bool wanted = false;     ///< it waits for its turn, or for the end of its run
  std::string next_cause;  ///< of the run that is wanted
  std::string cause;       ///< of the run under way
  std::vector<std::function<void()>> next_waiters, waiters;
  bool running = false;
  std::unique_ptr<Run> run;
  WallTime run_start{};
  bool ran = false;
  BootTime first_tick{};
  std::int64_t ticks = 0;
  Loop::Watch tick;  ///< the next turn, or the next try of a long-running one
  std::chrono::milliseconds pause = kFirstPause;
  std::deque<PastRun> past;  ///< newest first
};

Plugins::Plugins(Loop& loop, const Clock& clock, Options options, std::vector<Spec> specs,
                 OnRun on_run)
    : loop_(loop),
      clock_(clock),
      options_(std::move(options)),
      on_run_(std::move(on_run)),
      executable_(OpenRunner(options_.program)) {
  for (Spec& spec : specs) {
    auto plugin = std::make_unique<Plugin>(std::move(spec));
    if (plugin->spec.init() && !plugin->supported()) continue;
    if (plugin->spec.init()) {
      inits_.push_back(std::move(plugin));
    } else {
      once_left_ += plugin->once() ? 1 : 0;
      components_.push_back(std::move(plugin));
    }
  }
  std::sort(components_.begin(), components_.end(),
            [](const auto& a, const auto& b) { return a->name < b->name; });
}

Plugins::~Plugins() {
  self_.reset();
  for (auto* plugins : {&inits_, &components_}) {
    for (const auto& plugin : *plugins) {
      if (plugin->run) ending_.push_back(std::move(plugin->run));
    }
  }
  for (const auto& run : ending_) run->Abandon([] {});
  const BootTime until = clock_.Boot() + kTimeToStop;
  for (const auto& run : ending_) {
    const auto left = std::chrono::ceil<milliseconds>(until - clock_.Boot());
    pollfd end{.fd = run->pidfd(), .events = POLLIN, .revents = 0};
    ::poll(&end, 1, std::max(0, static_cast<int>(left.count())));
  }
}

void Plugins::Start() { StartNextInit(); }

void Plugins::StartNextInit() {
  if (next_init_ < inits_.size()) return Want(*inits_[next_init_++], "start");
  StartComponents();
}

void Plugins::StartComponents() {
  started_ = true;
  for (const auto& plugin : components_) {
    if (plugin->spec.manual() || !plugin->supported()) continue;
    plugin->first_tick = clock_.Boot();
    Want(*plugin, "start");
    if (plugin->spec.interval.value.count() > 0) ScheduleTick(*plugin);
  }
}

void Plugins::ScheduleTick(Plugin& plugin) {
  const auto interval = plugin.spec.interval.value;
  const BootTime due = plugin.first_tick + ++plugin.ticks * interval + Jitter(interval, random_);
  const auto wait = std::chrono::ceil<milliseconds>(due - clock_.Boot());
  plugin.tick = loop_.After(std::max(wait, milliseconds(0)), [this, &plugin] {
    Want(plugin, "schedule");
    ScheduleTick(plugin);
  });
}

void Plugins::Want(Plugin& plugin, std::string cause) {
  if (plugin.wanted) return;  // that run serves this one too
  plugin.wanted = true;
  plugin.next_cause = std::move(cause);
  if (plugin.running) return;
  waiting_.push_back(&plugin);
  StartWaiting();
}

void Plugins::StartWaiting() {
  while (running_ < options_.most_at_once && !waiting_.empty()) {
    Plugin& plugin = *waiting_.front();
    waiting_.pop_front();
    StartRun(plugin);
  }
}

void Plugins::StartRun(Plugin& plugin) {
  plugin.wanted = false;
  plugin.running = true;
  plugin.cause = std::move(plugin.next_cause);
  plugin.waiters = std::move(plugin.next_waiters);
  plugin.next_waiters.clear();
  plugin.run_start = clock_.Wall();
  if (!plugin.spec.long_running) ++running_;
  auto run =
      Run::Start(loop_, executable_.get(), options_.program.arguments, RequestOf(plugin.spec),
                 [this, &plugin](const RunResult& result) { OnResult(plugin, result); });
  if (run) {
    plugin.run = std::move(*run);
    return;
  }
  // Later, as any other end: the plugin may be gone by then.
  loop_.Post([weak = std::weak_ptr(self_), name = plugin.name, init = plugin.spec.init(),
              failed = FailedRun(run.error().what)] {
    const auto self = weak.lock();
    if (!self) return;
    Plugins& plugins = **self;
    Plugin* target = init ? plugins.inits_[plugins.next_init_ - 1].get() : plugins.Find(name);
    if (target) plugins.OnEnd(*target, failed);
  });
}

void Plugins::OnResult(Plugin& plugin, const RunResult& result) {
  if (!result.more) return OnEnd(plugin, result);
  Tell(plugin, result);
  for (const auto& waiter : std::exchange(plugin.waiters, {})) waiter();
}

void Plugins::Tell(Plugin& plugin, const RunResult& result) {
  plugin.ran = true;
  Remember(plugin, result);
  on_run_({plugin.spec, plugin.spec.init() ? nullptr : &plugin.type, plugin.cause, plugin.run_start,
           result});
}

void Plugins::OnEnd(Plugin& plugin, const RunResult& result) {
  const auto run = std::move(plugin.run);  // it calls us
  plugin.running = false;
  if (!plugin.spec.long_running) --running_;
  if (plugin.once() && !plugin.spec.init() && !plugin.ran) --once_left_;
  Tell(plugin, result);
  if (result.runner_failed) SweepUp();
  const auto waiters = std::exchange(plugin.waiters, {});
  if (plugin.spec.long_running) Restart(plugin, result);
  if (plugin.wanted) waiting_.push_back(&plugin);
  if (plugin.spec.init()) StartNextInit();
  StartWaiting();
  for (const auto& waiter : waiters) waiter();  // may remove the plugin
}

void Plugins::Restart(Plugin& plugin, const RunResult& result) {
  if (result.duration >= kLongestPause) plugin.pause = kFirstPause;
  plugin.tick = loop_.After(plugin.pause, [this, &plugin] {
    if (!plugin.running) Want(plugin, "restart");  // else somebody has asked for it meanwhile
  });
  plugin.pause = std::min(2 * plugin.pause, kLongestPause);
}

void Plugins::SweepUp() {
  auto run = Run::Start(loop_, executable_.get(), options_.program.arguments, RunRequest{},
                        [](const RunResult&) {});
  if (!run) return;
  ending_.push_front(std::move(*run));
  const auto place = ending_.begin();
  (*place)->WhenEnded([this, place] {
    const auto keep = std::move(*place);  // it calls us
    ending_.erase(place);
  });
}

void Plugins::Remember(Plugin& plugin, const RunResult& result) {
  const HealthState state = StateOf(plugin.spec, result);
  const std::string tail = result.output_tail.empty() ? result.raw_output : result.output_tail;
  PastRun past{.time = plugin.run_start,
               .duration_seconds = std::chrono::duration<double>(result.duration).count(),
               .cause = plugin.cause,
               .health = std::string(Word(state.health.value_or(Health::kUnknown))),
               .reason = state.error.empty() ? state.reason : state.reason + ": " + state.error,
               .exit_code = result.exit_code,
               .output = std::string(CutUtf8(result.raw_output, kPastOutput)),
               .output_bytes = result.output_bytes};
  if (result.output_bytes > kPastOutput) {
    past.output_tail = ValidUtf8(tail.substr(tail.size() - std::min(tail.size(), kPastOutput)));
  }
  plugin.past.push_front(std::move(past));
  if (plugin.past.size() > kMostPastRuns) plugin.past.pop_back();

  const auto note = [&](const std::string& what, bool there, bool serious) {
    if (!there) {
      findings_.erase(what);
    } else if (!findings_.contains(what)) {
      findings_[what] = {what, clock_.Wall(), serious};
    }
  };
  note("init plugin \"" + plugin.spec.plugin_name +
           "\" failed; what it was to prepare may be missing",
       plugin.spec.init() && state.health != Health::kHealthy, true);
  note("plugin \"" + plugin.spec.plugin_name + "\" left processes behind that cannot be killed",
       result.left_behind > 0, true);
  note("plugins run without these limits, as no cgroup can be made for them: " + result.unlimited,
       !result.unlimited.empty(), false);
}

Plugins::Plugin* Plugins::Find(std::string_view component) const {
  const auto at = std::lower_bound(
      components_.begin(), components_.end(), component,
      [](const auto& plugin, std::string_view name) { return plugin->name < name; });
  return at != components_.end() && (*at)->name == component ? at->get() : nullptr;
}

std::vector<Plugins::Entry> Plugins::Components() const {
  std::vector<Entry> entries;
  for (const auto& plugin : components_) {
    entries.push_back({&plugin->type,
                       FirstState(plugin->spec),
                       plugin->spec.manual(),
                       {plugin->supported(), plugin->spec.unsupported}});
  }
  return entries;
}

void Plugins::RunNow(std::string_view component, std::string cause, std::function<void()> done) {
  Plugin* plugin = Find(component);
  if (!plugin || !plugin->supported()) return done();
  if (plugin->spec.long_running && plugin->running) {
    if (plugin->ran) return done();
    return plugin->waiters.push_back(std::move(done));
  }
  plugin->next_waiters.push_back(std::move(done));
  Want(*plugin, std::move(cause));
}

void Plugins::Remove(std::string_view component) {
  const auto at = std::find_if(components_.begin(), components_.end(),
                               [&](const auto& plugin) { return plugin->name == component; });
  if (at == components_.end()) return;
  const std::unique_ptr<Plugin> plugin = std::move(*at);
  components_.erase(at);
  std::erase(waiting_, plugin.get());
  if (plugin->once() && !plugin->ran) --once_left_;
  if (plugin->running && !plugin->spec.long_running) --running_;
  if (plugin->run) {
    ending_.push_front(std::move(plugin->run));
    const auto place = ending_.begin();
    (*place)->Abandon([this, place] {
      const auto keep = std::move(*place);  // it calls us
      ending_.erase(place);
    });
  }
  for (auto* waiters : {&plugin->waiters, &plugin->next_waiters}) {
    for (const auto& waiter : std::exchange(*waiters, {})) waiter();
  }
  StartWaiting();
}

std::string Plugins::SpecsJson() const {
  std::vector<Spec> specs;
  for (const auto& plugin : components_) specs.push_back(plugin->spec);
  return plugins::SpecsJson(specs);
}

std::vector<PastRun> Plugins::History(std::string_view component) const {
  const Plugin* plugin = Find(component);
  return plugin ? std::vector<PastRun>(plugin->past.begin(), plugin->past.end())
                : std::vector<PastRun>();
}

std::vector<SelfFinding> Plugins::Findings() const {
  std::vector<SelfFinding> all;
  for (const auto& [what, finding] : findings_) all.push_back(finding);
  return all;
}

}  // namespace gpud::plugins
