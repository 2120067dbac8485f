// SPDX-License-Identifier: Apache-2.0
// NVIDIA peermem: GPU memory that a network card reads and writes by itself.
#include "components/line_table.h"
#include "components/vendor_support.h"

namespace gpud::nvidia_peermem {
namespace {

constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", "accelerator-nvidia-peermem"};

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
  // Systems that share GPU memory by DMA-BUF never load it.
  const bool loaded = modules && modules->Has("nvidia_peermem");
  return {.states = {{.name = "accelerator-nvidia-peermem",
                      .reason = loaded ? "module nvidia_peermem is loaded"
                                       : "module nvidia_peermem is not loaded (not needed where "
                                         "DMA-BUF is used)"}}};
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "accelerator-nvidia-peermem",
    .tags = kTags,
    .needs = kVendorNeeds,
    .needles = kNeedles,
    .supported = [](const Inputs& in) { return VendorSupport(in, kNvidia, "peermem line"); },
    .check = Check,
    .create_matcher = [] { return TableMatcher("peermem", kRules); },
};

}  // namespace gpud::nvidia_peermem
