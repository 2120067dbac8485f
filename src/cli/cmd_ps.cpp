// SPDX-License-Identifier: Apache-2.0
// gpud ps: who uses the GPUs.
#include <ostream>

#include "cli/api.h"
#include "cli/gpu_process_view.h"
#include "cli/output.h"

namespace gpud::cli {
namespace {

constexpr Flag kFlags[] = {
    {.name = "gpu",
     .value = "GPU",
     .help = "only of this one: its number, UUID (also of a MIG part) or PCI address"},
    {.name = "sort",
     .value = "ORDER",
     .help = "gpu, pid, user, memory, growth, sm or started (default: gpu)",
     .choices = kProcessOrders},
};

int Ps(Context& context, const Arguments& arguments) {
  auto processes = Api(context, arguments)
                       .Get<gpu::Processes>("/v1/gpu/processes", {{"gpu", arguments.Text("gpu")}});
  if (!processes) return Failure(context, arguments, processes.error());
  SortProcesses(arguments.Text("sort", "gpu"), processes->processes);
  if (const Format format = FormatOf(arguments); format != Format::kTable) {
    context.out << Rendered(JsonOf(*processes), format);
  } else {
    context.out << GpuProcessText(*processes, SystemClock().Wall(), context.out_terminal);
  }
  return 0;
}

}  // namespace

extern constinit const Command kPs{
    .name = "ps",
    .group = Group::kLook,
    .summary = "who uses the GPUs: process, user, pod or job, memory",
    .about =
        "GROWTH is how fast a process's memory on the GPU grows, over the last minutes\n"
        "to hours. Secrets in command lines are masked as far as they can be told.",
    .examples =
        "gpud ps\n"
        "gpud ps --gpu 3 --sort growth\n"
        "gpud ps -o json | jq -r '.processes[] | [.gpu, .pid, .user] | @tsv'",
    .flags = [] { return AllOf(kFlags, kOutputFlags, kConnectionFlags); },
    .run = Ps,
};

}  // namespace gpud::cli
