// SPDX-License-Identifier: Apache-2.0
// Incidents: many rules, one answer. What follows from another finding goes below it; the same
// fault of several devices is one incident; a stronger cause that comes later takes the root's
// place (specs/diagnosis.md, 1.6 and section 3).
#pragma once

#include <deque>
#include <vector>

#include "diagnosis/finding.h"

namespace gpud::diagnosis {

struct Incident {
  int id = 0;                ///< counts up from 1
  std::vector<int> roots;    ///< findings of one diagnosis, of one device or several
  std::vector<int> effects;  ///< findings, the early signs too
  Seconds opened = 0;        ///< when its root was told
  Seconds closed = -1;       ///< negative: open
  Severity severity = Severity::kWarning;
  int flaps = 0;
  bool folded = false;  ///< went into another incident
};

class Incidents {
 public:
  /// Takes a finding that stands from now on, and says in which incident it is.
  int Open(Finding finding, const NodeView& node);
  /// Tells more of one that stands.
  void Update(int finding, Finding now);
  /// The finding holds no longer.
  void Clear(int finding, Seconds now);
  /// The whole incident is an effect of something outside the node.
  void Fold(int incident) { incidents_[static_cast<std::size_t>(incident)].folded = true; }

  const std::deque<Finding>& findings() const { return findings_; }
  const std::vector<Incident>& all() const { return incidents_; }
  const Finding& RootOf(const Incident& incident) const {
    return findings_[static_cast<std::size_t>(incident.roots.front())];
  }
  double ConfidenceOf(const Incident& incident) const;

 private:
  bool Explains(const Finding& cause, const Finding& effect, const NodeView& node) const;
  int CauseFor(const Finding& finding, const NodeView& node) const;
  int Sibling(const Finding& finding) const;
  int Returning(const Finding& finding) const;
  void TakeBelow(int incident, const NodeView& node);
  void Weigh(Incident& incident);

  std::deque<Finding> findings_;
  std::vector<Incident> incidents_;
  std::vector<int> incident_of_;  ///< by finding
};

}  // namespace gpud::diagnosis
