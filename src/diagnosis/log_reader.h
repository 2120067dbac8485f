// SPDX-License-Identifier: Apache-2.0
// LogReader: lines of the kernel log, decoded by the components' own matchers, as records in a
// view.
#pragma once

#include <memory>

#include "decode/incidents.h"
#include "diagnosis/node_view.h"

namespace gpud::diagnosis {

class LogReader {
 public:
  explicit LogReader(std::span<const ComponentType* const> components);

  /// `t`: the line's own time, on the view's clock.
  void Take(const KernelLine& line, Seconds t, NodeView& view);

 private:
  void Add(const decode::Found& found, const decode::Incidents::Taken& taken, Seconds t,
           NodeView& view);

  decode::Decoder decoder_;
  decode::Incidents incidents_{decode::Incidents::Options{}};
  std::vector<decode::Found> found_;
  std::vector<decode::Incident> closed_;
  std::uint64_t sequence_ = 0;
};

}  // namespace gpud::diagnosis
