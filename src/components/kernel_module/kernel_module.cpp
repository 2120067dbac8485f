// SPDX-License-Identifier: Apache-2.0
// Kernel modules: are those there that this machine must have?
#include <algorithm>

#include "components/component.h"
#include "components/findings.h"
#include "components/kernel_module/settings.h"
#include "model/json_codec.h"
#include "sources/procfs/builtin_modules.h"
#include "sources/procfs/modules.h"

namespace gpud::kernel_module {
namespace {

constexpr std::string_view kTags[] = {"kernel-module"};
constexpr const SourceType* kNeeds[] = {&procfs::kModules, &procfs::kBuiltinModules};
constexpr MetricType kMetrics[] = {
    {"kernel_module_loaded", "modules that are loaded"},
    {"kernel_module_missing", "modules that are required and not there"},
};

struct Data {
  std::vector<std::string> loaded_modules, required_modules, missing_modules;
  static constexpr auto Fields() {
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"loaded_modules", &Data::loaded_modules},
                      Field{"required_modules", &Data::required_modules, kOmit},
                      Field{"missing_modules", &Data::missing_modules, kOmit}};
  }
};

/// As the kernel writes them; nothing is required unless a person says so.
std::vector<std::string> Required(const Inputs& in) {
  const auto& settings = in.Latest<Settings>();
  std::vector<std::string> names = settings ? settings->required : std::vector<std::string>{};
  for (std::string& name : names) std::replace(name.begin(), name.end(), '-', '_');
  return names;
}

bool IsThere(const Inputs& in, const std::string& name) {
  const auto& loaded = in.Latest<procfs::Modules>();
  const auto& builtin = in.Latest<procfs::BuiltinModules>();
  return (loaded && loaded->Has(name)) || (builtin && builtin->Has(name));
}

Support Supported(const Inputs& in) {
  const auto& loaded = in.Latest<procfs::Modules>();
  if (loaded || !AbsentByDesign(loaded.error()) || !Required(in).empty()) return {};
  return {.supported = false, .reason = loaded.error().what};
}

Report Check(const Inputs& in) {
  const auto& loaded = in.Latest<procfs::Modules>();
  if (!loaded && !AbsentByDesign(loaded.error())) {
    return Unreadable("kernel-module", loaded.error());
  }
  Data data{.required_modules = Required(in)};
  if (loaded) data.loaded_modules = loaded->names;
  std::string missing;
  for (const std::string& name : data.required_modules) {
    if (IsThere(in, name)) continue;
    data.missing_modules.push_back(name);
    missing += (missing.empty() ? "" : ", ") + name;
  }
  // A module that is part of the kernel cannot be told from a missing one without its list.
  const auto& builtin = in.Latest<procfs::BuiltinModules>();
  if (!missing.empty() && !builtin && !AbsentByDesign(builtin.error())) {
    return Unreadable("kernel-module", builtin.error());
  }
  Findings findings;
  if (!missing.empty()) {
    findings.Add(Health::kUnhealthy, "required kernel modules are not there: " + missing);
  }
  Report report{
      .states = {findings.ToState("kernel-module", data.required_modules.empty()
                                                       ? "no kernel module is required"
                                                       : "all required kernel modules are there")}};
  report.samples = {
      {.metric = "kernel_module_loaded", .value = static_cast<double>(data.loaded_modules.size())},
      {.metric = "kernel_module_missing",
       .value = static_cast<double>(data.missing_modules.size())}};
  report.states.front().extra_info["data"] = ToJson(data);
  return report;
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "kernel-module",
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .supported = Supported,
    .check = Check,
};

}  // namespace gpud::kernel_module
