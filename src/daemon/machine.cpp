// SPDX-License-Identifier: Apache-2.0
#include "daemon/machine.h"

#include "sources/host/machine_info.h"

namespace gpud::daemon {

// In the mounts lane, as it looks at disks, which may hang.
extern constinit const SourceType kMachine{
    .name = "host/machine",
    .lane = Lane::kMounts,
    .deadline = std::chrono::seconds(5),
    .snapshot = &kSnapshot<MachineInfo>,
    .read = [](const Host& host,
               Inputs& into) { into.Put<MachineInfo>(host::ReadMachineInfo(host)); },
};

}  // namespace gpud::daemon
