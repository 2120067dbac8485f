// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/modules.h"

#include "platform/text.h"

namespace gpud::procfs {

Result<Modules> ParseModules(std::string_view text) {
  Modules modules;
  for (std::string_view line; NextLine(text, line);) {
    const std::string_view name = line.substr(0, line.find(' '));
    if (name.empty()) continue;
    modules.names.emplace_back(name);
    // "nvidia 56717312 3 nvidia_uvm, Live 0x0000000000000000 (POE)"
    const std::size_t marks = line.rfind('(');
    if (marks != std::string_view::npos && line.find('O', marks) != std::string_view::npos) {
      modules.out_of_tree.emplace_back(name);
    }
  }
  return modules;
}

constinit const SourceType kModules{
    .name = "procfs/modules",
    .snapshot = &kSnapshot<Modules>,
    .read =
        [](const Host& host, Inputs& into) {
          auto modules = host.root.Read("/proc/modules").and_then(ParseModules);
          if (!modules && modules.error().code == ErrorCode::kNotFound) {
            into.Put<Modules>(Fail(ErrorCode::kUnsupported,
                                   "/proc/modules: this kernel has no loadable modules"));
          } else {
            into.Put<Modules>(std::move(modules));
          }
        },
};

}  // namespace gpud::procfs
