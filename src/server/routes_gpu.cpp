// SPDX-License-Identifier: Apache-2.0
// Who uses the GPUs.
#include <algorithm>

#include "model/json_codec.h"
#include "server/routes_parameters.h"
#include "server/routes_table.h"

namespace gpud::server {
namespace {

bool Is(const gpu::Gpu& gpu, std::string_view wanted) {
  return wanted == gpu.bus_id || (!gpu.uuid.empty() && wanted == gpu.uuid) ||
         (gpu.gpu && wanted == std::to_string(*gpu.gpu));
}

/// Of one GPU, or of one MIG part of one. Error: kNotFound.
Result<gpu::Processes> Selected(gpu::Processes all, std::string_view wanted) {
  const auto is = [wanted](const gpu::Gpu& gpu) { return Is(gpu, wanted); };
  const auto in_part = [wanted](const gpu::Process& process) {
    return process.mig && process.mig->uuid == wanted;
  };
  const bool known = std::any_of(all.gpus.begin(), all.gpus.end(), is) ||
                     std::any_of(all.processes.begin(), all.processes.end(), in_part);
  if (!known) {
    return Fail(ErrorCode::kNotFound,
                "no such GPU: " + std::string(wanted) + " (a number, UUID or PCI address)");
  }
  std::erase_if(all.processes,
                [&](const auto& process) { return !is(process) && !in_part(process); });
  std::erase_if(all.gpus, [&](const gpu::Gpu& gpu) {
    return !is(gpu) && std::none_of(all.processes.begin(), all.processes.end(),
                                    [&](const gpu::Process& p) { return p.bus_id == gpu.bus_id; });
  });
  return all;
}

}  // namespace

void route::GetGpuProcesses(Context& context, const Request& request, Reply reply) {
  const gpu::Processes& all = context.backend.GpuProcesses();
  const std::string_view wanted = request.Param("gpu");
  if (wanted.empty()) return reply(JsonAnswer(ToJson(all)));
  const auto selected = Selected(all, wanted);
  if (!selected) return reply(ErrorAnswer(selected.error()));
  reply(JsonAnswer(ToJson(*selected)));
}

}  // namespace gpud::server
