// SPDX-License-Identifier: Apache-2.0
// `gpud lane NAME --root ROOT` with the faulty sources and those of NVIDIA's GPUs, for src/lanes'
// own tests.
#include <vector>

#include "faults.h"
#include "lanes/lanes.h"
#include "sources/nvml/activity.h"
#include "sources/nvml/errors.h"

int main(int argc, char** argv) {
  if (argc != 5) return 1;
  const auto faulty = gpud::faults::Sources();
  std::vector<const gpud::SourceType*> sources(faulty.begin(), faulty.end());
  sources.insert(sources.end(), {&gpud::nvml::kActivity, &gpud::nvml::kErrors});
  return gpud::lanes::LaneMain(sources, argv[2], argv[4]);
}
