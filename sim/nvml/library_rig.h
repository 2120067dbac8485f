// SPDX-License-Identifier: Apache-2.0
// Tests open the built library as a client does: dlopen, symbols one by one. Each opening is a
// driver of its own with a clock that the test steps.
#pragma once

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "scenario/bundled.h"
#include "scenario/series.h"
#include "sources/nvml/abi/functions.h"

namespace gpud::sim_nvml {

using namespace nvml_abi;

#define GPUD_NVML(library, function) \
  (library).Symbol<decltype(&::gpud::nvml_abi::function)>(#function)

class Library {
 public:
  /// `scenario`: a bundled name, or the YAML of one whose id is "test".
  explicit Library(const std::string& scenario, const std::string& faults = "",
                   const std::string& driver = "") {
    char pattern[] = "/tmp/gpud-sim-XXXXXX";
    folder_ = mkdtemp(pattern);
    std::string name = scenario;
    if (scenario.find('\n') != std::string::npos) {
      name = folder_ / "test.yaml";
      std::ofstream(name) << scenario;
    }
    MoveTo(0);
    SetFaults(faults);
    Set("GPUD_SIM_SCENARIO", name);
    Set("GPUD_SIM_CLOCK", folder_ / "clock");
    Set("GPUD_SIM_FAULTS", folder_ / "faults");
    Set("GPUD_SIM_COUNTER", folder_ / "counter");
    Set("GPUD_SIM_DRIVER", driver);
    // The loader knows a library by its file: a copy is opened anew.
    const auto copy = folder_ / "libnvidia-ml.so.1";
    std::filesystem::copy_file(GPUD_SIM_LIBRARY, copy);
    handle_ = dlopen(copy.c_str(), RTLD_NOW | RTLD_LOCAL);
    EXPECT_NE(handle_, nullptr) << dlerror();
    // It reads its settings once.
    init_ = GPUD_NVML(*this, nvmlInit_v2)();
  }
  ~Library() {
    if (init_ == NVML_SUCCESS) GPUD_NVML(*this, nvmlShutdown)();
    std::filesystem::remove_all(folder_);
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  template <class Function>
  Function Symbol(const char* name) {
    void* symbol = dlsym(handle_, name);
    if (!symbol) ADD_FAILURE() << "no symbol " << name;
    return reinterpret_cast<Function>(symbol);
  }

  nvmlReturn_t init() const { return init_; }
  /// Steps the clock to second `t` of the scenario.
  void MoveTo(double t) { Replace("clock", std::to_string(t)); }
  void SetFaults(const std::string& text) { Replace("faults", text); }

  nvmlDevice_t Gpu(unsigned index) {
    nvmlDevice_t device = nullptr;
    EXPECT_EQ(GPUD_NVML(*this, nvmlDeviceGetHandleByIndex_v2)(index, &device), NVML_SUCCESS);
    return device;
  }
  std::string CounterText() const {
    std::ifstream file(folder_ / "counter");
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  static void Set(const char* name, const std::string& value) { setenv(name, value.c_str(), 1); }
  void Replace(const char* name, const std::string& text) {
    std::ofstream(folder_ / "new") << text;
    std::filesystem::rename(folder_ / "new", folder_ / name);
  }

  std::filesystem::path folder_;
  void* handle_ = nullptr;
  nvmlReturn_t init_ = NVML_ERROR_UNKNOWN;
};

/// The node of a bundled scenario, to compare with.
class Expected {
 public:
  explicit Expected(const std::string& name) : scenario_(*scenario::FindScenario(name)) {
    nodes_ = scenario::NodesOf(scenario_);
  }
  const scenario::Node& node() const { return nodes_[0]; }

  double At(std::string_view signal, scenario::Tags tags, double t) const {
    scenario::Series series(node(), *scenario::FindSignal(signal), std::move(tags));
    series.MoveTo(static_cast<std::int64_t>(t / scenario_.step_s));
    return series.value().value_or(-1);
  }
  double Gpu(std::string_view signal, int gpu, double t) const {
    return At(signal, {{scenario::Label::kGpu, gpu}}, t);
  }

 private:
  scenario::Scenario scenario_;
  std::vector<scenario::Node> nodes_;
};

}  // namespace gpud::sim_nvml
