// SPDX-License-Identifier: Apache-2.0
// Library: would programs find the libraries of the GPU driver that is loaded?
#include "components/component.h"
#include "components/findings.h"
#include "model/json_codec.h"
#include "sources/host/libraries.h"
#include "sources/procfs/modules.h"

namespace gpud::library {
namespace {

constexpr std::string_view kTags[] = {"library"};
constexpr const SourceType* kNeeds[] = {&host::kLibraries, &procfs::kModules};

struct Data {
  std::vector<std::string> resolved_libraries;
  static constexpr auto Fields() {
    return std::tuple{Field{"resolved_libraries", &Data::resolved_libraries}};
  }
};

/// Only the driver's own kernel module says that its libraries ought to be here: a GPU on the bus
/// may be given to a virtual machine.
Support Supported(const Inputs& in) {
  const auto& modules = in.Latest<procfs::Modules>();
  if (modules && modules->Has("nvidia")) return {};
  return {.supported = false, .reason = "module nvidia not loaded"};
}

Report Check(const Inputs& in) {
  const auto& libraries = in.Latest<host::Libraries>();
  if (const Support support = Supported(in); !support.supported) {
    return {.states = {{.name = "library", .reason = support.reason}}};
  }
  if (!libraries) return Unreadable("library", libraries.error());
  Data data;
  std::string missing;
  for (const auto& [name, path] : libraries->nvidia) {
    if (path.empty()) {
      missing += (missing.empty() ? "" : ", ") + name;
    } else {
      data.resolved_libraries.push_back(path);
    }
  }
  Findings findings;
  if (!missing.empty()) {
    findings.Add(Health::kUnhealthy, "libraries of the driver are not to be found: " + missing);
  }
  Report report{.states = {findings.ToState("library", "all libraries of the driver are there")}};
  report.states.front().extra_info["data"] = ToJson(data);
  return report;
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "library",
    .tags = kTags,
    .needs = kNeeds,
    .supported = Supported,
    .check = Check,
};

}  // namespace gpud::library
