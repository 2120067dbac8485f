// SPDX-License-Identifier: Apache-2.0
// What components say of lines of the kernel log: a matcher reads the lines that hold its needles
// and tells what they mean.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "model/advice.h"
#include "model/event.h"

namespace gpud {

/// A line of the kernel log, as a matcher sees it.
struct KernelLine {
  WallTime time{};
  std::string_view text;  ///< of one record; may hold several lines
  unsigned severity = 6;  ///< 0 emergency .. 7 debug; no filter: drivers print faults at any level
  Origin origin = Origin::kKernel;
  /// What the record's property DEVICE=+pci:... names: "0000:5e:00.0"; mostly empty.
  std::string_view pci_device;
};

/// What a line says.
struct LineFinding {
  std::string_view family;  ///< a constant: "xid", "pci", "disk" ...
  std::string_view event;   ///< name of the wire's event, a constant; empty: the code
  std::string code;         ///< "79", "149.NETIR_LINK_EVT", "io_error"
  EventType severity = EventType::kWarning;
  Advice action = Advice::kIgnore;
  Advice follow_up = Advice::kNone;  ///< when the first action does not help
  std::string device;                ///< "0000:5d:00.0", "nvme4n1", "eth0"; empty: not named
  std::string message;               ///< for a person; the frame makes it UTF-8
  /// The line says that a fault of the device is over: it is no fault itself.
  bool clears = false;
  /// Faults of one code and device are one incident; where that is too coarse, what sets them
  /// apart ("pid 4711").
  std::string part;
  std::map<std::string, std::string> details;  ///< "pid", "process", "link" ...
};

/// Names of what stands in the extra_info of an event that was made of a kernel line.
inline constexpr std::string_view kFactCode = "code";
inline constexpr std::string_view kFactDevice = "device";
inline constexpr std::string_view kFactAction = "action";       ///< word of Advice
inline constexpr std::string_view kFactFollowUp = "follow_up";  ///< word of Advice
inline constexpr std::string_view kFactClears = "clears";       ///< "true": LineFinding::clears
inline constexpr std::string_view kFactCount = "count";         ///< lines folded into it
inline constexpr std::string_view kFactFirst = "first";         ///< time of the first one, RFC 3339
inline constexpr std::string_view kFactRoot = "root";           ///< "xid/48": what it follows from

/// What an event tells of `name` in its extra_info; empty when nothing.
std::string_view FactOf(const Event& event, std::string_view name);

/// The event of a finding; component, time, origin and identity are the frame's to add.
Event ToEvent(const LineFinding& finding);

/// Takes what matchers find.
class LineSink {
 public:
  virtual ~LineSink() = default;
  virtual void Add(LineFinding finding) = 0;
  /// One more fact about the finding that this matcher added last, told by a line behind it (the
  /// head of a stack, the owner of a ring). Without effect when there was none.
  virtual void Detail(std::string_view name, std::string value) = 0;
};

/// Whether `part` stands anywhere in the text.
inline bool Holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Listens to the kernel log: may remember earlier lines, one object per stream, must not block.
class LineMatcher {
 public:
  virtual ~LineMatcher() = default;
  /// Only lines that hold one of the component's needles, in order; the frame does the finding, and
  /// sets component, time, origin and identity of the events that come of it.
  virtual void OnLine(const KernelLine& line, LineSink& sink) = 0;
};

}  // namespace gpud
