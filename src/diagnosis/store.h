// SPDX-License-Identifier: Apache-2.0
// SignalStore: the last hour of every series of a node, in rings that are allocated in full when it
// is made. A sample that could not be read is absent, which is not zero; a series without a fresh
// sample is stale.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "diagnosis/signals.h"

namespace gpud::diagnosis {

inline constexpr float kAbsent = std::numeric_limits<float>::quiet_NaN();
/// Seconds since the store's first tick.
using Seconds = double;

/// How many series of each owner there are. Processes have places that are used again.
struct Shape {
  int gpus = 0, links = 0, nics = 0, disks = 0, mounts = 0, cgroups = 0, services = 0, fans = 0,
      psus = 0, dimms = 0, jobs = 0;
  int processes = 0, gpu_processes = 0;
};

/// The samples of a window, oldest first; a ring may break them in two.
struct Samples {
  const float* first = nullptr;
  int first_count = 0;
  const float* second = nullptr;
  int second_count = 0;
  int expected = 0;  ///< that a full window has

  int count() const { return first_count + second_count; }
  float operator[](int i) const { return i < first_count ? first[i] : second[i - first_count]; }
  /// Calls `visit` for each sample that is not absent.
  template <class Visit>
  void Each(Visit&& visit) const {
    for (int i = 0; i < first_count; ++i) {
      if (!std::isnan(first[i])) visit(first[i]);
    }
    for (int i = 0; i < second_count; ++i) {
      if (!std::isnan(second[i])) visit(second[i]);
    }
  }
};

/// Sum and number of the samples that are not absent.
struct SampleSum {
  double sum = 0;
  int count = 0;
};
SampleSum SumOf(const Samples& samples);

class SignalStore {
 public:
  static constexpr Seconds kReach = 3600;

  /// `tick_s`: how often samples come; no signal can have a finer step.
  SignalStore(const Shape& shape, Seconds tick_s);

  const Shape& shape() const { return shape_; }
  Seconds tick() const { return tick_s_; }
  Seconds now() const { return now_; }

  /// Opens the samples that are due at `t` (rising); all are absent until they are set.
  void Advance(Seconds t);
  /// The current tick has a sample of this signal.
  bool IsDue(Signal signal) const { return ClassOf(signal).due; }
  Seconds StepOf(Signal signal) const { return ClassOf(signal).step; }

  /// The row of a series; -1 when there is none. `b`: the link of a GPU.
  int Row(Signal signal, int a = 0, int b = 0) const;
  int CountOf(Signal signal) const { return rows_[static_cast<std::size_t>(signal)].count; }
  void Set(Signal signal, int row, double value);
  /// As a counter gives it: what is kept is how much it grew. One that fell was reset.
  void SetTotal(Signal signal, int row, double total);
  /// Forgets a series whose place goes to another owner.
  void Clear(Signal signal, int row);

  Samples Window(Signal signal, int row, Seconds length) const;
  /// The newest sample, at most two steps old; absent else.
  float Last(Signal signal, int row) const;
  /// When the series had its last sample that was not absent; negative: never.
  Seconds SeenAt(int row) const { return seen_[static_cast<std::size_t>(row)]; }
  /// Growth of a counter since the first tick or in the last 24 h, in whole hours.
  double GrowthOfDay(Signal signal, int row) const;
  /// When a counter grew last; negative: never.
  Seconds GrewAt(int row) const { return grew_[static_cast<std::size_t>(row)]; }
  /// How long the store watches already.
  Seconds watched() const { return now_ - start_; }
  std::size_t bytes() const;

 private:
  struct StepClass {
    Seconds step = 0;
    int capacity = 0;
    std::int64_t opened = 0;  ///< samples so far
    std::int64_t place = -1;  ///< floor(t / step)
    bool due = false;
    int first_row = 0, rows = 0;
    std::size_t offset = 0;  ///< of its first sample in `samples_`
  };
  struct Rows {
    int first = 0, count = 0, stride = 1;
    std::uint8_t step_class = 0;
  };
  static constexpr int kHours = 24;

  const StepClass& ClassOf(Signal signal) const {
    return classes_[rows_[static_cast<std::size_t>(signal)].step_class];
  }
  std::size_t PlaceOf(const StepClass& c, int row) const {
    return c.offset +
           static_cast<std::size_t>(row - c.first_row) * static_cast<std::size_t>(c.capacity);
  }
  int HourlyRow(Signal signal, int row) const;

  Shape shape_;
  Seconds tick_s_;
  Seconds now_ = 0, start_ = 0;
  bool started_ = false;
  std::vector<StepClass> classes_;
  std::array<Rows, kSignals> rows_{};
  std::vector<float> samples_;
  std::vector<double> totals_;   ///< by counter row; NaN: not seen yet
  std::vector<int> counter_of_;  ///< by row; -1: no counter
  std::vector<float> hourly_;    ///< kHours of each counter that is judged by the day
  std::array<int, kSignals> hourly_first_{};
  std::int64_t hour_ = 0;
  std::vector<Seconds> seen_, grew_;
};

}  // namespace gpud::diagnosis
