// SPDX-License-Identifier: Apache-2.0
// Component: one concern that we look after. A constant per folder; pure functions of their inputs.
// How to add one: CONTRIBUTING.md.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "components/line.h"
#include "model/inputs.h"
#include "model/metric.h"
#include "model/report.h"
#include "sources/source.h"

namespace gpud {

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
