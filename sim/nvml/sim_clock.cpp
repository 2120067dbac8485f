// SPDX-License-Identifier: Apache-2.0
#include "nvml/sim_clock.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "platform/text.h"
#include "platform/unique_fd.h"

namespace gpud::sim_nvml {
namespace {

double UnixNow() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

}  // namespace

SimClock::SimClock(std::string step_file, double speed, double start, double scenario_start)
    : step_file_(std::move(step_file)),
      speed_(speed),
      base_(!step_file_.empty() ? scenario_start
            : start >= 0        ? start
                                : UnixNow()) {}

double SimClock::Now() {
  if (!stepped()) return std::max(0.0, (UnixNow() - base_) * speed_);
  const UniqueFd file(open(step_file_.c_str(), O_RDONLY | O_CLOEXEC));
  char text[64];
  const ssize_t size = file.get() >= 0 ? read(file.get(), text, sizeof text) : 0;
  if (size > 0) {
    const auto seconds = ParseNumber<double>(Trim({text, static_cast<std::size_t>(size)}));
    if (seconds && *seconds >= 0) last_ = *seconds;
  }
  return last_;
}

}  // namespace gpud::sim_nvml
