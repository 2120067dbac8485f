// SPDX-License-Identifier: Apache-2.0
// gpud with components on faulty sources, for tests/e2e.
#include "cli/cli.h"
#include "components/all.h"
#include "faults.h"

int main(int argc, char** argv) {
  const auto real = gpud::AllComponents();
  std::vector<const gpud::ComponentType*> components(real.begin(), real.end());
  const auto faulty = gpud::faults::Components();
  components.insert(components.end(), faulty.begin(), faulty.end());
  return gpud::cli::Main(argc, argv, components);
}
