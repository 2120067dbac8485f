// SPDX-License-Identifier: Apache-2.0
// The four sources of NVIDIA's GPUs.
#include "sources/nvml/activity.h"
#include "sources/nvml/devices.h"
#include "sources/nvml/errors.h"
#include "sources/nvml/processes.h"

namespace gpud::nvml {
namespace {

constexpr std::chrono::milliseconds kDeadline{3000};

template <class T>
void Read(const Host&, Inputs& into) {
  into.Put<T>(Fail(ErrorCode::kUnsupported, "NVML: no library"));
}

}  // namespace

constinit const SourceType kDevices{.name = "nvml/devices",
                                    .lane = Lane::kGpu,
                                    .deadline = kDeadline,
                                    .snapshot = &kSnapshot<Devices>,
                                    .read = Read<Devices>};
constinit const SourceType kActivity{.name = "nvml/activity",
                                     .lane = Lane::kGpu,
                                     .deadline = kDeadline,
                                     .snapshot = &kSnapshot<Activity>,
                                     .read = Read<Activity>};
constinit const SourceType kErrors{.name = "nvml/errors",
                                   .lane = Lane::kGpu,
                                   .deadline = kDeadline,
                                   .snapshot = &kSnapshot<Errors>,
                                   .read = Read<Errors>};
constinit const SourceType kProcesses{.name = "nvml/processes",
                                      .lane = Lane::kGpu,
                                      .deadline = kDeadline,
                                      .snapshot = &kSnapshot<Processes>,
                                      .read = Read<Processes>};

}  // namespace gpud::nvml
