// SPDX-License-Identifier: Apache-2.0
// Lane: the queue of readings of one lane, one at a time, each with its deadline; whom to blame
// when one does not end, and how long to leave that source alone. How a reading is made, the two
// kinds of lanes know (host_lane.h, child_lane.h). All of it runs on the loop.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lanes/lanes.h"

namespace gpud::lanes {

class ReadingLane {
 public:
  using Done = std::function<void(Snapshot)>;

  /// `name`: for a person, "mounts". All of what is given outlives the lane.
  ReadingLane(Loop& loop, const Clock& clock, const Options& options, std::string name);
  virtual ~ReadingLane() = default;

  /// As Lanes::Read.
  void Read(const SourceType& source, Done done);
  virtual void Describe(std::vector<SelfFinding>& findings) const;

 protected:
  enum class Abandoned : unsigned char { kFree, kStuck };

  /// Starts a reading, which ends by OnAnswer or OnBroken. Error: it cannot be started.
  virtual Result<void> Start(const SourceType& source) = 0;
  /// The reading has missed its deadline. kFree: it is killed, the next may start; kStuck: none can
  /// until this one ends.
  virtual Abandoned Abandon() = 0;

  /// The reading has ended (also one that was given up as stuck).
  void OnAnswer(const Snapshot& snapshot);
  /// The reading will never end: "its process crashed (SIGSEGV)". With no reading under way, the
  /// source that was read last is to blame.
  void OnBroken(const std::string& why);

  /// The source of the reading under way; null when there is none.
  const SourceType* reading() const { return busy_ ? queue_.front().source : nullptr; }
  Snapshot FailureOf(const SourceType& source, Error error) const;

  Loop& loop_;
  const Clock& clock_;
  const Options& options_;
  const std::string name_;

 private:
  struct Reading {
    const SourceType* source = nullptr;
    std::vector<Done> waiting;
  };
  /// What is known of a source since its last good end.
  struct Trouble {
    WallTime since{};
    unsigned times = 0;
    Error last;
    std::chrono::milliseconds pause{};
    BootTime not_before{};
  };

  void StartNext();
  void OnDeadline();
  void Deliver(std::vector<Done> waiting, const Snapshot& snapshot);
  void EndFirst(const Snapshot& snapshot);
  const Error& Blame(const SourceType& source, ErrorCode code, const std::string& why);
  Error Refusal(const SourceType& source, const Trouble& trouble) const;

  std::deque<Reading> queue_;  // the first one is under way when busy_
  bool busy_ = false;
  const SourceType* stuck_in_ = nullptr;
  const SourceType* last_read_ = nullptr;
  std::map<const SourceType*, Trouble> troubles_;
  Loop::Watch deadline_;
};

}  // namespace gpud::lanes
