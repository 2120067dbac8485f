// SPDX-License-Identifier: Apache-2.0
// Pass: what all rules ask of a node at one moment, worked out once (specs/diagnosis.md, 1.4:
// JOB, BUSY, STARVED, LOADED).
#pragma once

#include <vector>

#include "diagnosis/node_view.h"

namespace gpud::diagnosis {

struct GpuState {
  std::vector<int> users;  ///< places of the processes on it, alive
  bool trainer = false;    ///< one of them trains (unknown counts as training)
  bool server = false;     ///< one of them serves
  Seconds since = 0;       ///< start of the oldest of them
  bool job = false;        ///< one of them is past its first 180 s
  double util60 = kAbsent, util120 = kAbsent, util300 = kAbsent;
  bool starved = false;         ///< has a job and little to do for 300 s
  bool nearly_starved = false;  ///< as above within 10 %, for verdicts that stand
  bool loaded = false;          ///< works or copies
};

struct Pass {
  explicit Pass(const NodeView& view) : node(view) {}

  /// As of the view's now.
  void Update();

  const NodeView& node;
  std::vector<GpuState> gpus;
  std::vector<int> alive;    ///< places of processes
  std::vector<int> loaders;  ///< of them
  bool any_trainer_starved = false, any_trainer_nearly = false;
  int jobs = 0;  ///< GPUs with a job

  /// GPUs of trainers that are starved; `loosely`: within 10 %.
  std::vector<int> Starved(bool loosely) const;
  /// Loaders that feed the trainer at this place.
  std::vector<int> LoadersOf(int trainer) const;
  /// Median over these GPUs of the mean of a signal; absent when fewer than two are known.
  double Median(Signal signal, int seconds, const std::vector<int>& of) const;
  /// Other GPUs of the same model with a job.
  std::vector<int> Peers(int gpu) const;
};

/// Of the numbers that are known; absent for none. Changes their order.
double MedianOf(std::vector<double>& numbers);
/// The mean of a window with at least 70 % of its samples; else absent.
double MeanOf(const Samples& samples);

}  // namespace gpud::diagnosis
