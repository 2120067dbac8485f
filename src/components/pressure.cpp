// SPDX-License-Identifier: Apache-2.0
#include "components/pressure.h"

#include "components/findings.h"

namespace gpud {

void AddPressure(Report& report, const Inputs& in, std::string_view prefix, PressureOf resource) {
  const std::string state = std::string(prefix) + "/psi";
  const auto& all = in.Latest<procfs::Pressures>();
  AddUnreadable(report, state, all);
  if (!all) return;
  const Result<procfs::Pressure>& one = (*all).*resource;
  AddUnreadable(report, state, one);
  if (!one) return;
  const auto add = [&](const char* stall, const procfs::Stall& value) {
    report.samples.push_back({.metric = std::string(prefix) + "_pressure_percent",
                              .labels = {{"stall", stall}},
                              .value = value.avg10_percent});
    report.samples.push_back({.metric = std::string(prefix) + "_pressure_seconds_total",
                              .labels = {{"stall", stall}},
                              .value = static_cast<double>(value.total_microseconds) / 1e6});
  };
  add("some", one->some);
  if (one->full) add("full", *one->full);
}

}  // namespace gpud
