// SPDX-License-Identifier: Apache-2.0
// NVIDIA peermem: GPU memory that a network card reads and writes by itself.
#include "components/findings.h"
#include "components/line_table.h"
#include "components/vendor_support.h"
#include "platform/json.h"
#include "sources/nvidia/software.h"

namespace gpud::nvidia_peermem {
namespace {

constexpr std::string_view kName = "accelerator-nvidia-peermem";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", kName};
constexpr const SourceType* kNeeds[] = {&sysfs::kPci, &procfs::kModules, &nvidia::kSoftware};

// nv_get_p2p_free_callback in the nvidia-peermem module.
constexpr LineRule kRules[] = {
    {.needle = "detected invalid context",
     .form = "ERROR detected invalid context, skipping further processing",
     .code = "invalid_context",
     .action = Advice::kCheckUserApp,
     .event = "nvidia_peermem_invalid_context"},
};
constexpr auto kNeedles = NeedlesOf(kRules);

Report Check(const Inputs& in) {
  const auto& modules = in.Latest<procfs::Modules>();
  if (!modules && !AbsentByDesign(modules.error())) return Unreadable(kName, modules.error());
  const auto& software = in.Latest<nvidia::Software>();
  const bool in_use = software && software->peermem_in_use;
  // Systems that share GPU memory by DMA-BUF never load it.
  const bool loaded = modules && modules->Has("nvidia_peermem");
  HealthState state{.name = std::string(kName)};
  state.reason = in_use ? "ib_core uses module nvidia_peermem"
                 : loaded
                     ? "module nvidia_peermem is loaded, and ib_core does not use it"
                     : "module nvidia_peermem is not loaded (not needed where DMA-BUF is used)";
  state.extra_info["data"] = JsonText(
      Json{Json::Object{{"peer_mem_module_output",
                         Json{Json::Object{{"loaded", Json{loaded}},
                                           {"ibcore_using_peermem_module", Json{in_use}}}}}}});
  return {.states = {std::move(state)}};
}

}  // namespace

extern constinit const ComponentType kType{
    .name = kName,
    .tags = kTags,
    .needs = kNeeds,
    .needles = kNeedles,
    .supported = [](const Inputs& in) { return VendorSupport(in, kNvidia, "peermem line"); },
    .check = Check,
    .create_matcher = [] { return TableMatcher("peermem", kRules); },
};

}  // namespace gpud::nvidia_peermem
