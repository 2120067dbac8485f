// SPDX-License-Identifier: Apache-2.0
// The kernel log of a node, as /dev/kmsg would give it (specs/diagnosis.md, 5.4).
#pragma once

#include <string>
#include <vector>

#include "scenario/node.h"

namespace gpud::scenario {

struct LogRecord {
  double t = 0;        ///< seconds from the start of the scenario
  std::string text;    ///< the message alone
  std::string device;  ///< "+pci:0000:9b:00.0"; "" where the record names none
  std::string header;  ///< "PRIORITY,SEQUENCE,MICROSECONDS,FLAGS"

  /// The lines of the record: "HEADER;TEXT" and its properties.
  std::vector<std::string> Lines() const;
};

/// In the order of the log.
std::vector<LogRecord> KernelLogOf(const Node& node);

}  // namespace gpud::scenario
