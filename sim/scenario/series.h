// SPDX-License-Identifier: Apache-2.0
// One series of a scenario, made sample by sample: only what is asked for is ever computed, and it
// takes a few hundred bytes however long the scenario is (specs/diagnosis.md, 5.3 and 5.6).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "scenario/node.h"
#include "scenario/random.h"

namespace gpud::scenario {

class Series {
 public:
  /// How many samples Recent reaches back.
  static constexpr std::int64_t kHistory = 8;

  /// `node` outlives the series; `tags` is one of its label sets for the signal.
  Series(const Node& node, const Signal& signal, Tags tags);

  const Signal& signal() const { return *signal_; }
  const Tags& tags() const { return tags_; }

  /// Goes to sample k (>= 0). Cheap for the next one; going back starts again from the first.
  void MoveTo(std::int64_t k);
  std::int64_t place() const { return k_; }
  /// The value before missing spans and absent devices is the same for ever.
  bool IsStill() const { return still_; }
  /// Samples of it may be absent for another reason than the end of its process.
  bool CanLeave() const { return !devices_.empty() || !entries_.empty(); }

  /// What a collector sees now; nothing where the sample is absent.
  std::optional<double> value() const { return Recent(k_); }
  /// The value as it is before missing spans and absent devices.
  std::optional<double> raw() const { return raw_; }
  /// Sample `k` of the last kHistory ones; nothing beyond.
  std::optional<double> Recent(std::int64_t k) const;
  /// A gauge, summed over time from 0 to `t`, which is within the step that begins now
  /// (unit: that of the signal times seconds). Absent samples count as 0.
  double IntegralAt(double t) const;

 private:
  struct Base {
    std::optional<double> value;
    double noise = 0;
  };
  // How the value without entries comes about.
  enum class Rule : std::uint8_t {
    kConstant,
    kFollowsUse,  ///< a share of the baseline, as busy as the GPU is
    kReasonMask,
    kGpuMemory,
    kProcessMemory,
    kProcessUse,
    kLinkTraffic,
    kLoaderReads,
    kSumOfProcesses,
    kLost,
  };

  void Start();
  void Step();
  void JumpTo(std::int64_t k);
  void Need(std::string_view signal, Tags tags);
  void ChooseBase();
  void ChooseProcessBase();
  Base ConstantBase() const;
  Base BaseNow(double t);
  double ProcessMemoryNow(double t) const;
  std::optional<double> Moved(const Base& base, double t, const SignalEntry*& last) const;
  bool IsVisible(double t) const;
  bool Covers(const SignalEntry& entry) const;
  double TimeOf(std::int64_t k) const;
  std::int64_t IdOf(Label label) const;
  std::size_t CountAlive(double t) const;

  const Node* node_;
  const Signal* signal_;
  Tags tags_;
  std::vector<const SignalEntry*> entries_;
  std::vector<const Presence*> devices_;
  const Presence* watched_ = nullptr;      ///< whose absence gpu.lost reports
  const Process* process_ = nullptr;       ///< of the label `pid`
  std::vector<const Process*> processes_;  ///< that the rule counts
  Rule rule_ = Rule::kConstant;
  Base constant_;
  std::vector<Series> sources_;  ///< own copies: each series is a pure function of k
  bool total_ = false;
  bool draws_ = false;
  bool still_ = false;  ///< the same value for ever: no step needs the one before

  std::int64_t k_ = -1;
  Draws random_;
  double grown_ = 0;  ///< of a counter: the total so far, unrounded
  std::optional<double> rate_;
  std::optional<double> raw_;
  double integral_ = 0;  ///< up to the start of this step
  std::array<std::optional<double>, kHistory> recent_;
};

}  // namespace gpud::scenario
