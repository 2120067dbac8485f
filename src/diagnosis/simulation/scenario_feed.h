// SPDX-License-Identifier: Apache-2.0
// ScenarioFeed: fills the view of a node from a scenario, sample by sample, as the daemon fills it
// from its snapshots.
#pragma once

#include <vector>

#include "diagnosis/log_reader.h"
#include "scenario/kernel_log.h"
#include "scenario/series.h"

namespace gpud::diagnosis {

class ScenarioFeed {
 public:
  /// `node` outlives the feed.
  ScenarioFeed(const scenario::Node& node, std::span<const ComponentType* const> components,
               WallTime start);

  /// Goes to sample k: the view is as the daemon would have it then.
  void Step(std::int64_t k);
  const NodeView& view() const { return view_; }

 private:
  struct Row {
    scenario::Series series;
    Signal signal;
    int row = -1;
    int process = -1;  ///< index in `processes_` of a series that comes and goes with one
    const scenario::Process* owner = nullptr;
    float still = kAbsent;  ///< the value of one that never moves
    bool moves = true;
  };

  void AddSeries();
  void ApplyFacts(Seconds t);
  void MoveProcesses(Seconds t);
  void Enter(const scenario::Process& process);

  const scenario::Node& node_;
  WallTime start_;
  NodeView view_;
  LogReader log_;
  std::vector<Row> rows_;
  std::vector<scenario::LogRecord> records_;
  std::size_t next_record_ = 0, next_fact_ = 0;
  std::vector<int> place_of_;  ///< of each process of the node; -1: not there
};

/// The facts of a node of a scenario as they are at its second `t`.
NodeFacts FactsOf(const scenario::Node& node, Seconds t);

}  // namespace gpud::diagnosis
