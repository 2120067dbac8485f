// SPDX-License-Identifier: Apache-2.0
// One simulated GPU: its readings at the moment of a call, from the scenario and its board.
#pragma once

#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "nvml/board.h"
#include "scenario/series.h"
#include "sources/nvml/abi/base.h"

namespace gpud::sim_nvml {

using namespace nvml_abi;

/// The moment of the call that is being answered; set by the driver before each.
struct Moment {
  double t = 0;  ///< seconds since the start of the scenario
  std::int64_t sample = 0;
  std::uint64_t micros = 0;  ///< NVML's time stamp of `t`
};

/// A number, or why there is none.
struct Reading {
  nvmlReturn_t status = NVML_ERROR_NOT_SUPPORTED;
  double value = 0;

  explicit operator bool() const { return status == NVML_SUCCESS; }
};
inline Reading Known(double value) { return {.status = NVML_SUCCESS, .value = value}; }
inline Reading KnownIf(bool supported, double value) {
  return supported ? Known(value) : Reading{};
}

class Gpu {
 public:
  /// `node`, `board` and `moment` outlive the GPU. `index`: in the scenario.
  Gpu(const scenario::Node& node, int index, const Board& board, const Moment& moment);

  int index() const { return index_; }
  const Board& board() const { return board_; }
  const scenario::Node& node() const { return node_; }
  const Moment& moment() const { return moment_; }

  /// The signal now; `second` is the link or pid of signals that have one. NOT_SUPPORTED: the
  /// machine has no such signal; UNKNOWN: it has, but this sample is missing.
  Reading Read(std::string_view signal, std::int64_t second = -1);
  /// The series itself, at the sample of now; null when the machine has no such series.
  scenario::Series* Find(std::string_view signal, std::int64_t second = -1);
  /// A gauge summed over time up to now, in its unit times seconds.
  double Integral(std::string_view signal, std::int64_t second = -1);

  bool IsPresent() const;
  // Facts "gpu.INDEX.NAME" at the moment; `otherwise` where the scenario has none.
  std::string FactText(std::string_view name, std::string_view otherwise = "") const;
  std::optional<double> FactNumber(std::string_view name) const;
  bool FactIs(std::string_view name, std::string_view word) const { return FactText(name) == word; }

  bool ecc_on() const { return FactIs("ecc_mode", "on"); }
  /// Number of equal MIG instances; 0 with MIG off.
  int mig_instances() const;

 private:
  const scenario::Node& node_;
  int index_;
  const Board& board_;
  const Moment& moment_;
  std::map<std::pair<std::string_view, std::int64_t>, scenario::Series> series_;
  const scenario::Presence* presence_;
};

}  // namespace gpud::sim_nvml
