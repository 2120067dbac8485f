// SPDX-License-Identifier: Apache-2.0
// Incidents: many lines, few faults. What is found again of the same device is counted, and what
// follows from another fault is put under that one, its root.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "decode/decoder.h"

namespace gpud::decode {

/// Where and when a line was read.
struct LineStamp {
  WallTime time{};
  BootTime read{};  ///< when gpud read it, which may be long after
  Origin origin = Origin::kKernel;
  bool approximate = false;               ///< the time is: from a syslog
  std::optional<std::uint64_t> sequence;  ///< of its record; a dmesg text has none
  std::size_t line = 0;                   ///< number of the line in its file, from 1; 0: none
  /// What makes the line the same one when it is read again; empty where that does not matter.
  std::string identity;
};

/// A line that belongs to an incident beside its first one: a repeat, or one of an echo.
struct Evidence {
  LineStamp stamp;
  const ComponentType* component = nullptr;
  LineFinding finding;
};

struct Incident {
  std::uint64_t id = 0;   ///< counts up from 1
  std::uint64_t key = 0;  ///< hash of what makes a line a repeat
  const ComponentType* component = nullptr;
  LineFinding finding;  ///< what the first line said; details of later ones are added
  LineStamp first;
  WallTime last{};
  std::size_t count = 1;
  std::string newest;  ///< message of the newest line; empty while there is one line
  /// The id of the fault that this one follows from; 0: it is a root itself. Roots have no root.
  std::uint64_t root = 0;
  std::string root_code;  ///< "xid/48"
  LineStamp root_stamp;   ///< of the root's first line
  /// The first and the last of the lines that were folded into it, and of its echoes.
  std::vector<Evidence> evidence;
  std::deque<Evidence> last_evidence;
  std::size_t evidence_left_out = 0;
};

class Incidents {
 public:
  /// Equal faults (of one device, with one verdict) within this time after the first are one
  /// incident.
  static constexpr std::chrono::seconds kWindow{3600};

  struct Options {
    /// More open ones than this: the oldest is closed. Bounds memory and the time per line.
    std::size_t most_open = 128;
    /// Lines kept as evidence, of the first and of the last; none where events are all that counts.
    std::size_t first_evidence = 0;
    std::size_t last_evidence = 0;
  };

  explicit Incidents(Options options) : options_(options) {}

  struct Taken {
    Incident* incident = nullptr;  ///< valid until the next call; null for lost details
    bool fresh = false;            ///< opened by this line
    bool turned = false;  ///< a repeat, but the device had recovered (or failed) in between
  };
  /// Takes what a line says. Incidents that had to be closed for room go to `closed`.
  Taken Take(Found found, const LineStamp& stamp, std::vector<Incident>& closed);
  /// Ends what the line at hand, by its time, can no longer belong to.
  void CloseOld(WallTime line, std::vector<Incident>& closed);
  /// Ends what was first read longer ago than the window. (Lines may be much older than that.)
  void CloseOld(BootTime now, std::vector<Incident>& closed);
  void CloseAll(std::vector<Incident>& closed);
  /// Null when it is not open any more.
  const Incident* Find(std::uint64_t id) const;
  std::size_t open() const { return by_id_.size(); }

 private:
  using List = std::list<Incident>;

  static std::uint64_t KeyOf(const Found& found, Origin origin);
  bool Turns(const Found& found);
  Taken Open(Found found, const LineStamp& stamp, std::uint64_t key);
  void FindRoot(Incident& fresh);
  void PutUnder(Incident& echo, Incident& root);
  void AddEvidence(Incident& incident, Evidence evidence);
  void Close(List::iterator incident, std::vector<Incident>& closed);

  Options options_;
  std::uint64_t next_id_ = 1;
  List incidents_;  // in the order of opening
  std::unordered_map<std::uint64_t, List::iterator> by_key_;
  std::unordered_map<std::uint64_t, List::iterator> by_id_;
  std::unordered_map<const ComponentType*, std::uint64_t> last_of_;  // for details
  std::unordered_map<std::uint64_t, bool> recovered_;                // by component and device
};

}  // namespace gpud::decode
