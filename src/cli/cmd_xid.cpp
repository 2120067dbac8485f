// SPDX-License-Identifier: Apache-2.0
// gpud xid: what an Xid means, and what to do.
#include "cli/fault_command.h"

namespace gpud::cli {
namespace {

constexpr FaultKind kKind{
    .name = "Xid",
    .command = "xid",
    .codes =
        [] {
          std::vector<std::uint32_t> codes;
          for (const catalog::XidRow& row : catalog::AllXids()) codes.push_back(row.code);
          return codes;
        },
    .overrides = [](const catalog::Overlay& overlay) -> const auto& {return overlay.xid;
}
, .explain = catalog::ExplainXid, .other_name = "SXid", .other_command = "sxid",
  .in_other = [](std::uint32_t code) { return catalog::FindSxid(code) != nullptr; },
};  // namespace gpud::cli

}  // namespace

extern constinit const Command kXid{
    .name = "xid",
    .group = Group::kLook,
    .summary = "what an NVIDIA GPU error number (Xid) means",
    .usage = "[CODE ...]",
    .about =
        "Meaning, severity, likely causes, what to do as a tenant and as an operator,\n"
        "and what other tools make of it. For 144 to 150 also the NVLink 5 table.\n"
        "Needs no daemon. Where the site's own file changes a verdict, that is told.",
    .examples =
        "gpud xid 79\n"
        "gpud xid --list --severity fatal\n"
        "gpud xid --search \"page fault\"\n"
        "gpud xid 13 31 -o json",
    .most_names = 64,
    .flags = FaultFlags,
    .run = [](Context& context,
              const Arguments& arguments) { return RunFaultCommand(context, arguments, kKind); },
};

}  // namespace gpud::cli
