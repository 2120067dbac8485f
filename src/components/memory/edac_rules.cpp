// SPDX-License-Identifier: Apache-2.0
#include "components/memory/edac_rules.h"

#include <set>

#include "platform/text.h"

namespace gpud::memory {
namespace {

constexpr std::string_view kUncorrected = "edac_uncorrected";
constexpr std::string_view kCorrected = "edac_corrected";
constexpr std::string_view kStorm = "edac_corrected_storm";
constexpr std::chrono::hours kHour{1}, kDay{24};
constexpr std::uint64_t kMostPerHour = 100, kMostPerDay = 1000;

/// One line of counters: a module, or what a controller could not put down to one.
struct Counters {
  std::string name, label;
  std::optional<std::uint64_t> corrected, uncorrected;
};

std::optional<std::uint64_t> Reading(const Result<std::uint64_t>& value) {
  return value ? std::optional(*value) : std::nullopt;
}

/// The controller's own count less that of its modules.
std::optional<std::uint64_t> Rest(const sysfs::MemoryController& controller,
                                  Result<std::uint64_t> sysfs::MemoryController::*all,
                                  Result<std::uint64_t> sysfs::Dimm::*one) {
  if (!(controller.*all)) return std::nullopt;
  std::uint64_t rest = *(controller.*all);
  for (const sysfs::Dimm& dimm : controller.dimms) {
    rest -= std::min(rest, (dimm.*one).value_or(0));
  }
  return rest;
}

std::vector<Counters> AllCounters(const sysfs::Edac& edac) {
  using Controller = sysfs::MemoryController;
  std::vector<Counters> all;
  for (const Controller& controller : edac.controllers) {
    for (const sysfs::Dimm& dimm : controller.dimms) {
      all.push_back({dimm.name, dimm.label, Reading(dimm.corrected), Reading(dimm.uncorrected)});
    }
    all.push_back({controller.name, "",
                   Rest(controller, &Controller::corrected, &sysfs::Dimm::corrected),
                   Rest(controller, &Controller::uncorrected, &sysfs::Dimm::uncorrected)});
  }
  return all;
}

const Counters* Find(const std::vector<Counters>& all, std::string_view name) {
  for (const Counters& counters : all) {
    if (counters.name == name) return &counters;
  }
  return nullptr;
}

std::string Extra(const Event& event, const std::string& key) {
  const auto found = event.extra_info.find(key);
  return found == event.extra_info.end() ? std::string() : found->second;
}

class EdacJudge {
 public:
  EdacJudge(const Inputs& in, const sysfs::Edac& edac, Report& report)
      : in_(in),
        report_(report),
        booted_(in.Now() - in.BootNow().time_since_epoch()),
        now_(AllCounters(edac)) {
    if (const auto* previous = in.Previous<sysfs::Edac>()) before_ = AllCounters(*previous);
  }

  void Run() {
    for (const Counters& counters : now_) {
      AddSamples(counters);
      if (counters.uncorrected) JudgeUncorrected(counters, *counters.uncorrected);
      if (counters.corrected) JudgeCorrected(counters, *counters.corrected);
    }
  }

 private:
  void AddSamples(const Counters& counters) {
    const Labels labels{{"dimm", counters.name}, {"label", counters.label}};
    const auto add = [&](const char* metric, std::optional<std::uint64_t> value) {
      if (!value) return;
      report_.samples.push_back(
          {.metric = metric, .labels = labels, .value = static_cast<double>(*value)});
    };
    add("memory_edac_corrected_errors_total", counters.corrected);
    add("memory_edac_uncorrected_errors_total", counters.uncorrected);
  }

  void AddEvent(std::string_view name, EventType type, const Counters& counters,
                std::uint64_t count, const std::string& what) {
    const std::string place =
        counters.label.empty() ? counters.name : counters.name + " (" + counters.label + ")";
    report_.events.push_back({.time = in_.Now(),
                              .name = std::string(name),
                              .type = type,
                              .message = what + " on memory module " + place,
                              .extra_info = {{"dimm", counters.name},
                                             {"label", counters.label},
                                             {"count", std::to_string(count)}}});
  }

  bool OfThisBoot(const Event& event, const Counters& counters) const {
    return event.time >= booted_ && Extra(event, "dimm") == counters.name;
  }

  /// What was known before this reading. At the first one after a start: what the last event of
  /// this boot tells; a person who has said "healthy" since boot has seen all that there was.
  std::uint64_t KnownUncorrected(const Counters& counters, std::uint64_t count) const {
    if (const Counters* before = Find(before_, counters.name); before && before->uncorrected) {
      return *before->uncorrected;
    }
    for (const Event& event : in_.OwnEvents()) {
      if (event.name == kUncorrected && OfThisBoot(event, counters)) {
        return ParseNumber<std::uint64_t>(Extra(event, "count")).value_or(0);
      }
    }
    return in_.ClearedUntil() > booted_ ? count : 0;
  }

  void JudgeUncorrected(const Counters& counters, std::uint64_t count) {
    const std::uint64_t known = KnownUncorrected(counters, count);
    if (count <= known) return;
    AddEvent(kUncorrected, EventType::kFatal, counters, count,
             std::to_string(count - known) + " uncorrected error(s)");
  }

  void JudgeCorrected(const Counters& counters, std::uint64_t count) {
    bool marked_this_hour = false, storm_this_hour = false, storm = false;
    for (const Event& event : in_.OwnEvents()) {
      const auto age = in_.Now() - event.time;
      if (age > kDay) break;
      if ((event.name != kCorrected && event.name != kStorm) || !OfThisBoot(event, counters)) {
        continue;
      }
      const std::uint64_t then = ParseNumber<std::uint64_t>(Extra(event, "count")).value_or(count);
      const std::uint64_t grown = count - std::min(count, then);
      if (age <= kHour) marked_this_hour = true;
      if (age <= kHour && event.name == kStorm) storm_this_hour = true;
      if (grown >= (age <= kHour ? kMostPerHour : kMostPerDay)) storm = true;
    }
    if (storm && !storm_this_hour) {
      AddEvent(kStorm, EventType::kWarning, counters, count, "a storm of corrected errors");
      return;
    }
    const Counters* before = Find(before_, counters.name);
    if (marked_this_hour || !before || !before->corrected || count <= *before->corrected) return;
    // The count of before the growth: a burst that is over by now counts in full.
    AddEvent(kCorrected, EventType::kInfo, counters, *before->corrected, "corrected errors");
  }

  const Inputs& in_;
  Report& report_;
  WallTime booted_;
  std::vector<Counters> now_, before_;
};

}  // namespace

void JudgeEdac(const Inputs& in, const sysfs::Edac& edac, Report& report, Findings& findings) {
  EdacJudge(in, edac, report).Run();
  std::set<std::string> uncorrected, storms;
  const auto look = [&](const Event& event) {
    if (Extra(event, "dimm").empty()) return;  // of a line of the kernel's log
    if (event.name == kUncorrected) uncorrected.insert(Extra(event, "dimm"));
    if (event.name == kStorm && in.Now() - event.time <= kDay) storms.insert(Extra(event, "dimm"));
  };
  for (const Event& event : in.OwnEvents()) look(event);
  for (const Event& event : report.events) look(event);
  for (const std::string& dimm : uncorrected) {
    findings.Add(Health::kUnhealthy, "uncorrected memory errors on " + dimm,
                 RepairAction::kInspectHardware);
  }
  for (const std::string& dimm : storms) {
    findings.Add(Health::kDegraded, "a storm of corrected memory errors on " + dimm,
                 RepairAction::kInspectHardware);
  }
}

}  // namespace gpud::memory
