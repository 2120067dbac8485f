// SPDX-License-Identifier: Apache-2.0
#include "sources/nvml/kernel_module.h"

#include <algorithm>

#include "platform/text.h"

namespace gpud::nvml {
namespace {

constexpr std::string_view kGpus = "/proc/driver/nvidia/gpus";

// Empty for what the module does not know yet: "GPU-????????-????-...", "??.??.??.??.??".
std::string Known(std::string_view value) {
  return value.find('?') == std::string_view::npos ? std::string(value) : "";
}

bool IsVersion(std::string_view word) {
  return word.find('.') != std::string_view::npos &&
         word.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

KernelModuleGpu ParseGpuInformation(std::string_view text) {
  KernelModuleGpu gpu;
  for (std::string_view line; NextLine(text, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view key = Trim(line.substr(0, colon));
    const std::string_view value = Trim(line.substr(colon + 1));
    if (key == "Model") gpu.name = Known(value);
    if (key == "Bus Location") gpu.bus_id = value;
    if (key == "Device Minor") gpu.minor_number = ParseNumber<std::uint32_t>(value);
    if (key == "GPU UUID") gpu.uuid = Known(value);
    if (key == "Video BIOS") {
      gpu.vbios_version = Known(value);
      gpu.initialised = !gpu.vbios_version.empty();
    }
  }
  return gpu;
}

std::vector<KernelModuleGpu> KernelModuleGpus(const Root& root) {
  std::vector<KernelModuleGpu> gpus;
  const auto names = root.List(kGpus);
  if (!names) return gpus;
  for (const std::string& name : *names) {
    const auto text = root.Read(std::string(kGpus) + "/" + name + "/information");
    KernelModuleGpu gpu = text ? ParseGpuInformation(*text) : KernelModuleGpu{};
    gpu.bus_id = name;
    gpus.push_back(std::move(gpu));
  }
  return gpus;
}

std::string KernelModuleVersion(const Root& root) {
  // "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19 18:56:32 UTC 2023"
  const auto text = root.Read("/proc/driver/nvidia/version");
  if (!text) return "";
  const auto words = SplitBlanks(text->substr(0, text->find('\n')));
  const auto version = std::find_if(words.begin(), words.end(), IsVersion);
  return version == words.end() ? "" : std::string(*version);
}

std::optional<std::uint64_t> KernelModuleUses(const Root& root) {
  const auto text = root.Read("/proc/modules");
  if (!text) return std::nullopt;
  std::string_view rest = *text;
  for (std::string_view line; NextLine(rest, line);) {
    const auto words = SplitBlanks(line);
    if (words.size() >= 3 && words[0] == "nvidia") return ParseNumber<std::uint64_t>(words[2]);
  }
  return std::nullopt;
}

}  // namespace gpud::nvml
