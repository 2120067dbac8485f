// SPDX-License-Identifier: Apache-2.0
// gpud version.
#include <ostream>

#include "cli/output.h"

namespace gpud::cli {
namespace {

int Version(Context& context, const Arguments& arguments) {
  if (const Format format = FormatOf(arguments); format != Format::kTable) {
    context.out << Rendered({Json::Object{{"version", {std::string(GPUD_VERSION)}}}}, format);
  } else {
    context.out << "gpud version " GPUD_VERSION "\n";
  }
  return 0;
}

}  // namespace

extern constinit const Command kVersion{
    .name = "version",
    .group = Group::kMore,
    .summary = "the version of this program",
    .examples = "gpud version",
    .flags = [] { return AllOf(kOutputFlags); },
    .run = Version,
};

}  // namespace gpud::cli
