// SPDX-License-Identifier: Apache-2.0
// For tests: eight healthy H100 under load, as NVML's snapshots tell them.
#pragma once

#include <string>

#include "components/component.h"
#include "sources/nvml/activity.h"
#include "sources/nvml/devices.h"
#include "sources/nvml/errors.h"
#include "sources/nvml/processes.h"

namespace gpud::nvidia {

inline constexpr std::size_t kGpus = 8;
inline std::string BusId(std::size_t i) { return "0000:" + std::to_string(10 + i) + ":00.0"; }
inline std::string Uuid(std::size_t i) { return "GPU-" + std::to_string(i); }

inline const Error kLost{ErrorCode::kDeviceLost, "nvml: GPU is lost", nvml::kGpuIsLost};
inline const Error kWantsReset{ErrorCode::kDeviceLost, "nvml: reset required",
                               nvml::kResetRequired};
inline const Error kNone{ErrorCode::kUnsupported, "nvml: not supported", 3};

/// "Degraded: why", of a report's first state.
inline std::string Told(const Report& report) {
  const HealthState& state = report.states.at(0);
  return std::string(Word(*state.health)) + ": " + state.reason;
}
inline const std::string kGpu1 = "GPU 1 (0000:11:00.0, GPU-1) ";

/// What nothing has read fails with `error`; by default it is not to be had on this board.
template <class S>
void LacksTheRest(S& snapshot, const Error& error = kNone) {
  ForEachField<S>([&](const auto& field) {
    auto& reading = snapshot.*field.member;
    if constexpr (requires { reading.error(); }) {
      if (!reading && reading.error().code == ErrorCode::kInternal) {
        reading = tl::unexpected<Error>(error);
      }
    }
  });
}

/// Change a snapshot's member, then ask Put or Check.
class GpuRig {
 public:
  GpuRig() {
    for (std::size_t i = 0; i < kGpus; ++i) {
      devices.devices.push_back(MakeDevice(i));
      activity.gpus.push_back(MakeActivity(i));
      errors.gpus.push_back(MakeErrors(i));
      processes.gpus.push_back({.index = static_cast<std::uint32_t>(i),
                                .uuid = Uuid(i),
                                .bus_id = BusId(i),
                                .processes = std::vector<nvml::GpuProcess>{
                                    {.pid = 4711, .kind = "compute", .memory_bytes = 1 << 30}}});
    }
    devices.confidential_compute = false;
    for (nvml::Session* session :
         {&devices.session, &activity.session, &errors.session, &processes.session}) {
      *session = {.driver_version = "575.57.08", .cuda_version = "12.9"};
    }
  }

  /// Puts all snapshots as read `seconds` after those before.
  Inputs& Put(int seconds = 60) {
    now_ += std::chrono::seconds(seconds);
    in.SetNow(BootTime(now_), WallTime(std::chrono::seconds(1'772'352'000) + now_));
    in.Put<nvml::Devices>(devices);
    in.Put<nvml::Activity>(activity);
    in.Put<nvml::Errors>(errors);
    in.Put<nvml::Processes>(processes);
    return in;
  }
  /// After two readings alike.
  Report Check(const ComponentType& type) {
    Put();
    return type.check(Put());
  }
  /// All four fail with `error`.
  Inputs& Fail(const Error& error) {
    in.Put<nvml::Devices>(tl::unexpected<Error>(error));
    in.Put<nvml::Activity>(tl::unexpected<Error>(error));
    in.Put<nvml::Errors>(tl::unexpected<Error>(error));
    in.Put<nvml::Processes>(tl::unexpected<Error>(error));
    return in;
  }
  /// A GPU that answers nothing but `error`, beside seven that are well.
  void Break(std::size_t i, const Error& error) {
    const tl::unexpected<Error> bad(error);
    nvml::Device device{.index = static_cast<std::uint32_t>(i), .uuid = Uuid(i)};
    device.bus_id = BusId(i);
    LacksTheRest(device, error);
    devices.devices[i] = device;
    nvml::GpuActivity& gpu = activity.gpus[i];
    gpu.graphics_clock_mhz = gpu.memory_clock_mhz = gpu.power_mw = bad;
    gpu.gpu_percent = bad;
    gpu.memory_total_bytes = bad;
    gpu.celsius = bad;
    gpu.clock_reasons = bad;
    gpu.pcie_gen = bad;
    gpu.gpm = bad;
    errors.gpus[i].ecc_volatile = bad;
    errors.gpus[i].links = bad;
    processes.gpus[i].processes = bad;
  }
  void Hear(std::vector<Event> newest_first) { in.SetHistory(std::move(newest_first), {}, {}); }

  nvml::Devices devices;
  nvml::Activity activity;
  nvml::Errors errors;
  nvml::Processes processes;
  Inputs in;

 private:
  static nvml::Device MakeDevice(std::size_t i) {
    nvml::Device d{.index = static_cast<std::uint32_t>(i), .uuid = Uuid(i)};
    d.bus_id = BusId(i);
    d.answers = true;
    d.name = std::string("NVIDIA H100 80GB HBM3");
    d.brand = std::string("NVIDIA");
    d.gsp_version = std::string("575.57.08");
    d.gsp_enabled = true;
    d.numa_node = i < 4 ? 0 : 1;
    d.sm_clock_max_mhz = 1980;
    d.power_limit_default_mw = 700'000;
    d.shutdown_celsius = 92;
    d.slowdown_celsius = 89;
    d.memory_max_celsius = 95;
    d.gpu_max_celsius = 87;
    d.pcie_gen_max = 5;
    d.pcie_width_max = 16;
    d.persistence = d.ecc = d.ecc_pending = d.ecc_default = true;
    d.mig = d.mig_pending = false;
    d.display_active = false;
    d.remapped_rows = nvml::RemappedRows{};
    d.fabric = nvml::Fabric{.state = 3, .health_mask = 0xaa, .health_summary = 1};
    return d;
  }
  static nvml::GpuActivity MakeActivity(std::size_t i) {
    nvml::GpuActivity a{.index = static_cast<std::uint32_t>(i), .uuid = Uuid(i)};
    a.bus_id = BusId(i);
    a.gpu_percent = 98;
    a.memory_percent = 40;
    a.memory_total_bytes = 80ull << 30;
    a.memory_used_bytes = 60ull << 30;
    a.memory_free_bytes = 19ull << 30;
    a.memory_reserved_bytes = 1ull << 30;
    a.graphics_clock_mhz = a.sm_clock_mhz = 1980;
    a.memory_clock_mhz = 2619;
    a.clock_reasons = std::uint64_t{0};
    a.throttle.hw_thermal_ns = a.throttle.power_brake_ns = std::uint64_t{0};
    a.power_mw = 650'000;
    a.power_limit_mw = a.power_limit_enforced_mw = 700'000;
    a.celsius = 60;
    a.memory_celsius = 70;
    a.margin_celsius = 27;
    a.pcie_gen = 5;
    a.pcie_width = 16;
    a.pcie_replays = std::uint64_t{0};
    nvml::Gpm gpm{.seconds = 5};
    gpm.sm_active = 90;
    gpm.tensor = 55;
    LacksTheRest(gpm);
    a.gpm = gpm;
    LacksTheRest(a);
    return a;
  }
  static nvml::GpuErrors MakeErrors(std::size_t i) {
    nvml::GpuErrors e{.index = static_cast<std::uint32_t>(i), .uuid = Uuid(i)};
    e.bus_id = BusId(i);
    const nvml::EccCount none{
        .location = "total", .corrected = std::uint64_t{0}, .uncorrected = std::uint64_t{0}};
    e.ecc_volatile = e.ecc_aggregate = std::vector<nvml::EccCount>{none};
    e.sram_threshold_exceeded = false;
    std::vector<nvml::Link> links;
    for (std::uint32_t link = 0; link < 18; ++link) {
      links.push_back({.index = link,
                       .active = true,
                       .remote_type = std::string("switch"),
                       .replays = std::uint64_t{0},
                       .recoveries = std::uint64_t{0},
                       .crc_flit = std::uint64_t{0}});
    }
    e.links = links;
    return e;
  }

  std::chrono::seconds now_{100'000};
};

}  // namespace gpud::nvidia
