// SPDX-License-Identifier: Apache-2.0
#include "nvml/driver.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "nvml/function_age.h"
#include "nvml/xid_log.h"
#include "platform/text.h"
#include "platform/time_text.h"
#include "platform/unique_fd.h"
#include "scenario/bundled.h"

namespace gpud::sim_nvml {
namespace {

constexpr std::string_view kDefaultScenario = "healthy-8xh100";
constexpr int kMostInstances = 7;

// A shared library has no other way to be told.
std::string Setting(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

double NumberSetting(const char* name, double otherwise) {
  return ParseNumber<double>(Setting(name)).value_or(otherwise);
}

}  // namespace

Driver& Driver::The() {
  static Driver driver;
  return driver;
}

Driver::Driver()
    : faults_(Setting("GPUD_SIM_FAULTS")),
      counter_file_(Setting("GPUD_SIM_COUNTER")),
      major_(static_cast<int>(NumberSetting("GPUD_SIM_DRIVER", 0))) {}

nvmlReturn_t Driver::Load() {
  if (scenario_) return NVML_SUCCESS;
  std::string wanted = Setting("GPUD_SIM_SCENARIO");
  if (wanted.empty()) wanted = kDefaultScenario;
  Result<scenario::Scenario> loaded = scenario::FindScenario(wanted);
  if (!loaded) {
    std::fprintf(stderr, "gpud-sim: %s\n", loaded.error().what.c_str());
    return NVML_ERROR_UNKNOWN;
  }
  scenario_ = std::make_unique<scenario::Scenario>(std::move(*loaded));
  nodes_ = scenario::NodesOf(*scenario_);
  node_ = &nodes_[0];
  const std::string name = Setting("GPUD_SIM_NODE");
  for (const scenario::Node& node : nodes_) {
    if (node.name() == name) node_ = &node;
  }
  const auto start = ParseRfc3339(scenario_->start);
  const double unix_start =
      start ? std::chrono::duration<double>(start->time_since_epoch()).count() : 0;
  clock_ = std::make_unique<SimClock>(Setting("GPUD_SIM_CLOCK"), NumberSetting("GPUD_SIM_SPEED", 1),
                                      NumberSetting("GPUD_SIM_START", -1), unix_start);
  MakeGpus();
  ReadKernelLog();
  return NVML_SUCCESS;
}

const char* Driver::ScenarioName() { return Load() == NVML_SUCCESS ? scenario_->id.c_str() : ""; }

void Driver::MakeGpus() {
  for (int i = 0; i < node_->profile().gpus; ++i) {
    const Board* board = FindBoard(node_->profile().model);
    if (!board) continue;
    Gpu& gpu = gpus_.emplace_back(*node_, i, *board, moment_);
    for (int instance = -1; instance < kMostInstances; ++instance) {
      handles_.push_back({.gpu = &gpu, .instance = instance});
    }
  }
}

void Driver::ReadKernelLog() {
  std::map<std::string, int> gpu_of_address;
  for (const Gpu& gpu : gpus_) gpu_of_address[PciOf(gpu).short_address()] = gpu.index();
  for (const scenario::LogRecord& record : scenario::KernelLogOf(*node_)) {
    const auto line = ParseXidLine(record.text);
    const auto gpu = line ? gpu_of_address.find(line->address) : gpu_of_address.end();
    if (gpu == gpu_of_address.end()) continue;
    xids_.push_back({.t = record.t, .gpu = gpu->second, .xid = line->xid});
    if (line->recovery_action) {
      recovery_changes_.push_back(
          {.t = record.t, .gpu = gpu->second, .action = *line->recovery_action});
    }
  }
}

nvmlReturn_t Driver::Init() {
  const std::lock_guard lock(mutex_);
  if (const nvmlReturn_t error = Load()) return error;
  Tick();
  if (gpus_.empty()) return NVML_ERROR_DRIVER_NOT_LOADED;
  const auto* kernel = node_->FactNow("driver.kernel", moment_.t);
  const auto* library = node_->FactNow("driver.library", moment_.t);
  if (kernel && library && *kernel != *library) return NVML_ERROR_LIB_RM_VERSION_MISMATCH;
  if (opens_++ == 0) ListGpus();
  WriteCounter();
  return NVML_SUCCESS;
}

nvmlReturn_t Driver::Shutdown() {
  const std::lock_guard lock(mutex_);
  if (opens_ == 0) return NVML_ERROR_UNINITIALIZED;
  --opens_;
  WriteCounter();
  return NVML_SUCCESS;
}

// The list is made when the library is opened, and kept: a GPU that is lost later stays in it.
void Driver::ListGpus() {
  listed_.clear();
  for (Handle& handle : handles_) {
    if (handle.instance < 0 && faults_now_->OfGpu(handle.gpu->index()) != GpuFault::kMissing) {
      listed_.push_back(&handle);
    }
  }
}

nvmlReturn_t Driver::Pass(const char* function, int gpu) {
  if (major_ > 0 && FirstMajorWith(function) > major_) return NVML_ERROR_FUNCTION_NOT_FOUND;
  const std::string name = function;
  auto faults = faults_.Now();
  const CallFault* fault = faults->OfCall(name, gpu);
  if (!fault) return NVML_SUCCESS;
  switch (fault->effect) {
    case Effect::kAnswer:
      return fault->answer;
    case Effect::kAbort:
      std::abort();
    case Effect::kCrash:
      __builtin_trap();
    case Effect::kDelay:
      usleep(static_cast<useconds_t>(fault->seconds * 1e6));
      return NVML_SUCCESS;
    case Effect::kHang:
      while (fault && fault->effect == Effect::kHang) {
        usleep(20'000);
        faults = faults_.Now();
        fault = faults->OfCall(name, gpu);
      }
      return NVML_SUCCESS;
  }
  return NVML_SUCCESS;
}

void Driver::Tick() {
  moment_.t = clock_->Now();
  moment_.sample = static_cast<std::int64_t>(moment_.t / scenario_->step_s + 1e-9);
  moment_.micros = clock_->MicrosAt(moment_.t);
  faults_now_ = faults_.Latest();  // the gate has just looked
}

std::string Driver::version() const {
  if (major_ > 0) return std::to_string(major_) + ".199.02";
  const auto* version = node_->FactNow("driver.library", moment_.t);
  const auto* text = version ? std::get_if<std::string>(version) : nullptr;
  return text ? *text : "";
}

int Driver::release() const {
  const std::string text = version();
  return ParseNumber<int>(text.substr(0, text.find('.'))).value_or(0);
}

Handle* Driver::Resolve(nvmlDevice_t device) {
  for (Handle& handle : handles_) {
    if (reinterpret_cast<nvmlDevice_t>(&handle) == device) return &handle;
  }
  return nullptr;
}

Handle& Driver::HandleOf(const Gpu& gpu, int instance) {
  const int place = gpu.index() * (kMostInstances + 1) + instance + 1;
  return handles_[static_cast<std::size_t>(place)];
}

nvmlReturn_t Driver::StateOf(const Gpu& gpu) const {
  const GpuFault fault = faults_now_->OfGpu(gpu.index());
  if (!gpu.IsPresent() || fault == GpuFault::kLost) return NVML_ERROR_GPU_IS_LOST;
  if (fault == GpuFault::kRequiresReset) return NVML_ERROR_RESET_REQUIRED;
  return NVML_SUCCESS;
}

void Driver::CountSamples(int change) {
  samples_ += change;
  WriteCounter();
}

void Driver::CountEventSets(int change) {
  event_sets_ += change;
  WriteCounter();
}

// One line for each change, as several processes may have the library open.
void Driver::WriteCounter() const {
  if (counter_file_.empty()) return;
  const UniqueFd file(open(counter_file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  const std::string line = "pid " + std::to_string(getpid()) + " open " + std::to_string(opens_) +
                           " gpm " + std::to_string(samples_) + " events " +
                           std::to_string(event_sets_) + "\n";
  if (file.get() < 0 || write(file.get(), line.data(), line.size()) < 0) {
    std::perror("gpud-sim: GPUD_SIM_COUNTER");
  }
}

}  // namespace gpud::sim_nvml
