// SPDX-License-Identifier: Apache-2.0
// Files of plugins to begin with: a sample, a commented one, and the JSON Schema of all.
#pragma once

#include <string>
#include <string_view>

namespace gpud::plugins {

/// What `gpud custom-plugins` looks through when it is given no file.
std::string_view Sample();
/// One plugin of this name, with comments.
std::string NewFile(std::string_view name);
/// Draft 2020-12, with an end of line.
std::string_view SchemaJson();

}  // namespace gpud::plugins
