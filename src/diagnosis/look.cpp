// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/look.h"

#include <algorithm>
#include <cstdio>
#include <limits>

#include "diagnosis/slope.h"

namespace gpud::diagnosis {
namespace {

constexpr double kCovered = 0.7;  // of the samples of a window
constexpr double kSlack = 0.1;    // by which a standing verdict's thresholds are moved
constexpr std::size_t kMostRecords = 25;

template <class T>
void AddOnce(std::vector<T>& list, const T& item) {
  if (std::ranges::find(list, item) == list.end()) list.push_back(item);
}

std::string Formatted(double value, int digits) {
  char text[40];
  std::snprintf(text, sizeof text, "%.*f", digits, value + 0.0);
  return text;
}

std::string_view Sign(Condition::Is is) {
  return is == Condition::Is::kAtLeast ? ">= " : is == Condition::Is::kAtMost ? "<= " : "= ";
}

std::string OwnerName(const NodeView& node, Owner owner, int a, int b) {
  const auto named = [&](std::string_view label, const auto& list, auto&& name) {
    const auto i = static_cast<std::size_t>(a);
    return i < list.size() ? std::string(label) + "=" + name(list[i]) : std::string();
  };
  const auto self = [](const std::string& text) { return text; };
  const auto pid = [](const ProcessFacts& process) { return std::to_string(process.pid); };
  switch (owner) {
    case Owner::kNode:
      return {};
    case Owner::kGpu:
      return "gpu=" + std::to_string(a);
    case Owner::kGpuLink:
      return "gpu=" + std::to_string(a) + ",link=" + std::to_string(b);
    case Owner::kGpuProcess:
      for (const ProcessFacts& process : node.processes) {
        for (std::size_t i = 0; i < process.gpu_places.size(); ++i) {
          if (process.gpu_places[i] == a) {
            return "gpu=" + std::to_string(process.gpus[i]) + ",pid=" + pid(process);
          }
        }
      }
      return {};
    case Owner::kProcess:
      return named("pid", node.processes, pid);
    case Owner::kCgroup:
      return named("cgroup", node.facts.cgroups, self);
    case Owner::kDimm:
      return named("dimm", node.facts.dimms, self);
    case Owner::kDisk:
      return named("disk", node.facts.disks, [](const DiskFacts& disk) { return disk.name; });
    case Owner::kMount:
      return named("mount", node.facts.mounts, [](const MountFacts& mount) { return mount.path; });
    case Owner::kNic:
      return named("nic", node.facts.nics, [](const NicFacts& nic) { return nic.name; });
    case Owner::kService:
      return named("service", node.facts.services, self);
    case Owner::kFan:
      return named("fan", node.facts.fans, self);
    case Owner::kPsu:
      return named("psu", node.facts.psus, self);
    case Owner::kJob:
      return named("job", node.facts.jobs, self);
  }
  return {};
}

bool SampleHolds(const Condition& condition, double sample) {
  const double slack = 0.02 * std::abs(condition.threshold);
  if (condition.is == Condition::Is::kAtLeast) return sample >= condition.threshold - slack;
  if (condition.is == Condition::Is::kAtMost) return sample <= condition.threshold + slack;
  return sample == condition.threshold;
}

// Goes back from the newest sample as long as most of them fit the condition.
Seconds BeganAt(const NodeView& node, const Condition& condition) {
  const Value& v = condition.value;
  const Seconds step = node.store.StepOf(v.signal);
  const double scale = v.scale / (v.stat == Stat::kRate ? step : 1);
  const Samples samples =
      node.store.Window(v.signal, node.store.Row(v.signal, v.a, v.b), SignalStore::kReach);
  int misses = 0;
  int began = samples.count();
  for (int i = samples.count() - 1; i >= 0 && misses < 4; --i) {
    if (!std::isnan(samples[i]) &&
        SampleHolds(condition, static_cast<double>(samples[i]) * scale)) {
      began = i;
      misses = 0;
    } else {
      ++misses;
    }
  }
  return node.now() - step * (samples.count() - 1 - began);
}

}  // namespace

std::string SeriesName(const NodeView& node, Signal signal, int a, int b) {
  const SignalRow& row = RowOf(signal);
  const std::string owner = OwnerName(node, row.owner, a, b);
  return std::string(row.name) + (owner.empty() ? "" : "{" + owner + "}");
}

Value Look::Over(Stat stat, Signal s, int seconds, int a, int b) const {
  Value v{.signal = s, .stat = stat, .seconds = seconds, .a = a, .b = b};
  const SignalStore& store = node.store;
  const int row = store.Row(s, a, b);
  if (row < 0) return v;
  if (stat == Stat::kLast) {
    v.value = static_cast<double>(store.Last(s, row));
    return v;
  }
  if (stat == Stat::kDay) {
    if (store.SeenAt(row) >= 0) v.value = store.GrowthOfDay(s, row);
    return v;
  }
  const bool growth = stat == Stat::kDelta || stat == Stat::kRate;
  // Most counters stand still.
  const bool still = growth && store.SeenAt(row) >= 0 && store.GrewAt(row) < now() - seconds;
  const Samples samples = store.Window(s, row, seconds);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  double sum = 0, low = kInfinity, high = -kInfinity;
  int count = 0;
  if (still) {
    count = samples.count();
  } else {
    const SampleSum all = SumOf(samples);
    sum = all.sum;
    count = all.count;
  }
  if (stat == Stat::kMin || stat == Stat::kMax) {
    samples.Each([&](float sample) {
      low = std::min(low, static_cast<double>(sample));
      high = std::max(high, static_cast<double>(sample));
    });
  }
  if (count == 0) return v;
  const bool covered = count >= kCovered * samples.expected;
  if (stat == Stat::kDelta) {
    // What has grown is grown, however much of the window was seen.
    if (covered || sum > 0) v.value = sum;
    return v;
  }
  if (!covered) return v;
  switch (stat) {
    case Stat::kAvg:
      v.value = sum / count;
      break;
    case Stat::kMin:
      v.value = low;
      break;
    case Stat::kMax:
      v.value = high;
      break;
    case Stat::kRate:
      v.value = sum / (count * store.StepOf(s));
      break;
    case Stat::kP95: {
      std::vector<double> sorted;
      samples.Each([&](float sample) { sorted.push_back(static_cast<double>(sample)); });
      const auto place = static_cast<std::ptrdiff_t>(0.95 * static_cast<double>(sorted.size() - 1));
      std::ranges::nth_element(sorted, sorted.begin() + place);
      v.value = sorted[static_cast<std::size_t>(place)];
      break;
    }
    case Stat::kSlope:
      v.value = SlopePerHour(samples, store.StepOf(s));
      break;
    case Stat::kDelta:
    case Stat::kDay:
    case Stat::kLast:
    case Stat::kGiven:
      break;
  }
  return v;
}

Truth Look::Judge(const Condition& condition) const {
  if (!condition.value.IsKnown()) return Truth::kUnknown;
  const double slack = active_ ? kSlack * std::abs(condition.threshold) : 0;
  const double v = condition.value.value;
  bool holds = false;
  switch (condition.is) {
    case Condition::Is::kAtLeast:
      holds = v >= condition.threshold - slack;
      break;
    case Condition::Is::kAtMost:
      holds = v <= condition.threshold + slack;
      break;
    case Condition::Is::kEqual:
      holds = v == condition.threshold;
      break;
  }
  return holds ? Truth::kYes : Truth::kNo;
}

void Look::Absent(const Value& value) {
  if (recording_) AddOnce(draft_.not_checked, SeriesName(node, value.signal, value.a, value.b));
}

void Look::Record(const Condition& condition, double weight) {
  draft_.present += weight;
  if (!recording_) return;
  const Value& v = condition.value;
  Draft::Seen seen{.value = v,
                   .signal = SeriesName(node, v.signal, v.a, v.b),
                   .threshold = std::string(Sign(condition.is)) + Formatted(condition.threshold, 2),
                   .number = v.value,
                   .from = std::max(node.store.now() - v.seconds, 0.0),
                   .to = now(),
                   .weight = weight};
  if (v.stat == Stat::kAvg || v.stat == Stat::kLast || v.stat == Stat::kRate) {
    draft_.began = std::max(draft_.began, BeganAt(node, condition));
  }
  draft_.evidence.push_back(std::move(seen));
}

bool Look::Must(const Condition& condition, double weight) {
  const Truth truth = Judge(condition);
  draft_.all += weight;
  if (truth == Truth::kYes) {
    Record(condition, weight);
    return true;
  }
  if (truth == Truth::kUnknown) {
    if (draft_.truth == Truth::kYes) draft_.truth = Truth::kUnknown;
    Absent(condition.value);
    return true;
  }
  draft_.truth = Truth::kNo;
  return false;
}

bool Look::Must(bool holds) {
  if (!holds) draft_.truth = Truth::kNo;
  return holds;
}

bool Look::Any(std::initializer_list<Condition> conditions, double weight) {
  int held = 0;
  bool unknown = false;
  for (const Condition& condition : conditions) held += Judge(condition) == Truth::kYes ? 1 : 0;
  draft_.all += weight;
  for (const Condition& condition : conditions) {
    const Truth truth = Judge(condition);
    if (truth == Truth::kYes) {
      Record(condition, weight / held);
    } else if (truth == Truth::kUnknown) {
      unknown = true;
      Absent(condition.value);
    }
  }
  if (held > 0) return true;
  if (!unknown) {
    draft_.truth = Truth::kNo;
    return false;
  }
  if (draft_.truth == Truth::kYes) draft_.truth = Truth::kUnknown;
  return true;
}

bool Look::Not(const Condition& lookalike) {
  Condition plain = lookalike;
  if (active_ && plain.is != Condition::Is::kEqual) {
    // The look-alike has to be as clear as when it would be told itself.
    plain.threshold *= plain.is == Condition::Is::kAtLeast ? 1 + kSlack : 1 - kSlack;
  }
  const Truth truth = Judge(plain);
  if (truth == Truth::kYes) {
    draft_.truth = Truth::kNo;
    return false;
  }
  if (truth == Truth::kUnknown) {
    ++draft_.untested;
    Absent(lookalike.value);
  }
  return true;
}

bool Look::Adds(const Condition& condition, double weight) {
  const Truth truth = Judge(condition);
  draft_.all += weight;
  if (truth == Truth::kYes) {
    Record(condition, weight);
  } else if (truth == Truth::kNo) {
    draft_.present += weight;
  } else {
    Absent(condition.value);
  }
  return truth == Truth::kYes;
}

void Look::Note(const NodeEvent& event) {
  draft_.event = true;
  if (draft_.onset < 0 || event.t < draft_.onset) draft_.onset = event.t;
  if (!recording_) return;
  if (draft_.evidence.size() < kMostRecords) {
    draft_.evidence.push_back({.signal = NameOf(event),
                               .text = event.text,
                               .number = static_cast<double>(event.count),
                               .from = event.t,
                               .to = event.t,
                               .weight = 1});
  }
  if (event.gpu >= 0) Gpu(event.gpu);
  if (event.action != Advice::kNone) Action(event.action);
  if (event.pid <= 0) return;
  for (std::size_t i = 0; i < node.processes.size(); ++i) {
    if (node.processes[i].pid == event.pid) Process(static_cast<int>(i));
  }
}

void Look::Gpu(int gpu) {
  if (recording_) AddOnce(draft_.gpus, gpu);
}
void Look::Gpus(const std::vector<int>& gpus) {
  for (const int gpu : gpus) Gpu(gpu);
}
void Look::Device(const std::string& device) {
  if (recording_ && !device.empty()) AddOnce(draft_.devices, device);
}
void Look::Process(int place) {
  if (recording_ && place >= 0) AddOnce(draft_.who, place);
}
void Look::UsersOf(int gpu) {
  if (!recording_) return;
  for (const int place : pass.gpus[static_cast<std::size_t>(gpu)].users) Process(place);
}
void Look::Number(double value, int digits) {
  if (recording_) draft_.numbers.push_back(std::isnan(value) ? "?" : Formatted(value, digits));
}
void Look::Text(std::string text) {
  if (recording_) draft_.numbers.push_back(std::move(text));
}
void Look::Action(Advice advice) {
  if (recording_ && advice != Advice::kIgnore && advice != Advice::kFollowRelatedEvent) {
    AddOnce(draft_.words, std::string(Word(advice)));
  }
}

}  // namespace gpud::diagnosis
