// SPDX-License-Identifier: Apache-2.0
#include "sources/gpu/growth.h"

#include <algorithm>

namespace gpud::gpu {
namespace {

constexpr std::size_t kMostReadings = 16;
constexpr std::size_t kLeastReadings = 5;
constexpr std::chrono::minutes kWidestStep{16};

}  // namespace

void Growth::Add(BootTime when, std::uint64_t bytes) {
  if (!readings_.empty() && when - readings_.back().when < step_) return;
  if (readings_.size() == kMostReadings && step_ >= kWidestStep) {
    readings_.erase(readings_.begin());
  } else if (readings_.size() == kMostReadings) {
    for (std::size_t i = 0; i < kMostReadings / 2; ++i) readings_[i] = readings_[2 * i + 1];
    readings_.resize(kMostReadings / 2);
    step_ *= 2;
    if (when - readings_.back().when < step_) return;
  }
  readings_.push_back({when, bytes});
}

std::optional<double> Growth::MibPerHour() const {
  if (readings_.size() < kLeastReadings) return std::nullopt;
  std::vector<double> slopes;
  for (std::size_t a = 0; a < readings_.size(); ++a) {
    for (std::size_t b = a + 1; b < readings_.size(); ++b) {
      const double mib =
          (static_cast<double>(readings_[b].bytes) - static_cast<double>(readings_[a].bytes)) /
          (1 << 20);
      const std::chrono::duration<double, std::ratio<3600>> hours =
          readings_[b].when - readings_[a].when;
      slopes.push_back(mib / hours.count());
    }
  }
  const auto middle = slopes.begin() + static_cast<std::ptrdiff_t>(slopes.size() / 2);
  std::nth_element(slopes.begin(), middle, slopes.end());
  return *middle;
}

}  // namespace gpud::gpu
