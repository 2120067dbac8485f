// SPDX-License-Identifier: Apache-2.0
// Kernel lines of NVMe disks: drivers/nvme/host.
#pragma once

#include "components/disk/block_rules.h"

namespace gpud::disk {

void RefineNvmeStatus(const LineFields& fields, std::string_view line, LineFinding& finding);

/// The original's name of the event.
constexpr LineRule Reset(std::string_view needle, std::string_view form) {
  return {.needle = needle,
          .form = form,
          .code = "nvme_controller_reset",
          .severity = EventType::kCritical,
          .action = Advice::kHardwareInspection,
          .event = "nvme_controller_timeout"};
}

constexpr LineRule Fabric(std::string_view needle, std::string_view form, std::string_view code) {
  return {.needle = needle, .form = form, .code = code, .action = Advice::kCheckStorageNetwork};
}

inline constexpr LineRule kNvmeRules[] = {
    // "I/O 822 QID 24 timeout, ...", since Linux 6.2 "I/O tag 22 (2016) opcode 0x2 (Admin Cmd) QID
    // 0 timeout, ..."
    Reset(" timeout, reset controller", "nvme <device:dev>: I/O <*>timeout, reset controller"),
    Reset(" timeout, reset controller", "nvme <device:pci>: I/O <*>timeout, reset controller"),
    Reset(" timeout, disable controller", "nvme <device:dev>: I/O <*>timeout, disable controller"),
    Reset("error detected, reset controller",
          "nvme <device:dev>: <*> error detected, reset controller"),
    Reset("reset controller.", "nvme <device:pci>: Failed status: <status:x>, reset controller."),
    Reset("reset controller.", "nvme <device:dev>: Failed status: <status:x>, reset controller."),
    Reset("resetting controller due to ", "nvme <device:dev>: resetting controller due to <why:*>"),
    Hardware(" timeout, aborting", "nvme <device:dev>: I/O <*>timeout, aborting", "nvme_io_timeout",
             kWarning),
    Hardware(" timeout, aborting", "nvme <device:pci>: I/O <*>timeout, aborting", "nvme_io_timeout",
             kWarning),
    Hardware(" timeout, completion polled", "nvme <device:dev>: I/O <*>timeout, completion polled",
             "nvme_io_timeout", kWarning),
    // NVMe over TCP and RDMA
    Fabric("QID ", "nvme <device:dev>: I/O tag <*> QID <n> timeout", "nvme_io_timeout"),
    Fabric("QID ", "nvme <device:dev>: I/O <n> QID <n> timeout", "nvme_io_timeout"),
    Fabric(": timeout request ", "nvme <device:dev>: queue <n>: timeout request <x>",
           "nvme_io_timeout"),
    Fabric(": timeout cid ", "nvme <device:dev>: queue <n>: timeout cid <x>", "nvme_io_timeout"),
    Fabric(": starting error recovery", "nvme <device:dev>: starting error recovery",
           "nvme_connection_lost"),
    Fabric("Failed reconnect attempt ", "nvme <device:dev>: Failed reconnect attempt <attempt:n>",
           "nvme_connection_lost"),
    Hardware("controller is down; will reset", "nvme <device:dev>: controller is down; will reset",
             "nvme_controller_down", kCritical),
    Hardware("error detected, request disconnect",
             "nvme <device:dev>: <*> error detected, request disconnect", "nvme_controller_down",
             kCritical),
    Hardware("Device not ready; abort", "nvme <device:dev>: Device not ready; aborting <what:dev>",
             "nvme_not_ready", kCritical),
    Hardware("Device not ready; abort", "nvme <device:pci>: Device not ready; aborting <what:dev>",
             "nvme_not_ready", kCritical),
    Hardware("Disabling device after reset failure",
             "nvme <device:dev>: Disabling device after reset failure", "nvme_device_disabled",
             kFatal),
    Hardware("Removing after probe failure", "nvme <device:dev>: Removing after probe failure",
             "nvme_device_disabled", kFatal),
    Hardware("Removing after probe failure", "nvme <device:pci>: Removing after probe failure",
             "nvme_device_disabled", kFatal),
    Hardware("Identify Controller failed", "nvme <device:dev>: Identify Controller failed",
             "nvme_init_failed", kCritical),
    Hardware("failed with error ",
             "nvme <device:pci>: probe with driver nvme failed with error <error:n>",
             "nvme_init_failed", kCritical),
    Hardware("failed with error ", "nvme: probe of <device:pci> failed with error <error:n>",
             "nvme_init_failed", kCritical),
    Hardware("no available path - failing I/O",
             "block <device:dev>: no available path - failing I/O", "nvme_path_failure", kCritical),
    Hardware("no usable path - requeuing I/O", "block <device:dev>: no usable path - requeuing I/O",
             "nvme_path_requeued", kWarning),
    Hardware("(sct 0x", "<device:dev>: <command:*> @ LBA <lba:n>, <*> (sct <sct:x> / sc <sc:x>)",
             "nvme_media_error", kCritical, RefineNvmeStatus),
};

}  // namespace gpud::disk
