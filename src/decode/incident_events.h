// SPDX-License-Identifier: Apache-2.0
// IncidentEvents: the events of a stream of kernel lines. An incident is one event, told at its
// first line and told again, with count and last time, while lines of it go on coming.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "decode/incidents.h"

namespace gpud::decode {

class IncidentEvents {
 public:
  /// So many repeats of an incident are told at once, when they do not come as close together as in
  /// a storm or in a log that is read late.
  static constexpr int kMostAtOnce = 256;
  /// And so many of all incidents together, one more each 100 ms: a burst is not a burst of events.
  static constexpr int kMostOfAll = 64;
  static constexpr std::chrono::milliseconds kOneMore{100};
  static constexpr std::chrono::microseconds kLeastPause{30};
  /// How long all others wait to be told: short at first, longer when it goes on.
  static constexpr std::chrono::seconds kFirstDelay{1};
  static constexpr std::chrono::seconds kDelay{10};

  /// Adds what is to be known of a new incident at its first line and may be gone later.
  using Complete = std::function<void(LineFinding& finding, const LineStamp& stamp)>;

  explicit IncidentEvents(Complete complete = {})
      : incidents_(Incidents::Options{}), complete_(std::move(complete)) {}

  /// Takes what one line says, and gives the events that are to be told now to `events`; those with
  /// `again` set tell more of one that was told before.
  void Take(std::vector<Found>& found, const LineStamp& stamp, std::vector<Event>& events);
  /// Tells what has waited long enough, and ends what is over.
  void TellDue(BootTime now, std::vector<Event>& events);
  /// Tells all that waits.
  void TellAll(std::vector<Event>& events);

  /// When TellDue has something to tell at the latest; nothing when all is told.
  std::optional<BootTime> due() const;
  /// The first record of which a repeat is not told yet: reading that starts again there loses
  /// none.
  std::optional<std::uint64_t> untold_since() const;

 private:
  struct Untold {
    BootTime due{};
    std::optional<std::uint64_t> sequence;  // of the first repeat
  };
  struct Told {
    BootTime at{};
    int at_once = 0;  // repeats that were
  };
  bool WorthTellingNow(Told& told, BootTime now);
  void TellClosed(std::vector<Incident>& closed, std::vector<Event>& events);
  void Tell(const Incident& incident, bool again, std::vector<Event>& events);

  Incidents incidents_;
  Complete complete_;
  std::map<std::uint64_t, Untold> untold_;  // by incident
  std::map<std::uint64_t, Told> told_;      // likewise
  int left_ = kMostOfAll;                   // to be told at once
  BootTime refilled_{};
  std::vector<Incident> closed_;  // kept for its memory
};

/// The event of an incident as it stands.
Event EventOf(const Incident& incident);

}  // namespace gpud::decode
