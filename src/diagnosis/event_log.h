// SPDX-License-Identifier: Apache-2.0
// EventLog: what the kernel log said, in the vocabulary of the rules (specs/diagnosis.md, 1.2).
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "components/line.h"
#include "diagnosis/store.h"

namespace gpud::diagnosis {

enum class EventCode : std::uint8_t {
  kOther,
  kXid,
  kSxid,
  kAerCorrected,
  kAerUncorrected,
  kPciLinkDown,
  kNvmeTimeout,
  kNvmeDown,
  kDiskIoError,
  kDiskMediumError,
  kReadOnly,
  kOomGlobal,
  kOomCgroup,
  kHungTask,
  kSoftLockup,
  kNfsNotResponding,
  kNfsOk,
  kEdacCorrected,
  kEdacUncorrected,
  kMachineCheck,
  kNetLinkDown,
  kNetLinkUp,
  kNetCable,
  kNetHealth,
  kNetTemperature,
  kIbRetryExceeded,
  kAmdUncorrected,
  kAmdCorrected,
  kAmdRingTimeout,
  kAmdResetFailed,
  kAmdPageFault,
  kIntelWedged,
  kIntelMemoryFault,
  kDriverMismatch,
  kCpuThermal,
};
inline constexpr std::size_t kEventCodes = static_cast<std::size_t>(EventCode::kCpuThermal) + 1;

struct NodeEvent {
  Seconds t = 0;
  EventCode code = EventCode::kOther;
  int number = 0;      ///< of an Xid or SXid
  std::string device;  ///< as the line names it
  int gpu = -1;        ///< where the device is one
  std::int64_t pid = 0;
  std::string process;
  int link = -1;
  EventType severity = EventType::kWarning;
  Advice action = Advice::kNone;
  std::string text;
  std::string detail;  ///< cgroup of a kill, stack of a hung task, class of an SXid
  int count = 1;       ///< that the line stands for
  bool echo = false;   ///< follows from another fault that the log told of
  bool over = false;   ///< a later line said that it is over
};

/// The spec's code of what a component's matcher found. kOther: no rule asks for it.
EventCode CodeOf(const LineFinding& finding);
/// "xid/79", "nfs/not_responding".
std::string NameOf(const NodeEvent& event);

class EventLog {
 public:
  static constexpr std::size_t kMost = 4096;

  void Add(NodeEvent event);
  /// One of these was ever seen: most rules end here.
  bool Has(EventCode code) const { return seen_[static_cast<std::size_t>(code)]; }
  const std::deque<NodeEvent>& all() const { return events_; }
  /// Marks what came before as over where `fits` says so.
  template <class Fits>
  void End(Fits&& fits) {
    for (NodeEvent& event : events_) {
      if (!event.over && fits(event)) event.over = true;
    }
  }

 private:
  std::deque<NodeEvent> events_;
  bool seen_[kEventCodes] = {};
};

}  // namespace gpud::diagnosis
