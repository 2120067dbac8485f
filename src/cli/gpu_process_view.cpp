// SPDX-License-Identifier: Apache-2.0
#include "cli/gpu_process_view.h"

#include <algorithm>
#include <cmath>

#include "cli/table.h"
#include "platform/text.h"
#include "platform/time_text.h"

namespace gpud::cli {
namespace {

using gpu::Process;

constexpr std::string_view kUnknown = "-";
constexpr std::size_t kShortId = 12;  // characters of a container's id that people tell apart

bool HasSeveralVendors(const gpu::Processes& all) {
  return std::any_of(all.gpus.begin(), all.gpus.end(),
                     [&](const gpu::Gpu& gpu) { return gpu.vendor != all.gpus.front().vendor; });
}

std::string GpuText(const gpu::Gpu& gpu, bool with_vendor) {
  const std::string number = gpu.gpu ? std::to_string(*gpu.gpu) : gpu.bus_id;
  return with_vendor ? std::string(Word(gpu.vendor)) + ' ' + number : number;
}

std::string MigText(const std::optional<gpu::MigPart>& mig) {
  if (!mig) return std::string(kUnknown);
  return std::to_string(mig->gpu_instance) + '/' + std::to_string(mig->compute_instance);
}

std::string GrowthText(const std::optional<double>& mib_per_hour) {
  if (!mib_per_hour) return std::string(kUnknown);
  const auto mib = std::llround(*mib_per_hour);
  return (mib > 0 ? "+" : "") + std::to_string(mib) + " MiB/h";
}

std::string UserText(const Process& process) {
  if (!process.user.empty()) return process.user;
  return process.uid ? std::to_string(*process.uid) : std::string(kUnknown);
}

std::string WorkloadText(const Process& process) {
  if (const auto& pod = process.pod) {
    if (pod->name.empty()) return "pod " + pod->uid;
    const std::string name = pod->name_space + '/' + pod->name;
    return pod->container.empty() ? name : name + '/' + pod->container;
  }
  if (const auto& slurm = process.slurm) {
    return "slurm " + slurm->job + (slurm->step.empty() ? "" : '.' + slurm->step);
  }
  if (const auto& container = process.container) {
    const std::string& runtime = container->runtime;
    return (runtime.empty() ? "container" : runtime) + ' ' + container->id.substr(0, kShortId);
  }
  return process.unit.empty() ? std::string(kUnknown) : process.unit;
}

Cell CommandCell(const Process& process) {
  if (!process.command.empty()) return process.command;
  if (!process.name.empty()) return '[' + process.name + ']';
  return {process.problem, Colour::kDim};
}

std::string PlaceText(const gpu::Processes& all, const gpu::Problem& problem) {
  for (const gpu::Gpu& gpu : all.gpus) {
    if (gpu.bus_id == problem.bus_id) return "GPU " + GpuText(gpu, HasSeveralVendors(all));
  }
  if (!problem.bus_id.empty()) return "GPU " + problem.bus_id;
  return problem.vendor ? "the GPUs of " + std::string(Word(*problem.vendor)) : "the GPUs";
}

/// What is shown of a GPU with a problem was read before the rest.
std::string AgeOf(const gpu::Processes& all, const gpu::Problem& problem, WallTime now) {
  for (const Process& process : all.processes) {
    const bool concerned = (!problem.vendor || problem.vendor == process.vendor) &&
                           (problem.bus_id.empty() || problem.bus_id == process.bus_id);
    if (concerned) return "; shown as of " + AgeText(now - process.time) + " ago";
  }
  return {};
}

}  // namespace

void SortProcesses(std::string_view order, std::vector<Process>& processes) {
  const auto by = [&](auto before) {
    std::stable_sort(processes.begin(), processes.end(), before);
  };
  if (order == "pid") by([](const auto& a, const auto& b) { return a.pid < b.pid; });
  if (order == "user") by([](const auto& a, const auto& b) { return UserText(a) < UserText(b); });
  if (order == "memory")
    by([](const auto& a, const auto& b) { return a.memory_bytes > b.memory_bytes; });
  if (order == "growth")
    by([](const auto& a, const auto& b) { return a.growth_mib_per_hour > b.growth_mib_per_hour; });
  if (order == "sm") by([](const auto& a, const auto& b) { return a.sm_percent > b.sm_percent; });
  if (order == "started")
    by([](const auto& a, const auto& b) { return a.start_time > b.start_time; });
}

std::string GpuProcessText(const gpu::Processes& all, WallTime now, const Terminal& terminal) {
  const bool vendors = HasSeveralVendors(all);
  const bool parts = std::any_of(all.processes.begin(), all.processes.end(),
                                 [](const Process& p) { return p.mig.has_value(); });
  std::vector<std::string> titles = {"GPU"};
  if (parts) titles.emplace_back("MIG");
  for (const char* title :
       {"PID", "USER", "TYPE", "MEM", "GROWTH", "SM%", "STARTED", "WORKLOAD", "COMMAND"}) {
    titles.emplace_back(title);
  }
  Table table(std::move(titles));
  for (const Process& process : all.processes) {
    std::vector<Cell> row = {GpuText(process, vendors)};
    if (parts) row.emplace_back(MigText(process.mig));
    row.emplace_back(std::to_string(process.pid));
    row.emplace_back(UserText(process));
    row.emplace_back(process.kind.empty() ? std::string(kUnknown) : process.kind);
    row.emplace_back(process.memory_bytes ? BytesText(*process.memory_bytes)
                                          : std::string(kUnknown));
    row.emplace_back(GrowthText(process.growth_mib_per_hour));
    row.emplace_back(process.sm_percent ? std::to_string(std::llround(*process.sm_percent))
                                        : std::string(kUnknown));
    row.emplace_back(process.start_time == WallTime{} ? std::string(kUnknown)
                                                      : AgeText(now - process.start_time) + " ago");
    row.emplace_back(WorkloadText(process));
    row.push_back(CommandCell(process));
    table.Add(std::move(row));
  }
  std::string text;
  if (!table.empty()) {
    text += table.Text(terminal);
  } else if (!all.gpus.empty()) {
    text += "no process uses a GPU\n";
  } else if (all.problems.empty()) {
    text += "no GPU here\n";
  }
  if (all.left_out > 0) text += std::to_string(all.left_out) + " more are not shown\n";
  for (const gpu::Problem& problem : all.problems) {
    text += CrossMark(terminal) + ' ' + PlaceText(all, problem) + ": " + OneLine(problem.what) +
            AgeOf(all, problem, now) + '\n';
  }
  return text;
}

}  // namespace gpud::cli
