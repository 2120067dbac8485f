// SPDX-License-Identifier: Apache-2.0
#include "components/os/kernel_facts.h"

#include "components/findings.h"
#include "platform/text.h"
#include "sources/host/time_sync.h"
#include "sources/procfs/kernel_state.h"
#include "sources/procfs/modules.h"

namespace gpud::os {
namespace {

void Add(Report& report, const char* metric, double value) {
  report.samples.push_back({.metric = metric, .value = value});
}

void TellTime(const Inputs& in, Report& report, KernelData& data) {
  const auto& time = in.Latest<host::TimeSync>();
  AddUnreadable(report, "os/time", time);
  if (!time) {
    data.time_error = time.error().what;
    return;
  }
  Add(report, "os_time_synchronised", time->synchronised ? 1 : 0);
  Add(report, "os_time_offset_seconds", time->offset_seconds);
  Add(report, "os_time_error_seconds", time->error_seconds);
  data.time = TimeData{.synchronised = time->synchronised,
                       .offset_seconds = NumberText(time->offset_seconds),
                       .error_seconds = NumberText(time->error_seconds)};
}

void TellMarks(const Inputs& in, Report& report, KernelData& data) {
  const auto& state = in.Latest<procfs::KernelState>();
  AddUnreadable(report, "os/kernel-state", state);
  if (!state) return;
  data.cgroup_version = state->cgroup_version;
  AddUnreadable(report, "os/taint", state->taint);
  if (state->taint) {
    Add(report, "os_kernel_taint", static_cast<double>(*state->taint));
    data.taint = procfs::TaintWords(*state->taint);
  }
  AddUnreadable(report, "os/entropy", state->entropy_bits);
  if (state->entropy_bits) {
    Add(report, "os_entropy_bits", static_cast<double>(*state->entropy_bits));
  }
}

}  // namespace

KernelData TellKernel(const Inputs& in, Report& report) {
  KernelData data;
  TellTime(in, report, data);
  TellMarks(in, report, data);
  if (const auto& modules = in.Latest<procfs::Modules>()) {
    data.out_of_tree_modules = modules->out_of_tree;
  }
  return data;
}

}  // namespace gpud::os
