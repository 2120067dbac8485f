// SPDX-License-Identifier: Apache-2.0
// What kernel lines have told of faults, as it stands now: which are open, which a reboot, a
// recovery, a person or time has closed.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "components/findings.h"
#include "model/advice.h"
#include "model/inputs.h"

namespace gpud {

/// A fault of one device by one code.
struct Fault {
  std::string device;  ///< empty: the line named none
  std::string code;
  EventType severity = EventType::kWarning;
  Advice action = Advice::kIgnore;
  Advice follow_up = Advice::kNone;
  std::string message;  ///< of the newest line
  WallTime first{};
  WallTime last{};
  std::size_t count = 0;  ///< lines
  int vain_reboots = 0;   ///< after which it came back
  bool injected = true;   ///< every one of its lines since it was opened
  std::string root;       ///< "xid/48": what its newest line follows from
  std::string rule;       ///< why it stands as it does, where that is not plain
};

/// How faults of a component age and heal.
struct FaultRules {
  /// A critical fault that has not come again for so long is history.
  std::chrono::hours critical_ages{24};
  /// Warnings within the last hour that make the device degraded together; 0: never. Faults of
  /// programs never do.
  std::size_t warnings_per_hour = 0;
  /// The same for reports that are no fault each, infos and warnings together; 0: never.
  std::size_t reports_per_hour = 0;
  /// "Has recovered" closes all faults of the device, not only those that a reset cures.
  bool recovery_closes_all = false;
  /// The code of which the newest line counts and not the gravest.
  std::string_view newest_counts = {};
  /// So many vain reboots, and the advice is to inspect the hardware.
  int vain_reboots = 2;
  /// Other numbers for some codes; null: none.
  const std::map<std::string, int>* vain_reboots_of = nullptr;
};

/// The open faults, by device and code, out of the component's own events. A fault is opened by its
/// event and closed by
///  - an event of the same device that says it has recovered (LineFinding::clears); one without a
///    device closes all,
///  - a reboot, when that does what the fault's advice asks for,
///  - age, when it is critical, and a day for warnings,
///  - "set healthy" (the frame shows no older events).
/// A reboot that was followed by the same fault was in vain; after two of them the advice turns
/// into an inspection of the hardware, but never for faults of programs.
std::vector<Fault> OpenFaults(const Inputs& in, const FaultRules& rules = {});

/// Tells of the open faults as findings: fatal is Unhealthy, critical is Degraded, the rest is
/// history. Echoes of a fault that is told already are left out.
/// `name` says what a code is: "Xid 79", "an NVMe controller was reset".
void AddFaults(const std::vector<Fault>& faults, std::string (*name)(const Fault&),
               Findings& findings);

/// A state of the component's open faults alone: what most components of kernel lines report.
HealthState FaultState(const Inputs& in, std::string_view state_name, std::string_view good,
                       std::string (*name)(const Fault&), const FaultRules& rules = {});

}  // namespace gpud
