// SPDX-License-Identifier: Apache-2.0
#include "components/infiniband/ports.h"

#include <algorithm>

#include "components/line.h"
#include "components/settings.h"
#include "platform/json.h"
#include "platform/list_text.h"
#include "platform/text.h"
#include "sources/nvml/devices.h"
#include "sources/nvml/product_family.h"
#include "sources/sysfs/infiniband.h"

namespace gpud::infiniband {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using sysfs::RdmaDevice;
using sysfs::RdmaDevices;
using sysfs::RdmaPort;

// Events of this component's own. Only the step from one to the other is kept.
constexpr std::string_view kDown = "ib_port_down", kUp = "ib_port_up";
constexpr std::string_view kFactPort = "port";

constexpr minutes kDropAfter{4};     // down for so long is no mere retraining
constexpr minutes kDropMatters{10};  // where enough other ports are up
constexpr seconds kFlapAfter{25};    // down for less is not counted as a flap
constexpr std::size_t kFlaps = 3;
constexpr hours kLookBack{5 * 24};

struct Thresholds {
  std::int64_t at_least_ports = 0, at_least_rate = 0;  ///< rate in Gb/s; both or none
  std::vector<std::string> exclude_devices;
  std::int64_t flap_auto_clear_seconds = 0;  ///< 0: a flap stays until "set healthy"

  bool IsSet() const { return at_least_ports > 0 && at_least_rate > 0; }
  static constexpr auto Fields() {
    using T = Thresholds;
    return std::tuple{Field{"at_least_ports", &T::at_least_ports},
                      Field{"at_least_rate", &T::at_least_rate},
                      Field{"exclude_devices", &T::exclude_devices},
                      Field{"flap_auto_clear_seconds", &T::flap_auto_clear_seconds}};
  }
};

struct Port {
  const RdmaDevice* device = nullptr;
  const RdmaPort* port = nullptr;

  std::string Name() const { return device->name + "/" + std::to_string(port->number); }
  bool IsInfiniBand() const { return ToLower(port->link_layer.value_or("")) == "infiniband"; }
  /// Whether the two ends have a link; INIT and ARMED have, and wait for the subnet manager.
  bool HasLink() const { return port->physical_state.value_or("") == "LinkUp"; }
};

std::vector<Port> PortsOf(const RdmaDevices* all, const Thresholds& thresholds) {
  std::vector<Port> ports;
  if (!all) return ports;
  for (const RdmaDevice& device : all->devices) {
    // Names may be the site's own; the type is the maker's ("MT4129").
    if (!device.name.starts_with("mlx") && !device.hca_type.starts_with("MT")) continue;
    const auto& excluded = thresholds.exclude_devices;
    if (std::find(excluded.begin(), excluded.end(), device.name) != excluded.end()) continue;
    for (const RdmaPort& port : device.ports) ports.push_back({&device, &port});
  }
  return ports;
}

void AddSamples(const Port& port, Report& report) {
  const Labels labels{{"device", port.device->name}, {"port", std::to_string(port.port->number)}};
  const auto add = [&](std::string_view metric, double value, const Labels& with) {
    report.samples.push_back({.metric = std::string(metric), .labels = with, .value = value});
  };
  for (const CounterRow& row : kCounters) {
    const auto counter = port.port->counters.find(std::string(row.file));
    if (counter == port.port->counters.end()) continue;
    add(row.metric, static_cast<double>(counter->second) * row.factor, labels);
  }
  constexpr double kBytesPerGigabit = 125e6;
  if (port.port->rate_gbps) add(kRate, *port.port->rate_gbps * kBytesPerGigabit, labels);
  if (port.port->physical_state) add(kPortUp, port.HasLink() ? 1 : 0, labels);
  if (const auto downed = port.port->counters.find("link_downed");
      downed != port.port->counters.end()) {
    Labels with = labels;
    with["device_port"] = port.device->name + "_" + port.device->name;  // the original's
    add(kPortDowned, static_cast<double>(downed->second), with);
  }
}

/// What the component's own events tell of a port.
struct PortHistory {
  std::optional<WallTime> down_since;  ///< nothing: it is up, or was never seen up
  std::size_t flaps = 0;
  WallTime last_recovery{};
};

PortHistory HistoryOf(const Inputs& in, const std::string& port) {
  PortHistory history;
  const Event* came_up = nullptr;
  bool newest = true;
  for (const Event& event : in.OwnEvents()) {
    if (in.Now() - event.time > kLookBack) break;
    if ((event.name != kDown && event.name != kUp) || FactOf(event, kFactPort) != port) continue;
    if (event.name == kUp) {
      came_up = &event;
      history.last_recovery = std::max(history.last_recovery, event.time);
    } else {
      if (newest) history.down_since = event.time;
      if (came_up && came_up->time - event.time >= kFlapAfter) ++history.flaps;
      came_up = nullptr;
    }
    newest = false;
  }
  return history;
}

class Judge {
 public:
  Judge(const Inputs& in, const RdmaDevices& all, Report& report, Findings& findings)
      : in_(in),
        thresholds_(SettingsOf<Thresholds>(in, kName)),
        ports_(PortsOf(&all, thresholds_)),
        before_(PortsOf(in.Previous<RdmaDevices>(), thresholds_)),
        report_(report),
        findings_(findings) {
    if (!thresholds_.IsSet()) TakeDefaults();
  }

  void Run() {
    for (const Port& port : ports_) AddSamples(port, report_);
    const bool enough = !thresholds_.IsSet() || JudgeCount();
    std::vector<std::string> drops, flaps, unmanaged;
    for (const Port& port : ports_) {
      if (!port.IsInfiniBand()) continue;
      Tell(port);
      const PortHistory history = HistoryOf(in_, port.Name());
      if (HasDropped(port, history, enough)) drops.push_back(port.Name());
      if (IsFlapping(history, enough)) flaps.push_back(port.Name());
      const std::string state = port.port->state.value_or("");
      if (port.HasLink() && (state == "INIT" || state == "ARMED")) unmanaged.push_back(port.Name());
    }
    Find(Health::kUnhealthy, "down for too long", drops, Advice::kHardwareInspection);
    Find(Health::kUnhealthy, "down and up again several times", flaps, Advice::kHardwareInspection);
    Find(Health::kDegraded, "has a link, but no subnet manager has made it active", unmanaged,
         Advice::kInvestigatePeer);
  }

  std::string Data() const {
    Json::Array rows;
    for (const Port& port : ports_) {
      Json::Object row{{"device", Json{port.device->name}},
                       {"port", Json{std::uint64_t{port.port->number}}},
                       {"firmware", Json{port.device->firmware}},
                       {"board", Json{port.device->board}},
                       {"pci_address", Json{port.device->pci_address}}};
      const auto add = [&](const char* name, const Result<std::string>& text) {
        if (text) row.emplace_back(name, Json{*text});
      };
      add("link_layer", port.port->link_layer);
      add("state", port.port->state);
      add("physical_state", port.port->physical_state);
      if (port.port->rate_gbps) row.emplace_back("rate_gbps", Json{*port.port->rate_gbps});
      rows.push_back({std::move(row)});
    }
    return JsonText(Json{Json::Object{{"ports", Json{std::move(rows)}}}});
  }

 private:
  /// What a machine with such GPUs is built with, where this one looks like it: it has as many
  /// ports, and at least one of them runs at that rate.
  void TakeDefaults() {
    const auto& devices = in_.Latest<nvml::Devices>();
    if (!devices || devices->devices.empty() || !devices->devices[0].name) return;
    const auto* network = nvml::NetworkOf(*devices->devices[0].name);
    if (!network) return;
    std::uint32_t ports = 0;
    bool fast = false;
    for (const Port& port : ports_) {
      if (!port.IsInfiniBand()) continue;
      ++ports;
      fast = fast || (port.HasLink() && port.port->rate_gbps.value_or(0) >= network->gbps);
    }
    if (ports < network->ports || !fast) return;
    thresholds_.at_least_ports = network->ports;
    thresholds_.at_least_rate = static_cast<std::int64_t>(network->gbps);
  }

  /// Whether enough ports are up. It often heals, so that no action is asked for.
  bool JudgeCount() {
    std::int64_t up = 0, ports = 0;  // a link whose rate cannot be read is taken to be up
    std::vector<std::string> polling, disabled;
    for (const Port& port : ports_) {
      if (!port.IsInfiniBand()) continue;
      ++ports;
      const auto& rate = port.port->rate_gbps;
      const bool fast = !rate || static_cast<std::int64_t>(*rate) >= thresholds_.at_least_rate;
      if (port.HasLink() && fast) ++up;
      const std::string state = port.port->physical_state.value_or("");
      if (state == "Polling") polling.push_back(port.Name());
      if (state == "Disabled") disabled.push_back(port.Name());
    }
    if (ports == 0 || up >= thresholds_.at_least_ports) return true;
    std::string reason = "only " + std::to_string(up) + " ports are up at " +
                         std::to_string(thresholds_.at_least_rate) + " Gb/s or more, wanted " +
                         std::to_string(thresholds_.at_least_ports);
    if (!polling.empty()) reason += "; without a peer: " + ListText(polling);
    if (!disabled.empty()) reason += "; disabled: " + ListText(disabled);
    findings_.Add(Health::kUnhealthy, std::move(reason));
    return false;
  }

  /// A step from up to down or back, as an event. A port that was never seen up is at rest.
  void Tell(const Port& port) {
    if (!port.port->physical_state) return;
    const std::string name = port.Name();
    const bool told_down = HistoryOf(in_, name).down_since.has_value();
    const auto before = std::find_if(before_.begin(), before_.end(),
                                     [&](const Port& old) { return old.Name() == name; });
    const bool was_up = before != before_.end() && before->HasLink();
    const bool is_up = port.HasLink();
    if (is_up ? !told_down : (told_down || !was_up)) return;
    report_.events.push_back({.time = in_.Now(),
                              .name = std::string(is_up ? kUp : kDown),
                              .type = is_up ? EventType::kInfo : EventType::kWarning,
                              .message = "port " + name + (is_up ? " is up again" : " is down"),
                              .extra_info = {{std::string(kFactPort), name}}});
  }

  bool HasDropped(const Port& port, const PortHistory& history, bool enough) const {
    if (!history.down_since || port.HasLink()) return false;
    const auto down = in_.Now() - *history.down_since;
    const bool alone = !thresholds_.IsSet() || !enough;
    return down >= kDropAfter && (alone || down < kDropMatters);
  }

  bool IsFlapping(const PortHistory& history, bool enough) const {
    if (history.flaps < kFlaps) return false;
    const seconds window(thresholds_.flap_auto_clear_seconds);
    return window.count() == 0 || !enough || in_.Now() - history.last_recovery < window;
  }

  void Find(Health health, const char* what, const std::vector<std::string>& ports, Advice advice) {
    if (!ports.empty()) findings_.Add(health, ListText(ports) + ": " + what, advice);
  }

  const Inputs& in_;
  Thresholds thresholds_;
  std::vector<Port> ports_, before_;
  Report& report_;
  Findings& findings_;
};

}  // namespace

void JudgePorts(const Inputs& in, Report& report, Findings& findings, std::string& data) {
  const auto& all = in.Latest<RdmaDevices>();
  if (!all) return AddUnreadable(report, "accelerator-nvidia-infiniband/ports", all);
  Judge judge(in, *all, report, findings);
  judge.Run();
  data = judge.Data();
}

}  // namespace gpud::infiniband
