// SPDX-License-Identifier: Apache-2.0
// The four sources of NVIDIA's GPUs, which share one session of the driver.
#include "sources/nvml/reader.h"

namespace gpud::nvml {
namespace {

// Nothing asked of a working driver takes a second; a hung one is to be reported within ten.
constexpr std::chrono::milliseconds kDeadline{3000};

template <class T, Result<T> (Reader::*kTake)(const Host&)>
void Read(const Host& host, Inputs& into) {
  Kept only_reading;
  Kept& kept = host.kept ? *host.kept : only_reading;
  into.Put<T>((kept.Of<Reader>().*kTake)(host));
}

}  // namespace

constinit const SourceType kDevices{.name = "nvml/devices",
                                    .lane = Lane::kGpu,
                                    .deadline = kDeadline,
                                    .snapshot = &kSnapshot<Devices>,
                                    .read = Read<Devices, &Reader::TakeDevices>};
constinit const SourceType kActivity{.name = "nvml/activity",
                                     .lane = Lane::kGpu,
                                     .deadline = kDeadline,
                                     .snapshot = &kSnapshot<Activity>,
                                     .read = Read<Activity, &Reader::TakeActivity>};
constinit const SourceType kErrors{.name = "nvml/errors",
                                   .lane = Lane::kGpu,
                                   .deadline = kDeadline,
                                   .snapshot = &kSnapshot<Errors>,
                                   .read = Read<Errors, &Reader::TakeErrors>};
constinit const SourceType kProcesses{.name = "nvml/processes",
                                      .lane = Lane::kGpu,
                                      .deadline = kDeadline,
                                      .snapshot = &kSnapshot<Processes>,
                                      .read = Read<Processes, &Reader::TakeProcesses>};

}  // namespace gpud::nvml
