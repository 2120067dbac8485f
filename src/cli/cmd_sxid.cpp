// SPDX-License-Identifier: Apache-2.0
// gpud sxid: what an SXid means, and what to do.
#include "cli/fault_command.h"

namespace gpud::cli {
namespace {

constexpr FaultKind kKind{
    .name = "SXid",
    .command = "sxid",
    .codes =
        [] {
          std::vector<std::uint32_t> codes;
          for (const catalog::SxidRow& row : catalog::AllSxids()) codes.push_back(row.code);
          return codes;
        },
    .overrides = [](const catalog::Overlay& overlay) -> const auto& {return overlay.sxid;
}
, .explain = catalog::ExplainSxid, .other_name = "Xid", .other_command = "xid",
  .in_other = [](std::uint32_t code) { return catalog::FindXid(code) != nullptr; },
};  // namespace gpud::cli

}  // namespace

extern constinit const Command kSxid{
    .name = "sxid",
    .group = Group::kLook,
    .summary = "what an NVSwitch error number (SXid) means",
    .usage = "[CODE ...]",
    .about =
        "As \"gpud xid\", for the switches. The word in the kernel's line (Fatal,\n"
        "Non-fatal) is stronger than the severity here.",
    .examples =
        "gpud sxid 20034\n"
        "gpud sxid --list --severity critical\n"
        "gpud sxid --search timeout -o json",
    .most_names = 64,
    .flags = FaultFlags,
    .run = [](Context& context,
              const Arguments& arguments) { return RunFaultCommand(context, arguments, kKind); },
};

}  // namespace gpud::cli
