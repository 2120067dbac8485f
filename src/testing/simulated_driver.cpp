// SPDX-License-Identifier: Apache-2.0
#include "testing/simulated_driver.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace gpud {
namespace {

constexpr const char* kSettings[] = {"GPUD_NVML_LIBRARY_PATH", "GPUD_SIM_SCENARIO",
                                     "GPUD_SIM_CLOCK",         "GPUD_SIM_FAULTS",
                                     "GPUD_SIM_COUNTER",       "GPUD_SIM_DRIVER"};

void Set(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }

}  // namespace

SimulatedDriver::SimulatedDriver(std::string_view library, std::string_view scenario,
                                 std::string_view release) {
  char pattern[] = "/tmp/gpud-simulated-XXXXXX";
  const char* made = ::mkdtemp(pattern);
  if (!made) throw std::runtime_error("no temporary folder");
  folder_ = made;
  std::string name(scenario);
  if (scenario.find('\n') != std::string_view::npos) {
    name = folder_ + "/test.yaml";
    std::ofstream(name) << scenario;
  }
  MoveTo(0);
  SetFaults("");
  const std::string file = folder_ + "/libnvidia-ml.so.1";
  std::filesystem::copy_file(std::string(library), file);
  Set("GPUD_NVML_LIBRARY_PATH", file);
  Set("GPUD_SIM_SCENARIO", name);
  Set("GPUD_SIM_CLOCK", folder_ + "/clock");
  Set("GPUD_SIM_FAULTS", folder_ + "/faults");
  Set("GPUD_SIM_COUNTER", folder_ + "/counter");
  Set("GPUD_SIM_DRIVER", std::string(release));
}

SimulatedDriver::~SimulatedDriver() {
  for (const char* name : kSettings) ::unsetenv(name);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void SimulatedDriver::MoveTo(double second) { Replace("clock", std::to_string(second)); }
void SimulatedDriver::SetFaults(std::string_view lines) { Replace("faults", lines); }

std::string SimulatedDriver::Counter() const {
  std::ifstream file(folder_ + "/counter");
  std::string last;
  for (std::string line; std::getline(file, line);) last = line;
  const std::size_t at = last.find("open");
  return at == std::string::npos ? "" : last.substr(at);
}

int SimulatedDriver::Openings() const {
  std::ifstream file(folder_ + "/counter");
  int openings = 0;
  bool open = false;
  for (std::string line; std::getline(file, line);) {
    const bool now = line.find("open 0") == std::string::npos;
    openings += now && !open;
    open = now;
  }
  return openings;
}

// Whole, or not at all: the driver may read at any time.
void SimulatedDriver::Replace(std::string_view file, std::string_view text) {
  const std::string target = folder_ + "/" + std::string(file);
  std::ofstream(target + ".new") << text;
  std::filesystem::rename(target + ".new", target);
}

}  // namespace gpud
