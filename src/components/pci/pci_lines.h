// SPDX-License-Identifier: Apache-2.0
// Kernel lines about slots, links, power states and the IOMMU of the PCI bus.
#pragma once

#include "components/line_table.h"

namespace gpud::pci {

// The codes that the matcher or the check look at.
inline constexpr std::string_view kLinkDown = "pcie_link_down";
inline constexpr std::string_view kLinkUp = "pcie_link_up";
inline constexpr std::string_view kCardGone = "pcie_card_not_present";
inline constexpr std::string_view kPowerFault = "pcie_power_fault";
inline constexpr std::string_view kNoTraining = "pcie_link_training_failed";
inline constexpr std::string_view kLinkDegraded = "link_degraded";
inline constexpr std::string_view kInaccessible = "pcie_device_inaccessible";
inline constexpr std::string_view kNotReady = "pcie_device_not_ready";
inline constexpr std::string_view kIommuFault = "iommu_fault";
inline constexpr std::string_view kIommuHardware = "iommu_hardware_error";
inline constexpr std::string_view kIommuTimeout = "iommu_timeout";

/// Drops the finding when the link is no slower than the device.
void JudgeBandwidth(const LineFields& fields, std::string_view line, LineFinding& finding);
/// "Request device [02:00.0]", and with 0x before each number.
void TakeRequester(const LineFields& fields, std::string_view line, LineFinding& finding);
/// AMD's IOMMU: the device is in the event, or before it.
void JudgeAmdEvent(const LineFields& fields, std::string_view line, LineFinding& finding);

inline constexpr LineRule kRules[] = {
    // drivers/pci/hotplug/pciehp_ctrl.c and pciehp_hpc.c
    {.needle = "pciehp", .form = "Link Down/Up ignored", .code = ""},
    {.needle = "pciehp", .form = "Link Down event ignored", .code = ""},
    {.needle = "pciehp", .form = "Link Down event queued", .code = ""},
    {.needle = "pciehp", .form = "Link Up event ignored", .code = ""},
    {.needle = "pciehp", .form = "Link Up event queued", .code = ""},
    {.needle = "pciehp",
     .form = "lot(<slot:*>): Link Down",
     .code = kLinkDown,
     .severity = EventType::kCritical,
     .action = Advice::kHardwareInspection},
    {.needle = "pciehp",
     .form = "lot(<slot:*>): Card not present",
     .code = kCardGone,
     .severity = EventType::kCritical,
     .action = Advice::kHardwareInspection},
    {.needle = "pciehp",
     .form = "lot(<slot:*>): Power fault",
     .code = kPowerFault,
     .severity = EventType::kCritical,
     .action = Advice::kHardwareInspection},
    {.needle = "pciehp",
     .form = "Power fault on slot <slot:w>",
     .code = kPowerFault,
     .severity = EventType::kCritical,
     .action = Advice::kHardwareInspection},
    {.needle = "pciehp",
     .form = "Power fault detected",
     .code = kPowerFault,
     .severity = EventType::kCritical,
     .action = Advice::kHardwareInspection},
    {.needle = "pciehp",
     .form = "lot(<slot:*>): Cannot train link",
     .code = kNoTraining,
     .severity = EventType::kCritical,
     .action = Advice::kHardwareInspection},
    {.needle = "pciehp",
     .form = "Link Training Error occurs",
     .code = kNoTraining,
     .severity = EventType::kCritical,
     .action = Advice::kHardwareInspection},
    {.needle = "pciehp",
     .form = "lot(<slot:*>): Link Up",
     .code = kLinkUp,
     .severity = EventType::kInfo,
     .clears = true},
    // drivers/pci/pci.c
    {.needle = "available PCIe bandwidth, limited by",
     .form = "<available:w> Gb/s available PCIe bandwidth, limited by <limit:*> link at "
             "<limited_at:pci> (capable of <capable:w> Gb/s",
     .code = kLinkDegraded,
     .action = Advice::kHardwareInspection,
     .refine = JudgeBandwidth},
    {.needle = "change power state",
     .form = "nable to change power state from <from:w> to <to:w> device inaccessible",
     .code = kInaccessible,
     .severity = EventType::kCritical,
     .action = Advice::kRebootSystem,
     .follow_up = Advice::kHardwareInspection},
    {.needle = "change power state",
     .form = "change power state from <from:w> to <to:w> (config space inaccessible)",
     .code = kInaccessible,
     .severity = EventType::kCritical,
     .action = Advice::kRebootSystem,
     .follow_up = Advice::kHardwareInspection},
    {.needle = "change power state",
     .form = "efused to change power state, currently in D3",
     .code = kInaccessible,
     .severity = EventType::kCritical,
     .action = Advice::kRebootSystem,
     .follow_up = Advice::kHardwareInspection},
    {.needle = "; giving up",
     .form = "not ready <waited_ms:n>ms after <reset:*>; giving up",
     .code = kNotReady,
     .severity = EventType::kCritical,
     .action = Advice::kRebootSystem,
     .follow_up = Advice::kHardwareInspection},
    // drivers/iommu/intel/dmar.c
    {.needle = "] Request device [",
     .form = "] Request device [<bus:x>:<slot:x>.<function:n>] <fault:*>",
     .code = kIommuFault,
     .action = Advice::kInvestigateSoftware,
     .follow_up = Advice::kUpdateDriver,
     .refine = TakeRequester},
    {.needle = "] Request device [",
     .form = "] Request device [<device:pci>] <fault:*>",
     .code = kIommuFault,
     .action = Advice::kInvestigateSoftware,
     .follow_up = Advice::kUpdateDriver},
    {.needle = "VT-d detected Invalidation",
     .form = "VT-d detected Invalidation <error:*>",
     .code = kIommuTimeout,
     .severity = EventType::kCritical,
     .action = Advice::kRebootSystem,
     .follow_up = Advice::kHardwareInspection},
    // drivers/iommu/amd/iommu.c
    {.needle = "AMD-Vi: ",
     .form = "AMD-Vi: Event logged [<kind:dev>",
     .code = kIommuFault,
     .action = Advice::kInvestigateSoftware,
     .follow_up = Advice::kUpdateDriver,
     .refine = JudgeAmdEvent},
    {.needle = "AMD-Vi: ",
     .form = "Completion-Wait loop timed out",
     .code = kIommuTimeout,
     .severity = EventType::kCritical,
     .action = Advice::kRebootSystem,
     .follow_up = Advice::kHardwareInspection},
    // drivers/iommu/arm/arm-smmu
    {.needle = "Unhandled context fault: fsr=",
     .form = "Unhandled context fault: fsr=<status:x>",
     .code = kIommuFault,
     .action = Advice::kInvestigateSoftware,
     .follow_up = Advice::kUpdateDriver},
    {.needle = "arm-smmu-v3",
     .form = "CMD_SYNC timeout at ",
     .code = kIommuTimeout,
     .severity = EventType::kCritical,
     .action = Advice::kRebootSystem,
     .follow_up = Advice::kHardwareInspection},
    {.needle = "arm-smmu-v3",
     .form = "event: <kind:dev> client: <device:w>",
     .code = kIommuFault,
     .action = Advice::kInvestigateSoftware,
     .follow_up = Advice::kUpdateDriver},
    {.needle = "arm-smmu-v3",
     .form = "event <kind:x> received:",
     .code = kIommuFault,
     .action = Advice::kInvestigateSoftware,
     .follow_up = Advice::kUpdateDriver},
};
inline constexpr auto kNeedles = NeedlesOf(kRules);

}  // namespace gpud::pci
