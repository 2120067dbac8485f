// SPDX-License-Identifier: Apache-2.0
// Who uses a GPU, and their shares of it.
#include <algorithm>

#include "sources/nvml/readings.h"

namespace gpud::nvml {
namespace {

using namespace nvml_abi;

constexpr unsigned kNoInstance = ~0U;
constexpr unsigned long long kNoMemory = ~0ULL;
constexpr std::size_t kMostRows = 4096;

struct Kind {
  Running Symbols::*function;
  std::string_view word;
};
constexpr Kind kKinds[] = {{&Symbols::compute_processes, "compute"},
                           {&Symbols::graphics_processes, "graphics"},
                           {&Symbols::mps_processes, "mps"}};

bool IsTooSmall(const Error& error) {
  return error.sys == static_cast<int>(NVML_ERROR_INSUFFICIENT_SIZE);
}

/// Calls with more and more room until all rows fit: call(count, rows).
template <class Row, class Call>
Result<std::vector<Row>> Rows(Call&& call) {
  std::vector<Row> rows(16);
  for (;;) {
    auto count = static_cast<unsigned>(rows.size());
    const Result<void> done = call(&count, rows.data());
    if (done) {
      rows.resize(std::min<std::size_t>(count, rows.size()));
      return rows;
    }
    if (!IsTooSmall(done.error()) || rows.size() >= kMostRows) {
      return tl::unexpected<Error>(done.error());
    }
    // Some more, as others may have come by the next call.
    rows.resize(std::clamp<std::size_t>(count + 8, rows.size() * 2, kMostRows));
  }
}

std::optional<std::uint32_t> Instance(unsigned id) {
  return id == kNoInstance ? std::nullopt : std::optional<std::uint32_t>(id);
}

GpuProcess ProcessOf(const nvmlProcessInfo_t& row, std::string_view kind) {
  GpuProcess process{.pid = row.pid, .kind = std::string(kind)};
  if (row.usedGpuMemory == kNoMemory) {
    process.memory_bytes = Fail(ErrorCode::kUnsupported, "not known to the driver");
  } else {
    process.memory_bytes = std::uint64_t{row.usedGpuMemory};
  }
  process.gpu_instance = Instance(row.gpuInstanceId);
  process.compute_instance = Instance(row.computeInstanceId);
  return process;
}

// The driver keeps several samples of each process: their mean.
void AddShares(Gpu& gpu, std::vector<GpuProcess>& processes) {
  using Sample = nvmlProcessUtilizationSample_t;
  const auto samples = Rows<Sample>([&](unsigned* count, Sample* rows) {
    return gpu.Call(gpu.symbols().process_utilization, rows, count, gpu.processes_seen);
  });
  const auto seen = gpu.processes_seen;
  if (samples) {
    for (const Sample& sample : *samples) {
      gpu.processes_seen = std::max(gpu.processes_seen, sample.timeStamp);
    }
  }
  struct Share {
    unsigned Sample::*from;
    Result<double> GpuProcess::*into;
  };
  constexpr Share kShares[] = {{&Sample::smUtil, &GpuProcess::sm_percent},
                               {&Sample::memUtil, &GpuProcess::memory_percent},
                               {&Sample::encUtil, &GpuProcess::encoder_percent},
                               {&Sample::decUtil, &GpuProcess::decoder_percent}};
  for (GpuProcess& process : processes) {
    for (const Share& share : kShares) {
      auto& percent = process.*share.into;
      if (!samples) {
        percent = tl::unexpected<Error>(samples.error());
        continue;
      }
      double sum = 0;
      unsigned count = 0;
      for (const Sample& sample : *samples) {
        if (sample.pid != process.pid || sample.timeStamp <= seen) continue;
        sum += sample.*share.from;
        ++count;
      }
      if (count > 0) {
        percent = sum / count;
      } else {
        percent = Fail(ErrorCode::kNotFound, "no sample");
      }
    }
  }
}

Result<std::vector<GpuProcess>> ReadGpu(Gpu& gpu) {
  std::vector<GpuProcess> processes;
  for (const Kind& kind : kKinds) {
    const auto rows = Rows<nvmlProcessInfo_t>([&](unsigned* count, nvmlProcessInfo_t* infos) {
      return gpu.Call(gpu.symbols().*kind.function, count, infos);
    });
    if (!rows) {
      // Without the first list nothing is known; a driver may lack the others.
      if (&kind == std::begin(kKinds)) return tl::unexpected<Error>(rows.error());
      if (rows.error().code == ErrorCode::kUnsupported) continue;
      return tl::unexpected<Error>(rows.error());
    }
    for (const nvmlProcessInfo_t& row : *rows) processes.push_back(ProcessOf(row, kind.word));
  }
  if (!processes.empty()) AddShares(gpu, processes);
  return processes;
}

}  // namespace

Processes ReadProcesses(Driver& driver, const Host&) {
  Processes processes{.session = driver.session};
  for (Gpu& gpu : driver.gpus) {
    processes.gpus.push_back(
        {.index = gpu.index, .uuid = gpu.uuid, .bus_id = gpu.bus_id, .processes = ReadGpu(gpu)});
  }
  return processes;
}

}  // namespace gpud::nvml
