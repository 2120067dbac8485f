// SPDX-License-Identifier: Apache-2.0
// Which components run: the meaning of `--components`.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace gpud::daemon {

struct Selection {
  std::vector<std::string> selected;  ///< in the order of the names given
  std::vector<std::string> unknown;   ///< entries of the list that are no name
};

/// An entry is a name, `-name` to leave one out (which wins, wherever it stands), `*` or `all` for
/// every component, or `none`. An empty list, and one of exclusions alone, start from all. Blanks
/// around an entry do not count.
Selection SelectComponents(std::span<const std::string> list, std::span<const std::string> names);

}  // namespace gpud::daemon
