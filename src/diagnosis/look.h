// SPDX-License-Identifier: Apache-2.0
// Look: one rule looks at one subject (a GPU, a disk, a process ...) at one moment. Conditions are
// true, false or unknown: a window with less than 70 % of its samples says nothing. What spoke for
// the verdict, and what could not be looked at, is noted on the way (specs/diagnosis.md, 1.4).
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "diagnosis/pass.h"
#include "model/verdict.h"

namespace gpud::diagnosis {

enum class Stat : std::uint8_t {
  kAvg,
  kMin,
  kMax,
  kP95,
  kRate,
  kDelta,
  kDay,
  kLast,
  kSlope,
  kGiven
};

/// A number with where it comes from; absent (NaN) where it is not known.
struct Value {
  double value = kAbsent;
  Signal signal{};
  Stat stat = Stat::kGiven;
  int seconds = 0;
  int a = 0, b = 0;  ///< whose series: see SignalStore::Row
  double scale = 1;  ///< the samples times this are in the unit of `value`

  bool IsKnown() const { return !std::isnan(value); }
};
inline Value operator*(Value v, double by) { return v.value *= by, v.scale *= by, v; }
inline Value operator/(Value v, double by) { return v * (1 / by); }
inline Value operator+(Value v, const Value& other) { return v.value += other.value, v; }
inline Value operator-(Value v, double by) { return v.value -= by, v; }

struct Condition {
  enum class Is : std::uint8_t { kAtLeast, kAtMost, kEqual };
  Value value;
  Is is = Is::kAtLeast;
  double threshold = 0;
};
inline Condition operator>=(const Value& v, double t) { return {v, Condition::Is::kAtLeast, t}; }
inline Condition operator<=(const Value& v, double t) { return {v, Condition::Is::kAtMost, t}; }
inline Condition operator==(const Value& v, double t) { return {v, Condition::Is::kEqual, t}; }

enum class Truth : std::uint8_t { kNo, kUnknown, kYes };

/// What a look found. The lists are filled only when it is recorded.
struct Draft {
  Truth truth = Truth::kYes;
  Severity severity = Severity::kWarning;
  double base = 0.8;
  double present = 0, all = 0;  ///< weights
  int untested = 0;             ///< look-alikes that could not be excluded
  Seconds onset = -1;           ///< of the records of the log; negative: there are none
  Seconds began = -1;           ///< when the last of the conditions became true, by its samples
  bool event = false;           ///< rests on records of the log: told at once, ends by a good one
  std::vector<int> gpus;
  std::vector<std::string> devices;
  std::vector<int> who;  ///< places of processes
  std::vector<int> waiting;
  std::vector<std::string> numbers;  ///< for {0}, {1} ... of the summary
  std::string cause;                 ///< a word of the catalogue: "cause.link"
  std::string horizon;
  std::vector<std::string> words;  ///< actions that the fault itself names
  struct Seen {
    Value value;
    std::string signal, text, threshold;
    double number = 0;
    Seconds from = 0, to = 0;
    double weight = 0;
  };
  std::vector<Seen> evidence;
  std::vector<std::string> not_checked;

  double Confidence() const {
    const double coverage = all > 0 ? present / all : 1;
    return base * coverage * (untested == 0 ? 1.0 : untested == 1 ? 0.8 : 0.6);
  }
};

class Look {
 public:
  /// `active`: the verdict stands already, so that thresholds are moved 10 % to the healthy side.
  Look(const Pass& of, int subject, bool active, bool recording, Draft& draft)
      : pass(of),
        node(of.node),
        at(subject),
        active_(active),
        recording_(recording),
        draft_(draft) {}

  const Pass& pass;
  const NodeView& node;
  const int at;  ///< the subject: index of the GPU, adapter, disk ... or place of the process

  Seconds now() const { return node.now(); }
  bool recording() const { return recording_; }
  bool active() const { return active_; }
  Draft& draft() { return draft_; }

  // Windows over the last `seconds`, of the subject or (`a`, `b`) another series.
  Value Avg(Signal s, int seconds) const { return Over(Stat::kAvg, s, seconds, Own(s), 0); }
  Value Avg(Signal s, int seconds, int a, int b = 0) const {
    return Over(Stat::kAvg, s, seconds, a, b);
  }
  Value Min(Signal s, int seconds) const { return Over(Stat::kMin, s, seconds, Own(s), 0); }
  Value Max(Signal s, int seconds) const { return Over(Stat::kMax, s, seconds, Own(s), 0); }
  Value Rate(Signal s, int seconds) const { return Over(Stat::kRate, s, seconds, Own(s), 0); }
  Value Rate(Signal s, int seconds, int a, int b = 0) const {
    return Over(Stat::kRate, s, seconds, a, b);
  }
  /// Growth in the window; a window that is not full gives what grew in its part.
  Value Delta(Signal s, int seconds) const { return Over(Stat::kDelta, s, seconds, Own(s), 0); }
  Value Delta(Signal s, int seconds, int a, int b = 0) const {
    return Over(Stat::kDelta, s, seconds, a, b);
  }
  Value Day(Signal s) const { return Over(Stat::kDay, s, 86400, Own(s), 0); }
  Value Last(Signal s) const { return Over(Stat::kLast, s, 0, Own(s), 0); }
  Value Last(Signal s, int a, int b = 0) const { return Over(Stat::kLast, s, 0, a, b); }
  Value Over(Stat stat, Signal s, int seconds, int a, int b) const;
  /// Share of the samples of the window for which `holds` is true.
  template <class Holds>
  Value Frac(Signal s, int seconds, int a, Holds&& holds) const {
    const Samples window = node.store.Window(s, node.store.Row(s, a), seconds);
    int seen = 0, held = 0;
    window.Each([&](float v) {
      ++seen;
      held += holds(v) ? 1 : 0;
    });
    Value v{.signal = s, .stat = Stat::kGiven, .seconds = seconds, .a = a};
    if (seen >= 0.7 * window.expected) v.value = static_cast<double>(held) / seen;
    return v;
  }
  /// A number of a signal that was worked out.
  Value Given(Signal s, double value, int seconds = 0) const {
    return {.value = value, .signal = s, .seconds = seconds, .a = Own(s)};
  }

  /// A condition of the rule; false: the rule does not hold, no need to go on.
  bool Must(const Condition& condition, double weight = 1);
  bool Must(bool holds);
  /// At least one of them: any is enough.
  bool Any(std::initializer_list<Condition> conditions, double weight = 1);
  /// A look-alike: where it is, the rule does not hold.
  bool Not(const Condition& lookalike);
  bool Not(bool lookalike) { return Must(!lookalike); }
  /// Speaks for the verdict but is not needed.
  bool Adds(const Condition& condition, double weight = 0.5);
  bool Holds(const Condition& condition) const { return Judge(condition) == Truth::kYes; }
  Truth Judge(const Condition& condition) const;

  /// The records of the log that fit and are not over: noted as evidence, onset and victims. Gives
  /// the number (repeats counted), 0 when there is none.
  template <class Fits>
  int Events(Seconds within, Fits&& fits) {
    int count = 0;
    for (const NodeEvent& event : node.events.all()) {
      if (event.over || event.t < now() - within || !fits(event)) continue;
      count += event.count;
      Note(event);
    }
    return count;
  }
  void Note(const NodeEvent& event);

  // What the verdict is about. Without effect unless recorded.
  void Gpu(int gpu);
  void Gpus(const std::vector<int>& gpus);
  void Device(const std::string& device);
  void Process(int place);
  void UsersOf(int gpu);
  void Number(double value, int digits = 0);
  void Text(std::string text);
  void Action(Advice advice);

 private:
  int Own(Signal s) const { return RowOf(s).owner == Owner::kNode ? 0 : at; }
  void Record(const Condition& condition, double weight);
  void Absent(const Value& value);

  bool active_, recording_;
  Draft& draft_;
};

/// "gpu.temp{gpu=3}", as people and evidence name a series.
std::string SeriesName(const NodeView& node, Signal signal, int a, int b);

}  // namespace gpud::diagnosis
