// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/builtin_modules.h"

#include <algorithm>

#include "platform/text.h"

namespace gpud::procfs {

bool BuiltinModules::Has(std::string_view name) const {
  return std::binary_search(names.begin(), names.end(), name, std::less<>());
}

BuiltinModules ParseBuiltinModules(std::string_view text) {
  BuiltinModules modules;
  for (std::string_view line; NextLine(text, line);) {  // kernel/drivers/net/virtio-net.ko
    line = line.substr(line.rfind('/') + 1);
    line = line.substr(0, line.find('.'));
    if (line.empty()) continue;
    std::replace_copy(line.begin(), line.end(), std::back_inserter(modules.names.emplace_back()),
                      '-', '_');
  }
  std::sort(modules.names.begin(), modules.names.end());
  return modules;
}

constinit const SourceType kBuiltinModules{
    .name = "procfs/builtin-modules",
    .snapshot = &kSnapshot<BuiltinModules>,
    .read =
        [](const Host& host, Inputs& into) {
          into.Put<BuiltinModules>(
              host.root.Read("/proc/sys/kernel/osrelease").and_then([&](const std::string& text) {
                return host.root
                    .Read("/lib/modules/" + std::string(Trim(text)) + "/modules.builtin")
                    .map(ParseBuiltinModules);
              }));
        },
};

}  // namespace gpud::procfs
