// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdlib>
#include <string>

#include "lanes/frame.h"
#include "model/inputs.h"
#include "model/machine_info.h"
#include "sources/host/mount_usage.h"
#include "sources/procfs/processes.h"

// What an insane lane may send: frames, their content, and snapshots in them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  using namespace gpud;
  lanes::FrameReader reader;
  reader.Add(text);
  for (int frames = 0; frames < 100; ++frames) {
    const auto frame = reader.Next();
    if (!frame || !*frame) break;
    (void)lanes::ParseRequest(**frame);
    if (const auto answer = lanes::ParseAnswer(**frame)) {
      (void)kSnapshot<host::MountUsages>.decode(answer->snapshot);
    }
  }
  (void)kSnapshot<host::MountUsages>.decode(text);
  (void)kSnapshot<MachineInfo>.decode(text);
  return 0;
}
