// SPDX-License-Identifier: Apache-2.0
// Event: something that happened at a time, once. Wire format: docs/api.md.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "model/fields.h"
#include "platform/clock.h"

namespace gpud {

enum class EventType : unsigned char { kUnknown, kInfo, kWarning, kCritical, kFatal };
template <>
struct EnumWords<EventType> {
  static constexpr std::string_view kWords[] = {"Unknown", "Info", "Warning", "Critical", "Fatal"};
};

/// Who said that it happened. Only what may act is shown to a component's check.
enum class Origin : unsigned char {
  kGpud,       ///< gpud itself saw it (a check, the reader, a person's command); acts
  kKernel,     ///< a line of the kernel's own; acts
  kInjected,   ///< a line that gpud was asked to write; acts, and says so
  kUserSpace,  ///< a line that some program wrote into the kernel log; never changes health
};
template <>
struct EnumWords<Origin> {
  static constexpr std::string_view kWords[] = {"gpud", "kernel", "injected", "user-space"};
};

/// What stands behind every text about a fault that was only injected.
inline constexpr std::string_view kInjectedMark = " [injected]";

struct Event {
  std::string component;
  WallTime time{};
  std::string name;
  EventType type = EventType::kWarning;
  std::string message;
  /// Facts that do not fit the v1 format: device, pid ... Shown with `details=true`.
  std::map<std::string, std::string> extra_info;
  Origin origin = Origin::kGpud;
  /// What makes the event the same one when it is seen again: for kernel lines the boot id, the
  /// kernel's time stamp and a hash of the text; else a hash of all of the above. Set by the frame
  /// (store/identity.h); unique in the store together with the component.
  std::string identity;
  /// Tells more of the event with this identity, which was told before and is replaced by it.
  bool again = false;

  bool operator==(const Event&) const = default;
  static constexpr auto Fields() {
    using E = Event;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{
        Field{"component", &E::component, kOmit}, Field{"time", &E::time},
        Field{"name", &E::name, kOmit},           Field{"type", &E::type, kOmit},
        Field{"message", &E::message, kOmit},     Field{"extra_info", &E::extra_info, kOmit}};
  }
};

}  // namespace gpud
