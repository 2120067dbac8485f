// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/pass.h"

#include <algorithm>

namespace gpud::diagnosis {
namespace {

constexpr Seconds kWarmUp = 180;

double Mean(const NodeView& node, Signal signal, int gpu, Seconds length) {
  return MeanOf(node.store.Window(signal, node.store.Row(signal, gpu), length));
}

}  // namespace

double MeanOf(const Samples& samples) {
  const SampleSum all = SumOf(samples);
  if (all.count == 0 || all.count < 0.7 * samples.expected) return kAbsent;
  return all.sum / all.count;
}

double MedianOf(std::vector<double>& numbers) {
  std::erase_if(numbers, [](double v) { return std::isnan(v); });
  if (numbers.empty()) return kAbsent;
  const std::size_t middle = numbers.size() / 2;
  std::ranges::nth_element(numbers, numbers.begin() + static_cast<std::ptrdiff_t>(middle));
  const double upper = numbers[middle];
  if (numbers.size() % 2 == 1) return upper;
  return (upper + *std::max_element(numbers.begin(),
                                    numbers.begin() + static_cast<std::ptrdiff_t>(middle))) /
         2;
}

void Pass::Update() {
  gpus.resize(node.facts.gpus.size());
  for (GpuState& gpu : gpus) gpu = GpuState{.users = std::move(gpu.users)};
  for (GpuState& gpu : gpus) gpu.users.clear();
  alive.clear();
  loaders.clear();
  for (std::size_t i = 0; i < node.processes.size(); ++i) {
    const ProcessFacts& process = node.processes[i];
    if (!process.IsAlive()) continue;
    const int place = static_cast<int>(i);
    alive.push_back(place);
    if (process.role == Role::kLoader) loaders.push_back(place);
    for (const int g : process.gpus) {
      if (g < 0 || static_cast<std::size_t>(g) >= gpus.size()) continue;
      GpuState& gpu = gpus[static_cast<std::size_t>(g)];
      gpu.users.push_back(place);
      gpu.server |= process.role == Role::kServer;
      gpu.trainer |= process.role != Role::kServer;
      gpu.job |= node.now() - process.start >= kWarmUp;
      gpu.since = gpu.users.size() == 1 ? process.start : std::min(gpu.since, process.start);
    }
  }
  any_trainer_starved = any_trainer_nearly = false;
  jobs = 0;
  for (std::size_t i = 0; i < gpus.size(); ++i) {
    GpuState& gpu = gpus[i];
    const int g = static_cast<int>(i);
    gpu.util60 = Mean(node, Signal::kGpuUtil, g, 60);
    gpu.util120 = Mean(node, Signal::kGpuUtil, g, 120);
    gpu.util300 = Mean(node, Signal::kGpuUtil, g, 300);
    // What was before the end of the warm-up does not count.
    const Seconds worked = node.now() - gpu.since - kWarmUp;
    const double hunger = worked >= 300   ? gpu.util300
                          : worked >= 210 ? Mean(node, Signal::kGpuUtil, g, worked)
                                          : static_cast<double>(kAbsent);
    gpu.starved = gpu.job && hunger <= 60;
    gpu.nearly_starved = gpu.job && hunger <= 66;
    const float rx = node.store.Last(Signal::kGpuPcieRx, node.store.Row(Signal::kGpuPcieRx, g));
    const float tx = node.store.Last(Signal::kGpuPcieTx, node.store.Row(Signal::kGpuPcieTx, g));
    gpu.loaded = gpu.util60 >= 20 || rx + tx >= 200;
    if (gpu.trainer) {
      any_trainer_starved |= gpu.starved;
      any_trainer_nearly |= gpu.nearly_starved;
    }
    jobs += gpu.job ? 1 : 0;
  }
}

std::vector<int> Pass::Starved(bool loosely) const {
  std::vector<int> starved;
  for (std::size_t i = 0; i < gpus.size(); ++i) {
    if (gpus[i].trainer && (loosely ? gpus[i].nearly_starved : gpus[i].starved)) {
      starved.push_back(static_cast<int>(i));
    }
  }
  return starved;
}

std::vector<int> Pass::LoadersOf(int trainer) const {
  const ProcessFacts& parent = node.processes[static_cast<std::size_t>(trainer)];
  std::vector<int> children;
  for (const int place : loaders) {
    if (node.processes[static_cast<std::size_t>(place)].parent == parent.pid) {
      children.push_back(place);
    }
  }
  return children;
}

double Pass::Median(Signal signal, int seconds, const std::vector<int>& of) const {
  std::vector<double> means;
  for (const int gpu : of) means.push_back(Mean(node, signal, gpu, seconds));
  std::erase_if(means, [](double v) { return std::isnan(v); });
  return means.size() < 2 ? static_cast<double>(kAbsent) : MedianOf(means);
}

std::vector<int> Pass::Peers(int gpu) const {
  std::vector<int> peers;
  for (std::size_t i = 0; i < gpus.size(); ++i) {
    const int g = static_cast<int>(i);
    if (g != gpu && gpus[i].job && node.facts.gpus[i].present &&
        node.facts.gpus[i].model == node.facts.gpus[static_cast<std::size_t>(gpu)].model) {
      peers.push_back(g);
    }
  }
  return peers;
}

}  // namespace gpud::diagnosis
