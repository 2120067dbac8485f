// SPDX-License-Identifier: Apache-2.0
// LineRouter: gives a line to the matchers of the components that have a needle in it, and makes
// complete events of what they say.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "components/component.h"
#include "lanes/needles.h"

namespace gpud::lanes {

/// What makes the line the same one when it is read again.
struct LineIdentity {
  std::string prefix;                     ///< the event's identity is this, ':', hash of the text
  std::optional<std::uint64_t> sequence;  ///< none: from a syslog, so that times are approximate
};

class LineRouter {
 public:
  explicit LineRouter(std::span<const ComponentType* const> components);

  /// Appends the events that the line gives.
  void Route(const KernelLine& line, const LineIdentity& identity, std::vector<Event>& events);

 private:
  struct Listener {
    const ComponentType* type = nullptr;
    std::unique_ptr<LineMatcher> matcher;
  };
  std::vector<Listener> listeners_;
  std::optional<NeedleSet> needles_;  // owners are indices of listeners_
  std::vector<std::size_t> wanted_by_;
};

}  // namespace gpud::lanes
