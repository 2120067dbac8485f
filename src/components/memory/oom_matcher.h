// SPDX-License-Identifier: Apache-2.0
// Kernel lines of an out-of-memory kill: dozens of lines, one finding for each victim.
#pragma once

#include <optional>

#include "components/component.h"

namespace gpud::memory {

inline constexpr std::string_view kInvoked = "invoked oom-killer";
inline constexpr std::string_view kSummary = "oom-kill:constraint=";
inline constexpr std::string_view kLimit = " killed as a result of limit of ";
inline constexpr std::string_view kAnnounced = "Kill process ";
inline constexpr std::string_view kKilled = "Killed process ";
inline constexpr std::string_view kReaped = "oom_reaper: reaped process ";
inline constexpr std::string_view kNobody = "no killable processes";

/// Event `OOM` (mm/oom_kill.c, mm/memcontrol.c): who was killed, where the memory ran out, whose
/// it was.
///
/// All kernels print "Killed process PID (NAME)" for each victim, which makes the finding.
/// Linux 5.0 and later print "oom-kill:constraint=..." before it, which knows the control group; of
/// a block of which the victim's line was lost, it makes the finding when the next line of the
/// killer comes. Older ones announce the victim ("Task in ... killed as a result of limit of ...",
/// "Kill process PID (NAME)") and may then kill a child or another thread of it: what stands
/// between an announcement and its kill is one incident, whatever the process ids.
class OomMatcher {
 public:
  /// True when the line was one of a kill.
  bool OnLine(std::string_view text, LineSink& sink);

 private:
  struct Summary {
    bool whole_machine = false;
    std::string group, process, pid, uid, constraint;
  };
  static std::optional<Summary> ParseSummary(std::string_view text);
  LineFinding Make(bool whole_machine, std::string_view process, std::string_view pid) const;
  bool IsOfWholeMachine(std::string_view words) const;
  void OnLimit(std::string_view text, LineSink& sink);
  void OnAnnounced(std::string_view text, LineSink& sink);
  void OnKilled(std::string_view text, LineSink& sink);
  void Tell(LineFinding finding, LineSink& sink) const;
  void TellSummary(LineSink& sink);
  void EndBlock();

  std::optional<Summary> summary_;
  std::string group_;                  ///< of the victim to come
  std::optional<bool> whole_machine_;  ///< of the victim to come, where that is known
  bool announced_ = false;             ///< its kill is to come
  std::uint64_t kills_ = 1;            ///< counts them, to tell incidents apart
};

}  // namespace gpud::memory
