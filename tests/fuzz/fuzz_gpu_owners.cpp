// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string_view>

#include "sources/kubelet/pod_resources.h"
#include "sources/procfs/command_line.h"
#include "sources/procfs/owner.h"

// What the kubelet answers, and what processes say of themselves.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  using namespace gpud;
  (void)kubelet::ParsePodResources(text);
  if (procfs::ShownCommand(text).size() > 512) __builtin_trap();
  procfs::ProcessOwner owner;
  procfs::ParseCgroups(text, owner);
  (void)procfs::ParsePasswd(text);
  return 0;
}
