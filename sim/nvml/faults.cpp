// SPDX-License-Identifier: Apache-2.0
#include "nvml/faults.h"

#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "platform/text.h"

namespace gpud::sim_nvml {
namespace {

struct NamedError {
  std::string_view name;
  nvmlReturn_t value;
};
constexpr NamedError kErrors[] = {
    {"uninitialized", NVML_ERROR_UNINITIALIZED},
    {"invalid-argument", NVML_ERROR_INVALID_ARGUMENT},
    {"not-supported", NVML_ERROR_NOT_SUPPORTED},
    {"no-permission", NVML_ERROR_NO_PERMISSION},
    {"not-found", NVML_ERROR_NOT_FOUND},
    {"driver-not-loaded", NVML_ERROR_DRIVER_NOT_LOADED},
    {"timeout", NVML_ERROR_TIMEOUT},
    {"library-not-found", NVML_ERROR_LIBRARY_NOT_FOUND},
    {"function-not-found", NVML_ERROR_FUNCTION_NOT_FOUND},
    {"corrupted-inforom", NVML_ERROR_CORRUPTED_INFOROM},
    {"lost", NVML_ERROR_GPU_IS_LOST},
    {"requires-reset", NVML_ERROR_RESET_REQUIRED},
    {"operating-system", NVML_ERROR_OPERATING_SYSTEM},
    {"version-mismatch", NVML_ERROR_LIB_RM_VERSION_MISMATCH},
    {"in-use", NVML_ERROR_IN_USE},
    {"memory", NVML_ERROR_MEMORY},
    {"no-data", NVML_ERROR_NO_DATA},
    {"insufficient-resources", NVML_ERROR_INSUFFICIENT_RESOURCES},
    {"argument-version-mismatch", NVML_ERROR_ARGUMENT_VERSION_MISMATCH},
    {"not-ready", NVML_ERROR_NOT_READY},
    {"gpu-not-found", NVML_ERROR_GPU_NOT_FOUND},
    {"unknown", NVML_ERROR_UNKNOWN},
};

using Words = std::vector<std::string_view>;

// The words from `at` on say what happens. False when they make no sense.
bool ReadEffect(const Words& words, std::size_t at, CallFault& fault) {
  const std::size_t left = words.size() - at;
  if (left == 2 && words[at] == "delay") {
    const auto seconds = ParseNumber<double>(words[at + 1]);
    fault.effect = Effect::kDelay;
    fault.seconds = seconds.value_or(-1);
    return fault.seconds >= 0;
  }
  if (left != 1) return false;
  const std::string_view word = words[at];
  if (word == "hang") {
    fault.effect = Effect::kHang;
  } else if (word == "abort") {
    fault.effect = Effect::kAbort;
  } else if (word == "crash") {
    fault.effect = Effect::kCrash;
  } else if (const auto number = ParseNumber<unsigned>(word)) {
    fault.answer = static_cast<nvmlReturn_t>(*number);
  } else {
    const auto named = std::ranges::find(kErrors, word, &NamedError::name);
    if (named == std::end(kErrors)) return false;
    fault.answer = named->value;
  }
  return true;
}

// -1 for "*"; nothing for what is no number of a GPU.
std::optional<int> ReadGpu(std::string_view word) {
  if (word == "*") return -1;
  const auto gpu = ParseNumber<int>(word);
  return gpu && *gpu >= 0 ? gpu : std::nullopt;
}

// Returns "" or what is wrong with the line.
std::string ReadLine(const Words& words, Faults& into) {
  const std::string_view kind = words[0];
  if (kind == "gpu" && words.size() == 3) {
    const auto gpu = ReadGpu(words[1]);
    const GpuFault fault = words[2] == "lost"             ? GpuFault::kLost
                           : words[2] == "requires-reset" ? GpuFault::kRequiresReset
                           : words[2] == "missing"        ? GpuFault::kMissing
                                                          : GpuFault::kNone;
    if (!gpu || fault == GpuFault::kNone) return "use: gpu N|* lost|requires-reset|missing";
    into.gpus.emplace_back(*gpu, fault);
    return "";
  }
  CallFault fault;
  if (kind == "missing" && words.size() == 2) {
    fault.pattern = words[1];
    fault.answer = NVML_ERROR_FUNCTION_NOT_FOUND;
  } else if (kind == "init" && words.size() >= 2) {
    fault.pattern = "nvmlInit*";
    if (!ReadEffect(words, 1, fault)) return "what should nvmlInit do?";
  } else if (kind == "call" && words.size() >= 3) {
    fault.pattern = words[1];
    std::size_t at = 2;
    if (words[2] == "gpu" && words.size() >= 5) {
      const auto gpu = ReadGpu(words[3]);
      if (!gpu) return "gpu needs a number";
      fault.gpu = *gpu;
      at = 4;
    }
    if (!ReadEffect(words, at, fault)) return "what should the call do?";
  } else {
    return "lines begin with gpu, call, init or missing";
  }
  into.calls.push_back(std::move(fault));
  return "";
}

}  // namespace

const CallFault* Faults::OfCall(const std::string& name, int gpu) const {
  const auto found = std::ranges::find_if(calls, [&](const CallFault& fault) {
    return (fault.gpu < 0 || fault.gpu == gpu) &&
           fnmatch(fault.pattern.c_str(), name.c_str(), 0) == 0;
  });
  return found == calls.end() ? nullptr : &*found;
}

GpuFault Faults::OfGpu(int gpu) const {
  for (const auto& [which, fault] : gpus) {
    if (which < 0 || which == gpu) return fault;
  }
  return GpuFault::kNone;
}

Result<void> ParseFaults(std::string_view text, Faults& into) {
  std::string mistakes;
  std::string_view line;
  for (int number = 1; NextLine(text, line); ++number) {
    const Words words = SplitBlanks(line.substr(0, line.find('#')));
    if (words.empty()) continue;
    const std::string wrong = ReadLine(words, into);
    if (wrong.empty()) continue;
    mistakes += (mistakes.empty() ? "" : "\n") + std::to_string(number) + ": '" +
                std::string(line) + "': " + wrong;
  }
  if (!mistakes.empty()) return Fail(ErrorCode::kParse, mistakes);
  return {};
}

std::shared_ptr<const Faults> FaultFile::Latest() {
  const std::lock_guard lock(mutex_);
  return faults_;
}

std::shared_ptr<const Faults> FaultFile::Now() {
  if (path_.empty()) return faults_;
  const std::lock_guard lock(mutex_);
  struct stat now {};
  Stamp seen;
  if (stat(path_.c_str(), &now) == 0) {
    seen = {.seconds = now.st_mtim.tv_sec,
            .nanoseconds = now.st_mtim.tv_nsec,
            .size = now.st_size,
            .inode = now.st_ino};
  }
  if (seen == seen_) return faults_;
  seen_ = seen;
  std::ostringstream text;
  text << std::ifstream(path_).rdbuf();
  auto faults = std::make_shared<Faults>();
  if (const auto read = ParseFaults(text.str(), *faults); !read) {
    std::fprintf(stderr, "gpud-sim: %s: %s\n", path_.c_str(), read.error().what.c_str());
  }
  faults_ = std::move(faults);
  return faults_;
}

}  // namespace gpud::sim_nvml
