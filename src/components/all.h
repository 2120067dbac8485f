// SPDX-License-Identifier: Apache-2.0
// The registry, made by CMake from src/components/CMakeLists.txt.
#pragma once

#include <span>

#include "components/component.h"

namespace gpud {

std::span<const ComponentType* const> AllComponents();

}  // namespace gpud
