// SPDX-License-Identifier: Apache-2.0
#include "sources/nvml/holders.h"

#include <unistd.h>

#include <algorithm>
#include <string>

#include "platform/text.h"
#include "sources/nvml/kernel_module.h"

namespace gpud::nvml {
namespace {

constexpr std::string_view kDevice = "/dev/nvidia";  // and the GPU's number
// As /proc/PID/comm cuts it.
constexpr std::string_view kPersistenced = "nvidia-persiste";

bool IsGpu(std::string_view target) {
  if (!target.starts_with(kDevice)) return false;
  target.remove_prefix(kDevice.size());
  return !target.empty() && target.find_first_not_of("0123456789") == std::string_view::npos;
}

bool HoldsGpu(const Root& root, const std::string& process) {
  const std::string folder = process + "/fd";
  const auto descriptors = root.List(folder);
  return descriptors && std::any_of(descriptors->begin(), descriptors->end(), [&](const auto& fd) {
           const auto target = root.ReadLink(folder + "/" + fd);
           return target && IsGpu(*target);
         });
}

Holders::Found LookThroughAll(const Root& root) {
  Holders::Found found;
  const auto names = root.List("/proc");
  if (!names) return found;
  for (const std::string& name : *names) {
    const auto pid = ParseNumber<int>(name);
    if (!pid || *pid == ::getpid() || !HoldsGpu(root, "/proc/" + name)) continue;
    const auto comm = root.Read("/proc/" + name + "/comm");
    (comm && Trim(*comm) == kPersistenced ? found.daemon : found.process) = true;
    if (found.process) break;
  }
  return found;
}

}  // namespace

Holders::Found Holders::Look(const Root& root) {
  const auto uses = KernelModuleUses(root);
  if (!uses || uses != uses_) found_ = LookThroughAll(root);
  uses_ = uses;
  return found_;
}

}  // namespace gpud::nvml
