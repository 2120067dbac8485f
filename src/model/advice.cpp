// SPDX-License-Identifier: Apache-2.0
#include "model/advice.h"

#include <cstddef>
#include <iterator>

namespace gpud {
namespace {

enum class Reboot : unsigned char { kInVain, kCures };

struct Row {
  RepairAction repair;
  Reboot reboot;
  std::string_view tenant;
  std::string_view operator_text;
};

// In the order of the enumeration.
constexpr Row kRows[] = {
    {RepairAction::kIgnore, Reboot::kCures, "", ""},
    {RepairAction::kIgnore, Reboot::kCures, "nothing to do", "nothing to do; it is counted"},
    {RepairAction::kCheckUserApp, Reboot::kCures, "restart the application that was hit",
     "tell the owner of the application to restart it"},
    {RepairAction::kCheckUserApp, Reboot::kCures,
     "debug the application; if others fail on the same GPU, tell the operator",
     "look whether unrelated jobs fail on the same GPU; if so, run diagnostics"},
    {RepairAction::kReboot, Reboot::kCures, "save your work and move to another GPU",
     "drain the GPU and reset it (nvidia-smi --gpu-reset, or the vendor's tool); reboot the node "
     "where that is not possible"},
    {RepairAction::kReboot, Reboot::kCures, "save your work and move to another node",
     "drain the node; reset all its GPUs and switches together, or reboot it"},
    {RepairAction::kReboot, Reboot::kCures, "wait for the operator",
     "restart the Fabric Manager (systemctl restart nvidia-fabricmanager)"},
    {RepairAction::kInspectHardware, Reboot::kInVain, "wait for the operator",
     "check the fabric's partitions and routing"},
    {RepairAction::kReboot, Reboot::kCures, "save your work and move to another node",
     "drain the node and reboot it; power cycle it where a reboot does not help"},
    {RepairAction::kReboot, Reboot::kCures, "save your work; the virtual machine must restart",
     "restart the virtual machine that owns the GPU"},
    {RepairAction::kInspectHardware, Reboot::kInVain, "save your work and move to another node",
     "drain the node and inspect the part: seating, cable, power; replace it when it returns"},
    {RepairAction::kInspectHardware, Reboot::kInVain, "expect lower speed",
     "check air flow, fans and coolant, and the temperature at the inlet"},
    {RepairAction::kCheckUserApp, Reboot::kInVain, "tell the operator",
     "update the driver or the firmware"},
    {RepairAction::kInspectHardware, Reboot::kInVain, "move to another GPU",
     "take the GPU out of service and run the vendor's diagnostics"},
    {RepairAction::kInspectHardware, Reboot::kInVain, "expect lower speed between GPUs",
     "check cable, connectors and the link's error counters"},
    {RepairAction::kCheckUserApp, Reboot::kInVain, "check what your software did at that time",
     "find out which software or command caused it"},
    {RepairAction::kInspectHardware, Reboot::kInVain, "wait for the operator",
     "look at the device on the other end of the link: it is the cause"},
    {RepairAction::kInspectHardware, Reboot::kInVain, "wait for the operator",
     "look at the host's own logs and at those of its management controller"},
    {RepairAction::kCheckUserApp, Reboot::kInVain, "expect file access to hang",
     "check the file server and the network path to it"},
    {RepairAction::kIgnore, Reboot::kCures, "see the fault beside it",
     "see the fault beside it: that one tells what to do"},
    {RepairAction::kIgnore, Reboot::kCures, "", "look the line up in the NVLink 5 table"},
    {RepairAction::kInspectHardware, Reboot::kInVain, "tell the operator",
     "collect the logs (nvidia-bug-report.sh, or the vendor's tool) and ask the vendor's support"},
};
static_assert(std::size(kRows) == std::size(EnumWords<Advice>::kWords));

const Row& RowOf(Advice advice) { return kRows[static_cast<std::size_t>(advice)]; }

}  // namespace

RepairAction ToRepairAction(Advice advice) { return RowOf(advice).repair; }
bool IsDoneByReboot(Advice advice) { return RowOf(advice).reboot == Reboot::kCures; }
std::string_view TenantText(Advice advice) { return RowOf(advice).tenant; }
std::string_view OperatorText(Advice advice) { return RowOf(advice).operator_text; }

bool IsForTenant(Advice advice) {
  return advice == Advice::kRestartApplication || advice == Advice::kCheckUserApp;
}

}  // namespace gpud
