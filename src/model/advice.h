// SPDX-License-Identifier: Apache-2.0
// Advice: what to do about a fault, finer than the four words of the v1 wire format.
#pragma once

#include <string_view>

#include "model/fields.h"
#include "model/health.h"

namespace gpud {

enum class Advice : unsigned char {
  kNone,  ///< nothing further is known
  kIgnore,
  kRestartApplication,
  kCheckUserApp,
  kResetGpu,
  kResetFabric,
  kRestartFabricManager,
  kCheckFabricConfiguration,
  kRebootSystem,
  kRestartVm,
  kHardwareInspection,
  kCheckCooling,
  kUpdateDriver,
  kRunFieldDiagnostics,
  kInvestigateLink,
  kInvestigateSoftware,
  kInvestigatePeer,
  kInvestigateHost,
  kCheckStorageNetwork,
  kFollowRelatedEvent,
  kDecodeNvlink5,
  kContactSupport,
};
template <>
struct EnumWords<Advice> {
  static constexpr std::string_view kWords[] = {"",
                                                "IGNORE_NO_ACTION_REQUIRED",
                                                "RESTART_APPLICATION",
                                                "CHECK_USER_APP_AND_GPU",
                                                "RESET_GPU",
                                                "RESET_FABRIC",
                                                "RESTART_FABRIC_MANAGER",
                                                "CHECK_FABRIC_CONFIGURATION",
                                                "REBOOT_SYSTEM",
                                                "RESTART_VM",
                                                "HARDWARE_INSPECTION",
                                                "CHECK_COOLING",
                                                "UPDATE_DRIVER",
                                                "RUN_FIELD_DIAGNOSTICS",
                                                "INVESTIGATE_LINK",
                                                "INVESTIGATE_SOFTWARE",
                                                "INVESTIGATE_PEER",
                                                "INVESTIGATE_HOST",
                                                "CHECK_STORAGE_NETWORK",
                                                "FOLLOW_RELATED_EVENT",
                                                "DECODE_NVLINK5",
                                                "CONTACT_SUPPORT"};
};

/// The nearest of the wire's four words, on which schedulers act: a reset is asked for as a reboot,
/// whatever needs a hand or a vendor as an inspection, whatever is in software as a check of the
/// program.
RepairAction ToRepairAction(Advice advice);

/// True for advice to the one whose program it is; such a fault never leads to a reboot, however
/// often it comes.
bool IsForTenant(Advice advice);

/// True when a reboot of the node does all that the advice asks for, so that the fault may be taken
/// as dealt with until it comes again.
bool IsDoneByReboot(Advice advice);

/// What to do, in plain words, for the one who runs a job on the machine and for the one who looks
/// after the machine. Empty when it is nothing for them.
std::string_view TenantText(Advice advice);
std::string_view OperatorText(Advice advice);

}  // namespace gpud
