// SPDX-License-Identifier: Apache-2.0
#include "scenario/profile.h"

#include "platform/text.h"

namespace gpud::scenario {
namespace {

constexpr int kMostGpus = 16;

// The numbers of the first eight are given by the format. Sources of the others: data sheets of the
// T4 (70 W, 16 GB, gen3), of the GeForce RTX 4090 (450 W, 24 GB, gen4) and of GB200 NVL72 (1,200 W
// a GPU, 4 GPUs and 2 Grace of 72 cores in a compute tray); memory in MiB as the driver lists it.
constexpr Profile kFamilies[] = {
    {"hgx-a100", "A100", 0, 81920, 1410, 400, 90, 95, 4, 12, 6, 0, 200, 2, 128, 2450, 1024},
    {"hgx-h100", "H100", 0, 81559, 1980, 700, 87, 95, 5, 18, 4, 0, 400, 2, 112, 2000, 2048},
    {"hgx-h200", "H200", 0, 143771, 1980, 700, 87, 95, 5, 18, 4, 0, 400, 2, 112, 2000, 2048},
    {"hgx-b200", "B200", 0, 183359, 1965, 1000, 90, 95, 5, 18, 2, 0, 400, 2, 112, 2300, 4096},
    {"oam-mi300x", "MI300X", 0, 196592, 2100, 750, 100, 105, 5, 7, 0, 0, 400, 2, 192, 2400, 2304},
    {"pcie-l40s", "L40S", 0, 46068, 2520, 350, 92, {}, 4, 0, 0, 0, 200, 2, 64, 2400, 512},
    {"pcie-a10", "A10", 0, 23028, 1695, 150, 95, {}, 4, 0, 0, 0, 100, 1, 32, 2600, 256},
    {"pcie-h100", "H100 PCIe", 0, 81559, 1755, 350, 87, 95, 5, 0, 0, 0, 200, 2, 64, 2400, 512},
    {"nvl-gb200", "GB200", 0, 189471, 2062, 1200, 90, 95, 5, 18, 0, 0, 400, 2, 144, 3100, 960},
    {"pcie-t4", "T4", 0, 15360, 1590, 70, 93, {}, 3, 0, 0, 0, 25, 1, 32, 2500, 192},
    {"pcie-rtx4090", "RTX 4090", 0, 24564, 3105, 450, 93, {}, 4, 0, 0, 0, 25, 1, 24, 3000, 128},
};

// Bus of the root port, of the GPU and of the adapter below it.
struct Buses {
  std::string_view root_port, gpu, nic;
};
constexpr Buses kEight[] = {{"18", "19", "1a"}, {"3a", "3b", "3c"}, {"4b", "4c", "4d"},
                            {"5c", "5d", "5e"}, {"9a", "9b", "9c"}, {"ba", "bb", "bc"},
                            {"ca", "cb", "cc"}, {"da", "db", "dc"}};
constexpr int kOfFour[] = {0, 1, 4, 5};
constexpr int kOfTwo[] = {0, 4};

// Machines built around the GPUs have an adapter for each; servers with cards have one or two.
int NicsOf(const Profile& profile) {
  if (!profile.family.starts_with("pcie-")) return profile.gpus;
  return profile.gpus > 2 ? 2 : 1;
}

}  // namespace

std::optional<Profile> FindProfile(std::string_view name) {
  const std::size_t dash = name.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto count = ParseNumber<int>(name.substr(dash + 1));
  if (!count || *count < 1 || *count > kMostGpus) return std::nullopt;
  for (const Profile& family : kFamilies) {
    if (family.family != name.substr(0, dash)) continue;
    Profile profile = family;
    profile.gpus = *count;
    profile.nics = NicsOf(profile);
    if (profile.gpus == 1) profile.numa_nodes = 1;
    return profile;
  }
  return std::nullopt;
}

std::string ProfileNames() {
  std::string text;
  for (const Profile& family : kFamilies) {
    text += (text.empty() ? "" : ", ") + std::string(family.family) + "-N";
  }
  return text + " (N: 1 to 16 GPUs)";
}

Slot SlotOf(const Profile& profile, int gpu) {
  const int place = gpu % 8;
  const Buses& buses = profile.gpus <= 2   ? kEight[kOfTwo[place]]
                       : profile.gpus <= 4 ? kEight[kOfFour[place]]
                                           : kEight[place];
  const std::string domain = gpu < 8 ? "0000:" : "0001:";
  return {.gpu = domain + std::string(buses.gpu) + ":00.0",
          .nic = domain + std::string(buses.nic) + ":00.0",
          .root_port = domain + std::string(buses.root_port) + ":01.0"};
}

}  // namespace gpud::scenario
