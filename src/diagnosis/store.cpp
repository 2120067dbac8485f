// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/store.h"

#include <algorithm>

namespace gpud::diagnosis {
namespace {

// A tick that comes a little early counts.
constexpr double kEarly = 1e-6;

// Counters that rules judge by the day; only these are worth a second ring.
constexpr Signal kByDay[] = {Signal::kGpuEccDramCorr,   Signal::kGpuEccSramUnc,
                             Signal::kGpuRemapCorr,     Signal::kGpuRemapUnc,
                             Signal::kMemEdacCe,        Signal::kNvmeMediaErrors,
                             Signal::kNetCarrierChanges};

int CountIn(const Shape& shape, Owner owner) {
  switch (owner) {
    case Owner::kNode:
      return 1;
    case Owner::kGpu:
      return shape.gpus;
    case Owner::kGpuLink:
      return shape.gpus * shape.links;
    case Owner::kGpuProcess:
      return shape.gpu_processes;
    case Owner::kProcess:
      return shape.processes;
    case Owner::kCgroup:
      return shape.cgroups;
    case Owner::kDimm:
      return shape.dimms;
    case Owner::kDisk:
      return shape.disks;
    case Owner::kMount:
      return shape.mounts;
    case Owner::kNic:
      return shape.nics;
    case Owner::kService:
      return shape.services;
    case Owner::kFan:
      return shape.fans;
    case Owner::kPsu:
      return shape.psus;
    case Owner::kJob:
      return shape.jobs;
  }
  return 0;
}

}  // namespace

SampleSum SumOf(const Samples& samples) {
  SampleSum total;
  samples.Each([&](float v) {
    total.sum += static_cast<double>(v);
    ++total.count;
  });
  return total;
}

SignalStore::SignalStore(const Shape& shape, Seconds tick_s) : shape_(shape), tick_s_(tick_s) {
  for (const int step : {5, 15, 30, 60, 300}) {
    const double ticks = std::max(1.0, std::ceil(step / tick_s - kEarly));
    classes_.push_back({.step = ticks * tick_s});
    classes_.back().capacity = static_cast<int>(std::ceil(kReach / classes_.back().step)) + 1;
  }
  int next_row = 0;
  for (std::size_t c = 0; c < classes_.size(); ++c) {
    StepClass& step_class = classes_[c];
    step_class.first_row = next_row;
    constexpr int kSteps[] = {5, 15, 30, 60, 300};
    for (std::size_t s = 0; s < kSignals; ++s) {
      const SignalRow& signal = RowOf(static_cast<Signal>(s));
      if (signal.step_s != kSteps[c]) continue;
      const int count = CountIn(shape, signal.owner);
      rows_[s] = {.first = next_row,
                  .count = count,
                  .stride = signal.owner == Owner::kGpuLink ? shape.links : 1,
                  .step_class = static_cast<std::uint8_t>(c)};
      next_row += count;
    }
    step_class.rows = next_row - step_class.first_row;
  }
  std::size_t size = 0;
  for (StepClass& step_class : classes_) {
    step_class.offset = size;
    size +=
        static_cast<std::size_t>(step_class.rows) * static_cast<std::size_t>(step_class.capacity);
  }
  samples_.assign(size, kAbsent);
  const auto all = static_cast<std::size_t>(next_row);
  counter_of_.assign(all, -1);
  seen_.assign(all, -1);
  grew_.assign(all, -1);
  int counters = 0;
  for (std::size_t s = 0; s < kSignals; ++s) {
    if (RowOf(static_cast<Signal>(s)).kind != SignalKind::kCounter) continue;
    for (int i = 0; i < rows_[s].count; ++i) {
      counter_of_[static_cast<std::size_t>(rows_[s].first + i)] = counters++;
    }
  }
  totals_.assign(static_cast<std::size_t>(counters), std::nan(""));
  hourly_first_.fill(-1);
  int hourly_rows = 0;
  for (const Signal signal : kByDay) {
    hourly_first_[static_cast<std::size_t>(signal)] = hourly_rows;
    hourly_rows += CountOf(signal);
  }
  hourly_.assign(static_cast<std::size_t>(hourly_rows * kHours), 0);
}

void SignalStore::Advance(Seconds t) {
  if (!started_) start_ = t;
  started_ = true;
  now_ = t;
  for (StepClass& c : classes_) {
    const auto place = static_cast<std::int64_t>(std::floor(t / c.step + kEarly));
    c.due = place > c.place;
    if (!c.due) continue;
    // Ticks that were left out are samples that nobody took.
    const std::int64_t skipped =
        c.place < 0 ? 1 : std::min<std::int64_t>(place - c.place, c.capacity);
    for (std::int64_t k = 0; k < skipped; ++k) {
      const auto column = static_cast<std::size_t>(c.opened % c.capacity);
      float* sample = samples_.data() + c.offset + column;
      for (int row = 0; row < c.rows; ++row, sample += c.capacity) *sample = kAbsent;
      ++c.opened;
    }
    c.place = place;
  }
  const auto hour = static_cast<std::int64_t>(t / 3600);
  for (; hour_ < hour; ++hour_) {
    const auto column = static_cast<std::size_t>((hour_ + 1) % kHours);
    for (std::size_t at = column; at < hourly_.size(); at += kHours) hourly_[at] = 0;
  }
}

int SignalStore::Row(Signal signal, int a, int b) const {
  const Rows& rows = rows_[static_cast<std::size_t>(signal)];
  const int at = a * rows.stride + b;
  return a < 0 || at < 0 || at >= rows.count ? -1 : rows.first + at;
}

int SignalStore::HourlyRow(Signal signal, int row) const {
  const int first = hourly_first_[static_cast<std::size_t>(signal)];
  return first < 0 ? -1 : first + row - rows_[static_cast<std::size_t>(signal)].first;
}

void SignalStore::Set(Signal signal, int row, double value) {
  const StepClass& c = ClassOf(signal);
  if (row < 0 || c.opened == 0 || std::isnan(value)) return;
  samples_[PlaceOf(c, row) + static_cast<std::size_t>((c.opened - 1) % c.capacity)] =
      static_cast<float>(value);
  seen_[static_cast<std::size_t>(row)] = now_;
}

void SignalStore::SetTotal(Signal signal, int row, double total) {
  if (row < 0) return;
  double& last = totals_[static_cast<std::size_t>(counter_of_[static_cast<std::size_t>(row)])];
  const double grown = std::isnan(last) ? 0 : total >= last ? total - last : total;
  last = total;
  Set(signal, row, grown);
  if (grown <= 0) return;
  grew_[static_cast<std::size_t>(row)] = now_;
  if (const int hourly = HourlyRow(signal, row); hourly >= 0) {
    hourly_[static_cast<std::size_t>(hourly * kHours + hour_ % kHours)] +=
        static_cast<float>(grown);
  }
}

void SignalStore::Clear(Signal signal, int row) {
  if (row < 0) return;
  const StepClass& c = ClassOf(signal);
  std::fill_n(samples_.begin() + static_cast<std::ptrdiff_t>(PlaceOf(c, row)), c.capacity, kAbsent);
  seen_[static_cast<std::size_t>(row)] = -1;
}

Samples SignalStore::Window(Signal signal, int row, Seconds length) const {
  const StepClass& c = ClassOf(signal);
  Samples samples;
  samples.expected = std::max(1, static_cast<int>(std::lround(length / c.step)));
  if (row < 0) return samples;
  const int there = static_cast<int>(std::min<std::int64_t>(c.opened, c.capacity));
  const int count = std::min(samples.expected, there);
  const int end = static_cast<int>(c.opened % c.capacity);  // behind the newest
  const float* ring = samples_.data() + PlaceOf(c, row);
  if (count <= end) {
    samples.first = ring + end - count;
    samples.first_count = count;
  } else {
    samples.first_count = count - end;
    samples.first = ring + c.capacity - samples.first_count;
    samples.second = ring;
    samples.second_count = end;
  }
  return samples;
}

float SignalStore::Last(Signal signal, int row) const {
  const Samples samples = Window(signal, row, 2 * StepOf(signal));
  for (int i = samples.count() - 1; i >= 0; --i) {
    if (!std::isnan(samples[i])) return samples[i];
  }
  return kAbsent;
}

double SignalStore::GrowthOfDay(Signal signal, int row) const {
  const int hourly = HourlyRow(signal, row);
  if (hourly < 0) return std::nan("");
  double sum = 0;
  for (int h = 0; h < kHours; ++h) {
    sum += hourly_[static_cast<std::size_t>(hourly * kHours + h)];
  }
  return sum;
}

std::size_t SignalStore::bytes() const {
  return samples_.capacity() * sizeof(float) + totals_.capacity() * sizeof(double) +
         hourly_.capacity() * sizeof(float) + counter_of_.capacity() * sizeof(int) +
         (seen_.capacity() + grew_.capacity()) * sizeof(Seconds) + sizeof *this;
}

}  // namespace gpud::diagnosis
