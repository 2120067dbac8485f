// SPDX-License-Identifier: Apache-2.0
// The command line: `gpud COMMAND ...`.
#pragma once

#include <span>

#include "components/component.h"

namespace gpud::cli {

/// What the process is to return. `components`: the registry (tests add components of their own).
int Main(int argc, char** argv, std::span<const ComponentType* const> components);

}  // namespace gpud::cli
