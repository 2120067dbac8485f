// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "components/component.h"
#include "testing/component_kit.h"

namespace gpud::pci {
extern const ComponentType kType;
namespace {

TEST(PciLines, TellOfSlotsLinksPowerAndTheIommu) {
  constexpr const char* kSlow = "link_degraded 0000:3b:00.0 warning HARDWARE_INSPECTION";
  constexpr const char* kGone = "pcie_device_inaccessible 0000:01:00.0 critical REBOOT_SYSTEM";
  constexpr const char* kIommu = "iommu_fault 0000:02:00.0 warning INVESTIGATE_SOFTWARE";
  const std::pair<const char*, const char*> rows[] = {
      {"pcieport 0000:97:01.0: pciehp: Slot(17): Link Down",
       "pcie_link_down 0000:97:01.0 critical HARDWARE_INSPECTION"},
      {"pciehp 0000:00:1c.4:pcie004: Slot(0-1): Link Down",
       "pcie_link_down 0000:00:1c.4 critical HARDWARE_INSPECTION"},
      {"pcieport 0000:97:01.0: pciehp: Slot(17): Card not present",
       "pcie_card_not_present 0000:97:01.0 critical HARDWARE_INSPECTION"},
      {"pcieport 0000:97:01.0: pciehp: Slot(17): Power fault",
       "pcie_power_fault 0000:97:01.0 critical HARDWARE_INSPECTION"},
      {"pciehp 0000:00:1c.4:pcie004: Power fault on slot 4",
       "pcie_power_fault 0000:00:1c.4 critical HARDWARE_INSPECTION"},
      {"pcieport 0000:97:01.0: pciehp: Slot(17): Cannot train link: status 0x5001",
       "pcie_link_training_failed 0000:97:01.0 critical HARDWARE_INSPECTION"},
      {"pci 0000:3b:00.0: 126.016 Gb/s available PCIe bandwidth, limited by 8.0 GT/s PCIe x16 link "
       "at 0000:39:01.0 (capable of 504.112 Gb/s with 32.0 GT/s PCIe x16 link)",
       kSlow},
      {"mlx5_core 0000:3b:00.0: 15.752 Gb/s available PCIe bandwidth, limited by 8 GT/s x2 link at "
       "0000:39:01.0 (capable of 31.504 Gb/s with 8 GT/s x4 link)",
       kSlow},
      {"nvme 0000:01:00.0: Unable to change power state from D3cold to D0, device inaccessible",
       kGone},
      {"nvidia 0000:01:00.0: can't change power state from D3cold to D0 (config space "
       "inaccessible)",
       kGone},
      {"nouveau 0000:01:00.0: Refused to change power state, currently in D3", kGone},
      {"nvidia 0000:01:00.0: not ready 65535ms after FLR; giving up",
       "pcie_device_not_ready 0000:01:00.0 critical REBOOT_SYSTEM"},
      {"DMAR: [DMA Read] Request device [02:00.0] fault addr ffff0000 [fault reason 06] PTE Read "
       "access is not set",
       kIommu},
      {"DMAR: [DMA Write NO_PASID] Request device [0x02:0x00.0] fault addr 0x0 [fault reason 0x05]",
       kIommu},
      {"dmar: DMAR:[DMA Read] Request device [02:00.0] fault addr 0", kIommu},
      {"DMAR: [DMA Write NO_PASID] Request device [0000:02:00.0] fault addr 0x0 [fault reason "
       "0x05]",
       kIommu},
      {"AMD-Vi: Event logged [IO_PAGE_FAULT device=02:00.0 domain=0x000e address=0x0 flags=0x0000]",
       kIommu},
      {"nvidia 0000:02:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x000f address=0x0 "
       "flags=0x0020]",
       kIommu},
      {"AMD-Vi: Event logged [IOTLB_INV_TIMEOUT device=02:00.0 address=0x100000000]",
       "iommu_hardware_error 0000:02:00.0 critical HARDWARE_INSPECTION"},
      {"AMD-Vi: Completion-Wait loop timed out", "iommu_timeout - critical REBOOT_SYSTEM"},
      {"DMAR: VT-d detected Invalidation Time-out Error: SID 0",
       "iommu_timeout - critical REBOOT_SYSTEM"},
      {"arm-smmu-v3 arm-smmu-v3.0.auto: CMD_SYNC timeout at 0x0000b1b7 [hwprod 0x0000b1c0, hwcons "
       "0x0000b1b7]",
       "iommu_timeout - critical REBOOT_SYSTEM"},
      {"arm-smmu-v3 arm-smmu-v3.0.auto: event: F_TRANSLATION client: 0002:02:00.0 sid: 0x100",
       "iommu_fault 0002:02:00.0 warning INVESTIGATE_SOFTWARE"},
      {"arm-smmu 12c0000.iommu: Unhandled context fault: fsr=0x402, iova=0x0",
       "iommu_fault - warning INVESTIGATE_SOFTWARE"}};
  for (const auto& [line, told] : rows) EXPECT_EQ(Told(kType, line), told) << line;
}

TEST(PciLines, AreSilentOnStartUpAndOnLinksAsFastAsTheirDevice) {
  for (const char* line :
       {"pcieport 0000:26:01.0: pciehp: Slot #3 AttnBtn- PwrCtrl- MRL- AttnInd- PwrInd- HotPlug+",
        "pcieport 0000:26:01.0: pciehp: Slot(3): Link Up",
        "pcieport 0000:26:01.0: pciehp: Slot(3): Card present",
        "pcieport 0000:26:01.0: pciehp: Slot(3): Link Down/Up ignored (recovered by DPC)",
        "pciehp 0000:00:1c.4:pcie004: Slot(4): Link Down event ignored; already powering off",
        "mlx5_core 0000:5e:00.0: 504.112 Gb/s available PCIe bandwidth (32.0 GT/s PCIe x16 link)",
        "ice 0000:5e:01.0: 0.000 Gb/s available PCIe bandwidth, limited by Unknown x0 link at "
        "0000:5d:00.0 (capable of 0.000 Gb/s with Unknown x0 link)",
        "pci 0000:3b:00.0: 126.016 Gb/s available PCIe bandwidth, limited by 8.0 GT/s PCIe x16 "
        "link at 0000:39:01.0 (capable of 126.016 Gb/s with 8.0 GT/s PCIe x16 link)",
        "pci 0000:03:00.0: BAR 6 [mem size 0x00040000 pref]: failed to assign",
        "pci 0000:03:00.0: BAR 14: no space for [mem size 0x00200000]",
        "nvme 0000:01:00.0: not ready 1023ms after FLR; waiting",
        "DMAR: DRHD: handling fault status reg 2", "DMAR: IOMMU enabled",
        "pci 0000:00:00.2: AMD-Vi: Found IOMMU cap 0x40", "AMD-Vi: Interrupt remapping enabled"}) {
    EXPECT_EQ(Told(kType, line), "") << line;
  }
}

TEST(PciLines, ALinkThatComesUpAgainEndsWhatWasOpenOfItsSlot) {
  const auto events = Match(kType, {"pcieport 0000:97:01.0: pciehp: Slot(17): Link Down",
                                    "pcieport 0000:97:01.0: pciehp: Slot(17): Card not present",
                                    "pcieport 0000:97:01.0: pciehp: Slot(17): Link Up",
                                    "pcieport 0000:97:01.0: pciehp: Slot(17): Link Up"});
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[2].name, "pcie_link_up");
  const auto health = [&](std::size_t count) {
    std::vector<Event> newest_first(events.rend() - static_cast<std::ptrdiff_t>(count),
                                    events.rend());
    Inputs in;
    in.SetNow(BootTime(std::chrono::hours(9)), newest_first[0].time);
    in.SetHistory(std::move(newest_first), {}, {});
    return kType.check(in).states.at(0);
  };
  EXPECT_EQ(health(2).health, Health::kDegraded);
  EXPECT_EQ(health(2).reason,
            "a card vanished from its slot on 0000:97:01.0, the PCIe link of a slot went down on "
            "0000:97:01.0");
  EXPECT_EQ(health(3).health, Health::kHealthy);
}

}  // namespace
}  // namespace gpud::pci
