// SPDX-License-Identifier: Apache-2.0
// NVIDIA NCCL: programs that crashed inside the collective library. It says nothing of the GPU.
#include "components/fault_history.h"
#include "components/line_table.h"
#include "components/vendor_support.h"

namespace gpud::nvidia_nccl {
namespace {

constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", "accelerator-nvidia-nccl"};

void SetPart(const LineFields& fields, std::string_view, LineFinding& finding) {
  finding.part = fields["process"];
}

// show_signal_msg in arch/x86/mm/fault.c; do_general_protection in traps.c.
constexpr LineRule kRules[] = {
    {.needle = "libnccl",
     .form = "<process:*>[<pid:n>]: segfault at <*> in libnccl",
     .code = "segfault_libnccl",
     .action = Advice::kCheckUserApp,
     .event = "nvidia_nccl_segfault_in_libnccl",
     .refine = SetPart},
    {.needle = "libnccl",
     .form = "traps: <process:*>[<pid:n>] <*> in libnccl",
     .code = "segfault_libnccl",
     .action = Advice::kCheckUserApp,
     .event = "nvidia_nccl_segfault_in_libnccl",
     .refine = SetPart},
};
constexpr auto kNeedles = NeedlesOf(kRules);

Report Check(const Inputs&) {
  return {.states = {{.name = "accelerator-nvidia-nccl",
                      .reason = "crashes in NCCL are events: they are of programs, not of GPUs"}}};
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "accelerator-nvidia-nccl",
    .tags = kTags,
    .needs = kVendorNeeds,
    .needles = kNeedles,
    .supported = [](const Inputs& in) { return VendorSupport(in, kNvidia, "segfault in libnccl"); },
    .check = Check,
    .create_matcher = [] { return TableMatcher("nccl", kRules); },
};

}  // namespace gpud::nvidia_nccl
