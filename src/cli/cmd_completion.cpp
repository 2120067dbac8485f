// SPDX-License-Identifier: Apache-2.0
// gpud completion: scripts for shells.
#include <ostream>

#include "cli/completion.h"
#include "cli/output.h"

namespace gpud::cli {
namespace {

int Completion(Context& context, const Arguments& arguments) {
  const std::string shell = arguments.names().empty() ? "" : arguments.names().front();
  if (shell == "bash") {
    context.out << BashCompletion(context.components);
  } else if (shell == "zsh") {
    context.out << ZshCompletion(context.components);
  } else if (shell == "fish") {
    context.out << FishCompletion(context.components);
  } else {
    return Failure(context, arguments, "invalid_argument", "which shell? bash, zsh or fish");
  }
  return 0;
}

}  // namespace

extern constinit const Command kCompletion{
    .name = "completion",
    .group = Group::kMore,
    .summary = "a script that completes gpud's words in your shell",
    .usage = "bash|zsh|fish",
    .examples =
        "source <(gpud completion bash)\n"
        "gpud completion zsh > \"${fpath[1]}/_gpud\"\n"
        "gpud completion fish > ~/.config/fish/completions/gpud.fish",
    .most_names = 1,
    .words = "bash,zsh,fish",
    .run = Completion,
};

}  // namespace gpud::cli
