// SPDX-License-Identifier: Apache-2.0
// The signals that a scenario can move: names, kinds, labels (specs/diagnosis.md, 1.1) and what
// they are on a machine where nothing is wrong (5.9).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace gpud::scenario {

enum class Kind : std::uint8_t { kGauge, kCounter, kState };

enum class Label : std::uint8_t {
  kNone,
  kGpu,
  kLink,
  kPid,
  kCgroup,
  kDimm,
  kDisk,
  kMount,
  kNic,
  kService,
  kFan,
  kPsu,
  kJob,
};

/// "gpu", "link" ...; "" for kNone.
std::string_view LabelName(Label label);

struct Signal {
  std::string_view name;
  Kind kind = Kind::kGauge;
  std::array<Label, 2> labels{};  ///< kNone where there is none
  bool also_nic = false;          ///< a PCIe link: adapters have the signal too, under `nic`
  double low = 0;                 ///< samples are clamped to low..high
  double high = 0;
};

/// Every signal, in the order of the format's page.
std::span<const Signal> AllSignals();
/// Null when there is none of this name.
const Signal* FindSignal(std::string_view name);

enum class Workload : std::uint8_t { kIdle, kTrain, kInfer };

/// Number of the profile that a baseline is a fraction of.
enum class Scale : std::uint8_t { kOne, kClock, kPower, kMemory, kHostMemory, kCpuBase, kNicSpeed };

struct BaselineCell {
  double value = 0;
  double noise = 0;  ///< standard deviation
};

struct Baseline {
  std::string_view signal;
  Scale scale = Scale::kOne;
  std::array<BaselineCell, 3> cells{};  ///< by Workload
};

/// Null for signals whose baseline is 0, 1 for a good state, or made of other signals.
const Baseline* FindBaseline(std::string_view signal);
/// A state that is 1 while all is well: a link, a service.
bool IsGoodState(std::string_view signal);

}  // namespace gpud::scenario
