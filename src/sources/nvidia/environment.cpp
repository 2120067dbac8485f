// SPDX-License-Identifier: Apache-2.0
#include "sources/nvidia/environment.h"

#include <algorithm>

#include "platform/text.h"

namespace gpud::nvidia {
namespace {

// CUDA C++ Programming Guide, "Environment Variables", and CUPTI's.
constexpr std::string_view kBad[] = {
    "NSIGHT_CUDA_DEBUGGER",
    "CUDA_INJECTION32_PATH",
    "CUDA_INJECTION64_PATH",
    "CUDA_AUTO_BOOST",
    "CUDA_ENABLE_COREDUMP_ON_EXCEPTION",
    "CUDA_COREDUMP_FILE",
    "CUDA_DEVICE_WAITS_ON_EXCEPTION",
    "CUDA_PROFILE",
    "COMPUTE_PROFILE",
    "OPENCL_PROFILE",
};

Environment ReadEnvironment(const Root& root) {
  Environment all;
  for (const char* place : {"/etc/environment", "/proc/1/environ"}) {
    const auto text = root.Read(place);
    if (!text) continue;  // often not there, or not for us to see
    for (std::string& name : BadVariables(*text)) all.bad.push_back({std::move(name), place});
  }
  return all;
}

}  // namespace

std::vector<std::string> BadVariables(std::string_view text) {
  constexpr std::string_view kExport = "export ";
  std::vector<std::string> bad;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(std::string_view("\n\0", 2)), text.size());
    std::string_view line = Trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with(kExport)) line.remove_prefix(kExport.size());
    const std::string_view name = line.substr(0, line.find('='));
    const bool is_set = name.size() < line.size();
    if (is_set && std::find(std::begin(kBad), std::end(kBad), name) != std::end(kBad)) {
      bad.emplace_back(name);
    }
  }
  return bad;
}

constinit const SourceType kEnvironment{
    .name = "nvidia/environment",
    .snapshot = &kSnapshot<Environment>,
    .read = [](const Host& host,
               Inputs& into) { into.Put<Environment>(ReadEnvironment(host.root)); },
};

}  // namespace gpud::nvidia
