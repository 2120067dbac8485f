// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "components/component.h"
#include "components/network_interface/link_lines.h"
#include "testing/component_kit.h"

namespace gpud::network_interface {
extern const ComponentType kType;
namespace {

TEST(LinkLines, NameTheInterfaceWhateverTheDriver) {
  const std::pair<const char*, const char*> rows[] = {
      {"ixgbe 0000:04:00.0 eno1: NIC Link is Down", "eno1"},
      {"igb 0000:04:00.0 eth0: igb: eth0 NIC Link is Down", "eth0"},
      {"e1000e: eth0 NIC Link is Down", "eth0"},
      {"bnxt_en 0000:19:00.0 eno1np0: NIC Link is Down", "eno1np0"},
      {"tg3 0000:02:00.0 eno1: Link is down", "eno1"},
      {"mlx5_core 0000:5e:00.0 ibp94s0: Link down", "ibp94s0"},
      {"mlx4_en: eth2: Link Down", "eth2"},
      {"r8169 0000:03:00.0 eth0: Link is Down", "eth0"},
      {"cxgb4 0000:03:00.0: link down", "0000:03:00.0"},
      {"ib0: link down, ", "ib0"},
      {"bond0: (slave eth1): link status definitely down, disabling slave", "eth1"},
      {"bonding: bond0: link status definitely down for interface eth1, disabling it", "eth1"}};
  for (const auto& [line, device] : rows) {
    EXPECT_EQ(Told(kType, line), "link_down " + std::string(device) + " critical INVESTIGATE_LINK")
        << line;
  }
  EXPECT_EQ(Told(kType, "bond0: now running without any active interface!"),
            "bond_down bond0 critical INVESTIGATE_LINK");
}

TEST(LinkLines, AreSilentOnOtherLinksAndOnOnesThatComeUpAtStart) {
  for (const char* line :
       {"ata1: SATA link down (SStatus 0 SControl 300)",
        "ata1: SATA link up 6.0 Gbps (SStatus 133 SControl 300)",
        "pcieport 0000:97:01.0: pciehp: Slot(17): Link Down",
        "ixgbe 0000:04:00.0 eno1: NIC Link is Up 10 Gbps, Flow Control: None",
        "mlx5_core 0000:5e:00.0 ibp94s0: Link up",
        "IPv6: ADDRCONF(NETDEV_CHANGE): eno1: link "
        "becomes ready",
        "veth1a2b3c: Link is Down",
        "bond0: (slave eth1): link status definitely up, 25000 Mbps full duplex",
        "bond0: (slave eth1): link status down for active interface, disabling it in 200 ms",
        "docker0: port 1(veth1a2b3c) entered disabled state", "eth0: renamed from veth7a1c2d",
        "lpfc 0000:5f:00.0: 0:1305 Link Down Event x1 received"}) {
    EXPECT_EQ(Told(kType, line), "") << line;
  }
}

TEST(LinkLines, UpIsNewsOnlyAfterDown) {
  const auto found = Find(kType, {"ice 0000:4b:00.0 ens1f0: NIC Link is Up 100 Gbps Full Duplex",
                                  "ice 0000:4b:00.0 ens1f0: NIC Link is Down",
                                  "ice 0000:4b:00.0 ens1f1: NIC Link is Up 100 Gbps Full Duplex",
                                  "ice 0000:4b:00.0 ens1f0: NIC Link is Up 100 Gbps Full Duplex",
                                  "ice 0000:4b:00.0 ens1f0: NIC Link is Up 100 Gbps Full Duplex"});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].code, "link_down");
  EXPECT_EQ(found[1].code, "link_up");
  EXPECT_EQ(found[1].device, "ens1f0");
  EXPECT_TRUE(found[1].clears);
}

TEST(LinkLines, ACardThatStartsIsDownUntilItHasFoundItsPeer) {
  const std::string card = "mlx5_core 0000:5e:00.0 ens1f0np0: ";
  EXPECT_TRUE(
      Find(kType, {card + "renamed from eth0", card + "Link down", card + "Link up"}).empty());
  EXPECT_TRUE(
      Find(kType, {card + "renamed from eth0", card + "Link up", card + "Link down"}).empty());
  EXPECT_TRUE(Find(kType, {"Linux version 6.8.0-60-generic (x) #1", card + "Link down"}).empty());
}

TEST(LinkLines, ALinkIsSetUpAgainForAWhileAfterItWasFirstUp) {
  const std::string card = "mlx5_core 0000:5e:00.0 ens1f0np0: ";
  std::vector<std::string> lines = {card + "renamed from eth0"};
  const auto wait = [&] { lines.resize(lines.size() + 200, "tg3 0000:04:00.0 eno1: Link is up"); };
  wait();
  lines.push_back(card + "Link up");
  lines.push_back(card + "Link down");
  lines.push_back(card + "Link up");
  EXPECT_TRUE(Find(kType, lines).empty());
  wait();
  lines.push_back(card + "Link down");
  EXPECT_EQ(Find(kType, lines).size(), 1u);
}

TEST(LinkLines, ABondIsUpAgainInOldAndNewWords) {
  for (const char* up : {"bond0: first active interface up!", "bond0: active interface up!"}) {
    const auto found = Find(kType, {"bond0: now running without any active interface!", up});
    ASSERT_EQ(found.size(), 2u) << up;
    EXPECT_EQ(found[1].code, "bond_up");
  }
}

TEST(NicLines, TellOfCardsThatHangResetOrVanish) {
  const std::pair<const char*, const char*> rows[] = {
      {"NETDEV WATCHDOG: eth0 (mlx5_core): transmit queue 3 timed out",
       "tx_timeout eth0 critical HARDWARE_INSPECTION"},
      {"NETDEV WATCHDOG: eth0 (mlx5_core): transmit queue timed out",
       "tx_timeout eth0 critical HARDWARE_INSPECTION"},
      {"NETDEV WATCHDOG: eno1 (ixgbe): transmit queue 0 timed out 5000 ms",
       "tx_timeout eno1 critical HARDWARE_INSPECTION"},
      {"bnxt_en 0000:04:00.0 eth0: NETDEV WATCHDOG: CPU: 2: transmit queue 1 timed out 5123 ms",
       "tx_timeout eth0 critical HARDWARE_INSPECTION"},
      {"bnxt_en 0000:04:00.0 eth0: TX timeout detected, starting reset task!",
       "tx_timeout eth0 critical HARDWARE_INSPECTION"},
      {"mlx5_core 0000:5e:00.0 eth2: TX timeout on queue: 3, SQ: 0x4b6, CQ: 0x4b7",
       "tx_timeout eth2 critical HARDWARE_INSPECTION"},
      {"ice 0000:4b:00.0 ens1f0: tx_timeout: VSI_num: 6, Q 3, NTC: 0x1, HW_HEAD: 0x1",
       "tx_timeout ens1f0 critical HARDWARE_INSPECTION"},
      {"tg3 0000:04:00.0 eno1: transmit timed out, resetting",
       "tx_timeout eno1 critical HARDWARE_INSPECTION"},
      {"ice 0000:4b:00.0 ens1f0: tx_timeout recovery level 1, txqueue 3",
       "adapter_reset ens1f0 warning UPDATE_DRIVER"},
      {"ixgbe 0000:04:00.0 eno1: tx hang 1 detected on queue 3, resetting adapter",
       "tx_timeout eno1 critical HARDWARE_INSPECTION"},
      {"ixgbe 0000:04:00.0 eno1: Detected Tx Unit Hang",
       "tx_timeout eno1 critical HARDWARE_INSPECTION"},
      {"e1000e 0000:00:1f.6 eno1: Detected Hardware Unit Hang:",
       "tx_timeout eno1 critical HARDWARE_INSPECTION"},
      {"e1000e 0000:00:1f.6 eno1: Reset adapter unexpectedly",
       "adapter_reset eno1 warning UPDATE_DRIVER"},
      {"ena 0000:00:05.0 eth0: Found a Tx that wasn't completed on time, qid 1, index 100.",
       "tx_timeout eth0 critical HARDWARE_INSPECTION"},
      {"ena 0000:00:05.0 eth0: Trigger reset is on", "adapter_reset eth0 warning UPDATE_DRIVER"},
      {"virtio_net virtio0 eth0: TX timeout on queue: 0, sq: output.0, vq: 0x1, name: output.0",
       "tx_timeout eth0 critical HARDWARE_INSPECTION"},
      {"bnxt_en 0000:04:00.0 eth0: Firmware not responding, status: 0x4000",
       "firmware_timeout eth0 critical REBOOT_SYSTEM"},
      {"ena 0000:00:05.0 eth0: Keep alive watchdog timeout.",
       "health_compromised eth0 critical REBOOT_SYSTEM"},
      {"bnxt_en 0000:04:00.0 eth0: Error (timeout: 500015) msg {0x23 0x9f} len:0",
       "firmware_timeout eth0 critical REBOOT_SYSTEM"},
      {"bnxt_en 0000:04:00.0 eth0: Detected firmware fatal condition, resetting",
       "firmware_fatal_error eth0 critical REBOOT_SYSTEM"},
      {"ice 0000:4b:00.0: Firmware recovery mode detected. Limiting functionality.",
       "firmware_recovery_mode 0000:4b:00.0 critical UPDATE_DRIVER"},
      {"igb 0000:04:00.0 eth0: PCIe link lost, device now detached",
       "device_lost eth0 fatal REBOOT_SYSTEM"},
      {"ixgbe 0000:04:00.0: Adapter removed", "device_lost 0000:04:00.0 fatal REBOOT_SYSTEM"},
      {"ixgbe 0000:04:00.0 eno1: Network adapter has been stopped because it has over heated.",
       "high_temperature eno1 fatal CHECK_COOLING"},
      {"ixgbe 0000:04:00.0 eno1: Fan has stopped, replace the adapter",
       "fan_failure eno1 critical HARDWARE_INSPECTION"},
      {"bnxt_en 0000:3b:00.0 eth0: Unqualified SFP+ module detected on port 0",
       "unsupported_module eth0 warning INVESTIGATE_LINK"},
      {"i40e 0000:3d:00.0: Rx/Tx is disabled on this device because an unsupported SFP module type "
       "was detected.",
       "unsupported_module 0000:3d:00.0 warning INVESTIGATE_LINK"},
      {"nvme nvme4: RECV for CQE 0x1 failed with status transport retry counter exceeded (12)",
       "rdma_retry_exceeded nvme4 warning INVESTIGATE_LINK"}};
  for (const auto& [line, told] : rows) EXPECT_EQ(Told(kType, line), told) << line;
}

TEST(NetworkInterface, IsDegradedWhileALinkIsDown) {
  const auto events = Match(kType, {"ixgbe 0000:04:00.0 eno1: NIC Link is Down",
                                    "ixgbe 0000:04:00.0 eno1: NIC Link is Up 10 Gbps"});
  ASSERT_EQ(events.size(), 2u);
  Inputs in;
  in.SetNow(BootTime(std::chrono::hours(9)), events[1].time);
  in.SetHistory({events[0]}, {}, {});
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kDegraded);
  EXPECT_EQ(kType.check(in).states.at(0).reason, "a network link is down on eno1");
  in.SetHistory({events[1], events[0]}, {}, {});
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kHealthy);
}

}  // namespace
}  // namespace gpud::network_interface
