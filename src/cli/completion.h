// SPDX-License-Identifier: Apache-2.0
// Scripts that let shells complete `gpud`, made from the commands' tables.
#pragma once

#include <span>
#include <string>

#include "components/component.h"

namespace gpud::cli {

std::string BashCompletion(std::span<const ComponentType* const> components);
std::string ZshCompletion(std::span<const ComponentType* const> components);
std::string FishCompletion(std::span<const ComponentType* const> components);

}  // namespace gpud::cli
