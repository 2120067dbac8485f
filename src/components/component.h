// SPDX-License-Identifier: Apache-2.0
// Component: one concern that we look after. A constant per folder; pure functions of their inputs.
// How to add one: CONTRIBUTING.md.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "model/event.h"
#include "model/inputs.h"
#include "model/metric.h"
#include "model/report.h"
#include "sources/source.h"

namespace gpud {

/// A line of the kernel log, as a matcher sees it.
struct KernelLine {
  WallTime time{};
  std::string_view text;
  unsigned severity = 6;  ///< 0 emergency .. 7 debug
  Origin origin = Origin::kKernel;
};

/// Listens to the kernel log: may remember earlier lines, one object per stream, must not block.
class LineMatcher {
 public:
  virtual ~LineMatcher() = default;
  /// Only lines that hold one of the component's needles, in order; the frame does the finding. The
  /// frame sets the event's component, origin and identity, and its time where it is zero.
  virtual std::optional<Event> OnLine(const KernelLine& line) = 0;
};

/// Whether a component has anything to look at here.
struct Support {
  bool supported = true;
  std::string reason;  ///< why not, for a person: "no NVIDIA device on the PCI bus"
};

/// A component: one constant per folder, known before anything runs.
struct ComponentType {
  std::string_view name;  ///< wire name, unique, never changed once released
  std::span<const std::string_view> tags = {};
  std::span<const SourceType* const> needs = {};
  /// Plain text (no regular expression) of which every line that the matcher wants holds one.
  std::span<const std::string_view> needles = {};
  std::span<const MetricType> metrics = {};
  std::chrono::seconds period{60};
  bool clearable = false;  ///< "set healthy" makes sense: the check looks at OwnEvents()
  Support (*supported)(const Inputs&) = [](const Inputs&) { return Support{}; };
  Report (*check)(const Inputs&) = nullptr;  ///< pure: same inputs, same report
  std::unique_ptr<LineMatcher> (*create_matcher)() = nullptr;
};

}  // namespace gpud
