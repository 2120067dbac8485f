// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/net_file.h"

namespace gpud::procfs {

Result<std::string> ReadNetFile(const Root& root, std::string_view name) {
  if (root.path() != "/") {
    if (auto text = root.Read("/proc/1/net/" + std::string(name))) return text;
  }
  return root.Read("/proc/net/" + std::string(name));
}

}  // namespace gpud::procfs
