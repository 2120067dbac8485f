// SPDX-License-Identifier: Apache-2.0
// What a fault injection writes into the kernel's log: the words for a severity, a line for an Xid.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gpud::server {

struct KernelText {
  unsigned severity = 4;  ///< 0 emergency .. 7 debug, as in syslog(2)
  std::string text;
};

/// "KERN_ERR", "kern.err", in any case; whatever else is KERN_INFO, as in the original.
unsigned SeverityOf(std::string_view priority);

/// A line that the Xid detector recognises.
KernelText XidText(std::int64_t xid);

}  // namespace gpud::server
