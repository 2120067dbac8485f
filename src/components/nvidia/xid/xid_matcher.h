// SPDX-License-Identifier: Apache-2.0
// Xid lines as findings of family "xid".
#pragma once

#include <map>
#include <set>
#include <string>

#include "components/line.h"
#include "components/nvidia/xid/xid_line.h"

namespace gpud::nvidia_xid {

inline constexpr std::string_view kNeedles[] = {
    "Xid (",     "fallen off the bus", "The NVIDIA GPU ",    "probe with driver nvidia failed",
    "probe of ", "NVRM: GPU at ",      "eartbeat timed out", "GSP task watchdog timeout"};

/// Event `error_xid`; its code is the Xid, for 144 to 150 with the unit behind it ("149.NETIR").
class XidMatcher final : public LineMatcher {
 public:
  void OnLine(const KernelLine& line, LineSink& sink) override;

 private:
  bool TellLostGpu(std::string_view text, LineSink& sink);
  bool TellGsp(std::string_view text, LineSink& sink);
  void Tell(const XidLine& line, LineSink& sink);

  std::string lost_gpu_;        ///< of a message of which the rest comes in later records
  std::set<std::string> lost_;  ///< GPUs that are off the bus, for what follows
  std::map<std::string, std::string> uuids_;  ///< by PCI address, as the driver has told
};

}  // namespace gpud::nvidia_xid
