// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "components/component.h"
#include "testing/component_kit.h"

namespace gpud::infiniband {
extern const ComponentType kType;
namespace {

TEST(MlxLines, TellOfPowerHeatCablesAndFirmware) {
  constexpr const char* kTimeout = "command_timeout 0000:5c:00.0 critical REBOOT_SYSTEM";
  constexpr const char* kRefused = "access_reg_failed 0000:5c:00.0 warning UPDATE_DRIVER";
  const std::pair<const char*, const char*> rows[] = {
      {"mlx5_pcie_event:299:(pid 268269): Detected insufficient power on the PCIe slot (27W).",
       "pci_power_insufficient 0000:5c:00.0 warning HARDWARE_INSPECTION"},
      {"Port module event[error]: module 0, Cable error, High Temperature",
       "port_module_high_temperature 0000:5c:00.0 warning CHECK_COOLING"},
      {"Port module event[error]: module 1, Cable error, Bus stuck(I2C or data shorted)",
       "cable_error 0000:5c:00.0 critical INVESTIGATE_LINK"},
      {"Port module event: module 1, Cable unplugged",
       "cable_unplugged 0000:5c:00.0 warning INVESTIGATE_LINK"},
      {"temp_warn:197:(pid 0): High temperature on sensors with bit set 0 1",
       "high_temperature 0000:5c:00.0 critical CHECK_COOLING"},
      {"poll_health:825:(pid 0): device's health compromised - reached miss count",
       "health_compromised 0000:5c:00.0 critical REBOOT_SYSTEM"},
      {"device's health compromised", "health_compromised 0000:5c:00.0 critical REBOOT_SYSTEM"},
      {"print_health_info:425:(pid 912): Health issue observed, firmware internal error, "
       "severity(3) ERROR:",
       "firmware_error 0000:5c:00.0 critical REBOOT_SYSTEM"},
      {"print_health_info:425:(pid 912): Health issue observed, unrecoverable hardware error, "
       "severity(2) CRITICAL:",
       "firmware_error 0000:5c:00.0 fatal REBOOT_SYSTEM"},
      {"print_health_info:425:(pid 912): Health issue observed, High temperature, severity(3) "
       "ERROR:",
       "high_temperature 0000:5c:00.0 critical CHECK_COOLING"},
      {"print_health_info:382:(pid 0): assert_var[0] 0x08040700",
       "firmware_error 0000:5c:00.0 critical REBOOT_SYSTEM"},
      {"poll_health:702:(pid 0): Fatal error 1 detected",
       "firmware_fatal_error 0000:5c:00.0 fatal REBOOT_SYSTEM"},
      {"mlx5_health_try_recover:338:(pid 9): health recovery flow aborted since the nic state is "
       "invalid",
       "health_recovery_failed 0000:5c:00.0 fatal REBOOT_SYSTEM"},
      {"mlx5_health_try_recover:338:(pid 9): health recovery succeeded",
       "health_recovered 0000:5c:00.0 info IGNORE_NO_ACTION_REQUIRED"},
      {"print_health_info:400:(pid 0): PCI slot is unavailable",
       "device_lost 0000:5c:00.0 fatal REBOOT_SYSTEM"},
      {"mlx5_function_setup:1020:(pid 9): Firmware over 120000 MS in pre-initializing state, "
       "aborting",
       "firmware_not_ready 0000:5c:00.0 fatal REBOOT_SYSTEM"},
      {"mlx5_cmd_out_err:838:(pid 268269): ACCESS_REG(0x805) op_mod(0x1) failed, status bad "
       "operation(0x2), syndrome (0x305684), err(-22)",
       kRefused},
      {"mlx5_cmd_check:795:(pid 1): ACCESS_REG(0x805) op_mod(0x0) failed, status bad "
       "parameter(0x3), syndrom (0x15c356)",
       kRefused},
      {"mlx5_eq_int:540:(pid 0): CQ error on CQN 0x439, syndrom 0x1",
       "cq_error 0000:5c:00.0 warning UPDATE_DRIVER"},
      {"cq_err_event_notifier:523:(pid 0): CQ error on CQN 0x439, syndrome 0x1",
       "cq_error 0000:5c:00.0 warning UPDATE_DRIVER"},
      {"wait_func_handle_exec_timeout:1120:(pid 1): cmd[0]: ACCESS_REG(0x805) timeout. Will cause "
       "a leak of a command resource",
       kTimeout},
      {"cb_timeout_handler:877:(pid 1): cmd[3]: MANAGE_PAGES(0x108) Async, timeout. Will cause a "
       "leak of a command resource",
       kTimeout}};
  for (const auto& [text, told] : rows) {
    EXPECT_EQ(Told(kType, std::string("mlx5_core 0000:5c:00.0: ") + text), told) << text;
  }
  EXPECT_EQ(Told(kType, "mlx4_core 0000:5c:00.0: command 0x54 timed out (go bit not cleared)"),
            kTimeout);
  for (const char* line :
       {"mlx5_core: probe of 0000:5c:00.0 failed with error -22",
        "mlx5_core 0000:5c:00.0: probe with driver mlx5_core failed with error -22"}) {
    EXPECT_EQ(Told(kType, line), "init_failed 0000:5c:00.0 fatal REBOOT_SYSTEM") << line;
  }
  EXPECT_EQ(Told(kType, "mlx4_core 0000:5c:00.0: Internal error detected:"),
            "firmware_fatal_error 0000:5c:00.0 fatal REBOOT_SYSTEM");
  EXPECT_EQ(Told(kType, "mlx5_core 0000:5c:00.0: dump_cqe:272:(pid 0): dump error cqe"),
            "rdma_cqe_error 0000:5c:00.0 warning INVESTIGATE_LINK");
  EXPECT_EQ(Told(kType, "mlx5_core 0000:5c:00.0 mlx5_5: Port: 1 Link DOWN"),
            "link_down mlx5_5 critical INVESTIGATE_LINK");
  EXPECT_EQ(Told(kType, "infiniband rocep33s0f0: dump_cqe:272:(pid 0): dump error cqe"),
            "rdma_cqe_error rocep33s0f0 warning INVESTIGATE_LINK");
}

TEST(MlxLines, AreSilentOnStartUpAndOtherDrivers) {
  for (const char* line :
       {"mlx5_core 0000:5e:00.0: firmware version: 28.43.2026",
        "mlx5_core 0000:5e:00.0: Port module event: module 0, Cable plugged",
        "mlx5_core 0000:5e:00.0: mlx5_pcie_event:301:(pid 1244): PCIe slot advertised sufficient "
        "power (27W).",
        "mlx5_core 0000:05:00.0: Rate limit: 127 rates are supported, range: 0Mbps to 195312Mbps",
        "mlx5_core 0000:5e:00.0: wait_fw_init: Waiting for FW initialization, timeout abort in "
        "100s",
        "mlx5_core 0000:5e:00.0: print_health_info:382:(pid 0): assert_exit_ptr 0x20d04d50",
        "mlx5_core 0000:ab:00.0 mlx5_5: Port: 1 Link INIT",
        "mlx5_core 0000:ab:00.0 mlx5_5: Port: 1 Link ACTIVE", "irdma0: Port: 1 Link DOWN",
        "ufshcd 0000:00:12.5: Fatal error 1 detected"}) {
    EXPECT_EQ(Told(kType, line), "") << line;
  }
}

TEST(MlxLines, ACableIsUnpluggedOnlyWhenItIsNotTheDriverThatStarts) {
  const std::string card = "mlx5_core 0000:5e:00.0: ";
  EXPECT_TRUE(Find(kType, {card + "firmware version: 28.43.2026",
                           card + "Port module event: module 1, Cable unplugged",
                           card + "Port module event: module 1, Cable plugged"})
                  .empty());
  const auto found = Find(kType, {card + "Port module event: module 1, Cable unplugged",
                                  card + "Port module event: module 0, Cable plugged",
                                  card + "Port module event: module 1, Cable plugged"});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[1].code, "cable_plugged");
  EXPECT_TRUE(found[1].clears);
}

TEST(MlxLines, ALinkThatComesUpIsNewsAfterItWentDown) {
  const std::string port = "mlx5_core 0000:ab:00.0 mlx5_5: Port: 1 Link ";
  const auto found = Find(kType, {port + "INIT", port + "ACTIVE", port + "DOWN", port + "INIT",
                                  port + "ACTIVE", port + "ACTIVE"});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_TRUE(
      Find(kType, {"mlx5_core 0000:ab:00.0: firmware version: 28.43.2026", port + "DOWN"}).empty());
  EXPECT_EQ(found[0].code, "link_down");
  EXPECT_EQ(found[1].code, "link_up");
  EXPECT_TRUE(found[1].clears);
}

TEST(MlxLines, RegistersBelongToTheReportBeforeThem) {
  const std::string card = "mlx5_core 0000:5e:00.0: print_health_info:382:(pid 0): ";
  const auto found = Find(kType, {"mlx5_core 0000:5e:00.0: device's health compromised",
                                  card + "assert_var[0] 0x08040700", card + "assert_var[1] 0x0",
                                  card + "synd 0x1: firmware internal error"});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].details.at("assert_var"), "0x08040700");
  EXPECT_EQ(found[0].details.at("issue"), "firmware internal error");
}

TEST(Infiniband, AFirmwareThatFailsDegradesUntilItHasRecovered) {
  const auto events =
      Match(kType, {"mlx5_core 0000:5e:00.0: device's health compromised - reached miss count",
                    "mlx5_core 0000:5e:00.0: mlx5_health_try_recover: health recovery succeeded"});
  ASSERT_EQ(events.size(), 2u);
  Inputs in;
  in.SetNow(BootTime(std::chrono::hours(9)), events[1].time);
  in.SetHistory({events[0]}, {}, {});
  EXPECT_EQ(kType.check(in).states.at(0).reason,
            "the health of a network card is compromised on 0000:5e:00.0");
  in.SetHistory({events[1], events[0]}, {}, {});
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kHealthy);
}

}  // namespace
}  // namespace gpud::infiniband
