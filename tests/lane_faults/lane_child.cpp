// SPDX-License-Identifier: Apache-2.0
// `gpud lane NAME --root ROOT` with the faulty sources and nothing else, for src/lanes' own tests.
#include "faults.h"
#include "lanes/lanes.h"

int main(int argc, char** argv) {
  if (argc != 5) return 1;
  return gpud::lanes::LaneMain(gpud::faults::Sources(), argv[2], argv[4]);
}
