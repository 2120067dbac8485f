// SPDX-License-Identifier: Apache-2.0
// What all components of NVIDIA's GPUs share: when there is nothing to judge and why, GPUs that are
// lost, readings that failed, and tables of readings as metrics and as `data`.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <set>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "components/component.h"
#include "components/fault_history.h"
#include "platform/json.h"
#include "sources/nvml/activity.h"
#include "sources/nvml/devices.h"
#include "sources/nvml/errors.h"
#include "sources/nvml/processes.h"

namespace gpud::nvidia {

/// Which GPU, of any of NVML's snapshots.
struct GpuId {
  std::uint32_t index = 0;
  std::string_view uuid, bus_id;

  template <class Gpu>
  explicit GpuId(const Gpu& gpu) : index(gpu.index), uuid(gpu.uuid), bus_id(gpu.bus_id) {}
};

/// "GPU 3 (0000:5d:00.0, GPU-6f...)", for reasons.
std::string GpuText(const GpuId& gpu);

/// Names the GPUs of faults in full, which the kernel's lines name by their addresses alone.
void NameGpus(const Inputs& in, std::vector<Fault>& faults);

/// A reading of a number, of whatever type.
template <class S>
using Number = std::variant<Result<double> S::*, Result<std::uint64_t> S::*,
                            Result<std::uint32_t> S::*, Result<std::int32_t> S::*>;

/// One row of a component's table: a reading as a metric and as a member of its `data`.
template <class S>
struct Gauge {
  std::string_view metric;  ///< empty: only in `data`
  std::string_view help;
  std::string_view field;      ///< in `data`; empty: only a metric
  std::string_view supported;  ///< the member of `data` that says whether it is to be had; or empty
  Number<S> reading;
  double factor = 1;
  MetricKind kind = MetricKind::kGauge;
};

/// The metrics of a table, and `more`.
template <const auto& kRows, class... More>
constexpr auto MetricsOf(More... more) {
  constexpr auto kCount = [] {
    std::size_t count = 0;
    for (const auto& row : kRows) count += row.metric.empty() ? 0 : 1;
    return count;
  }();
  std::array<MetricType, kCount + sizeof...(More)> metrics{};
  std::size_t at = 0;
  for (const auto& row : kRows) {
    if (!row.metric.empty()) metrics[at++] = {row.metric, row.help, row.kind};
  }
  ((metrics[at++] = more), ...);
  return metrics;
}

// The GPUs of a snapshot.
inline const std::vector<nvml::Device>& GpusOf(const nvml::Devices& all) { return all.devices; }
template <class Snapshot>
const auto& GpusOf(const Snapshot& all) {
  return all.gpus;
}
/// The GPU at this address, or null.
template <class Snapshot>
const auto* FindGpu(const Snapshot* all, std::string_view bus_id) {
  const std::decay_t<decltype(GpusOf(*all)[0])>* found = nullptr;
  if (!all) return found;
  for (const auto& gpu : GpusOf(*all)) {
    if (gpu.bus_id == bus_id) found = &gpu;
  }
  return found;
}

/// Two events of a component's own that tell of a condition's begin and end.
struct Episode {
  std::string_view begin, end;
  EventType type = EventType::kWarning;
};

/// One judgement of a component, in the making. All GPUs are looked at, whatever is wrong with one
/// of them.
class GpuReport {
 public:
  GpuReport(const Inputs& in, std::string_view component) : in_(in), component_(component) {}

  const Inputs& in() const { return in_; }

  /// The component's main snapshot. Null when there is nothing to judge: no driver here, none that
  /// answers, one that is left alone; that is in the report then.
  template <class T>
  const T* Take() {
    const auto& latest = in_.Latest<T>();
    if (!latest) {
      Refuse(latest.error());
      return nullptr;
    }
    constexpr bool kLasts = std::is_same_v<T, nvml::Devices>;
    return Begin(latest->session, GpusOf(*latest).size(), kLasts) ? &*latest : nullptr;
  }
  /// A snapshot beside it, null when there is none: what needs it is not judged.
  template <class T>
  const T* Beside() const {
    const auto& latest = in_.Latest<T>();
    return latest && latest->session.asleep.empty() ? &*latest : nullptr;
  }
  /// A GPU as of the good snapshot before the latest, or null.
  template <class T>
  const auto* Before(std::string_view bus_id) const {
    return FindGpu(in_.Previous<T>(), bus_id);
  }

  /// The value of a reading, or null. That a GPU is lost or wants a reset, or that the reading
  /// failed, becomes a finding, once for each GPU; what a board does not have is none.
  template <class T>
  const T* Read(const GpuId& gpu, std::string_view what, const Result<T>& reading) {
    if (reading) {
      ++good_;
      return &*reading;
    }
    Failed(gpu, what, reading.error());
    return nullptr;
  }

  /// The same of the machine as a whole.
  template <class T>
  const T* ReadOfAll(std::string_view what, const Result<T>& reading) {
    if (reading) {
      ++good_;
      return &*reading;
    }
    FailedOfAll(what, reading.error());
    return nullptr;
  }
  /// Whether a GPU answers at all; if not, that is told.
  bool Answers(const nvml::Device& device) {
    if (!device.answers) Failed(GpuId(device), "the GPU", device.answers.error());
    return device.answers.has_value();
  }

  /// Of a GPU, with label uuid and those in `more`. Nothing while the driver is left alone: what it
  /// told once is no reading of now.
  void Sample(std::string_view metric, const GpuId& gpu, double value, Labels more = {});
  /// Of the whole machine, without a label.
  void SampleOfAll(std::string_view metric, double value);
  /// The samples of a table, and its members of the GPU's row in `data`.
  template <class S>
  void Sample(const GpuId& gpu, const S& from, std::span<const Gauge<S>> table, Json::Object& row) {
    for (const Gauge<S>& gauge : table) {
      std::visit(
          [&](const auto member) {
            const auto* value = Read(gpu, gauge.field, from.*member);
            Put(gpu, {gauge.metric, gauge.field, gauge.supported},
                value ? static_cast<double>(*value) * gauge.factor : 0, value != nullptr,
                gauge.factor, row);
          },
          gauge.reading);
    }
  }

  void Find(Health health, const GpuId& gpu, const std::string& what,
            Advice advice = Advice::kNone);
  Findings& findings() { return findings_; }
  /// What is worth telling and no fault: it stands in the reason of a healthy state.
  void Note(std::string text);

  /// Adds an event where the component's own events do not say yet that the condition has begun
  /// (`now`) or ended.
  void Tell(const GpuId& gpu, const Episode& episode, bool now, const std::string& what);
  void Add(Event event) { report_.events.push_back(std::move(event)); }
  /// An event of a fault of a GPU, of which OpenFaults will know.
  void AddFault(const GpuId& gpu, LineFinding fault);
  /// The open faults of the component's own events, those of this report too.
  void JudgeFaults(std::string (*name)(const Fault&), const FaultRules& rules = {});

  /// Why the component has nothing to look at here.
  void NotSupported(std::string why) { support_ = {false, std::move(why)}; }
  /// Ends it. `good`: the reason when nothing was found. `data`: the JSON of extra_info.
  void Done(std::string good, Json::Object data = {});

  Report TakeReport() &&;
  Support support() const;

 private:
  struct Names {
    std::string_view metric, field, supported;
  };
  void Refuse(const Error& error);
  bool Begin(const nvml::Session& session, std::size_t gpus, bool lasts);
  bool IsFailure(const Error& error);
  void Failed(const GpuId& gpu, std::string_view what, const Error& error);
  void FailedOfAll(std::string_view what, const Error& error);
  void Put(const GpuId& gpu, const Names& names, double value, bool good, double factor,
           Json::Object& row);

  const Inputs& in_;
  std::string_view component_;
  Report report_;
  Findings findings_;
  std::vector<std::string> notes_;
  std::set<std::uint32_t> told_;  ///< GPUs of which is told that they do not answer
  std::string error_;
  std::string unsupported_;  ///< the first reading that is not to be had
  std::size_t good_ = 0, failed_ = 0;
  bool asleep_ = false;
  Support support_;
};

/// A row of `data` for a GPU: uuid and bus_id.
Json::Object RowOf(const GpuId& gpu);

/// How long an episode of a GPU has lasted within the last `window`, by the component's events.
std::chrono::microseconds Lasted(const Inputs& in, std::string_view bus_id, const Episode& episode,
                                 std::chrono::microseconds window);

/// "42.50", as the original writes shares.
Json PercentText(double percent);

/// Whether the driver's maker means the board for data centres: the driver's own word on it.
bool IsDataCentre(const nvml::Device& device);

// One function gives both of what a component answers: ComponentType::check and ::supported.
template <const std::string_view& kName, void (*kJudge)(GpuReport&)>
Report CheckOf(const Inputs& in) {
  GpuReport report(in, kName);
  kJudge(report);
  return std::move(report).TakeReport();
}
template <const std::string_view& kName, void (*kJudge)(GpuReport&)>
Support SupportOf(const Inputs& in) {
  GpuReport report(in, kName);
  kJudge(report);
  return report.support();
}

}  // namespace gpud::nvidia
