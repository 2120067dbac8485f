// SPDX-License-Identifier: Apache-2.0
#include "components/nvidia/xid/catalog.h"

#include <algorithm>

namespace gpud::nvidia_xid {
namespace {

constexpr auto kFatal = EventType::kFatal;
constexpr auto kCritical = EventType::kCritical;
// A reset of the GPU or of the virtual machine is within a reboot, which is the wire's word for it.
constexpr auto kReboot = RepairAction::kReboot;
constexpr auto kInspect = RepairAction::kInspectHardware;
// A contained error (94) ends one application; coming again does not make it a hardware fault.
constexpr int kNeverInspect = 1000;

constexpr XidRow kRows[] = {
    {46, kFatal, kReboot},      {48, kFatal, kReboot},
    {54, kCritical, kInspect},  {62, kFatal, kReboot},
    {64, kFatal, kReboot},      {74, kFatal, kReboot},
    {79, kFatal, kReboot},      {94, kCritical, kReboot, kNeverInspect},
    {95, kFatal, kReboot},      {109, kFatal, kReboot},
    {110, kFatal, kReboot},     {119, kFatal, kReboot},
    {120, kFatal, kReboot},     {136, kFatal, kReboot},
    {140, kFatal, kReboot},     {143, kFatal, kReboot},
    {150, kFatal, kReboot},     {151, kFatal, kReboot},
    {155, kFatal, kReboot},     {156, kCritical, kReboot},
    {157, kCritical, kInspect}, {158, kFatal, kReboot},
    {165, kCritical, kInspect}, {166, kCritical, kInspect},
    {167, kFatal, kReboot},     {168, kCritical, kInspect},
    {169, kFatal, kReboot},     {173, kFatal, kReboot},
    {175, kFatal, kReboot},
};

}  // namespace

const XidRow* FindXid(std::uint32_t code) {
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows),
                                 [&](const XidRow& r) { return r.code == code; });
  return row == std::end(kRows) ? nullptr : row;
}

}  // namespace gpud::nvidia_xid
