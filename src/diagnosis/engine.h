// SPDX-License-Identifier: Apache-2.0
// Engine: evaluates all rules about one node, holds what they found, and lets the incidents sort
// causes from effects. Time is the view's: there is no clock in here, the same input gives the same
// verdicts.
#pragma once

#include <vector>

#include "diagnosis/incidents.h"

namespace gpud::diagnosis {

class Engine {
 public:
  /// `view` outlives the engine and keeps its shape.
  explicit Engine(const NodeView& view);

  /// Evaluates what is due at the view's now.
  void Evaluate();

  const Incidents& incidents() const { return incidents_; }
  Incidents& incidents() { return incidents_; }
  const Pass& pass() const { return pass_; }
  /// Signals that a rule asks for and that are not there, by rule: "not checked".
  std::vector<std::string> NotChecked(std::string_view id);
  std::size_t bytes() const { return tracks_.capacity() * sizeof(Track) + sizeof *this; }

 private:
  struct Track {
    float since = -1;        ///< the rule holds since; negative: it does not
    float false_since = -1;  ///< a standing verdict's rule does not hold since
    int finding = -1;        ///< that stands
  };

  void Evaluate(int rule, int subject, Track& track);
  Finding Make(int rule, int subject, const Track& track);
  bool IsDue(const Rule& rule) const;

  const NodeView& view_;
  Pass pass_;
  std::vector<Track> tracks_;
  std::vector<int> first_track_;  ///< by rule
  Incidents incidents_;
  Seconds refreshed_ = 0, last_ = -1;
};

}  // namespace gpud::diagnosis
