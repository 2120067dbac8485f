// SPDX-License-Identifier: Apache-2.0
// gpud compact: makes the database as small as it can be.
#include <ostream>

#include "cli/api.h"
#include "cli/daemon_options.h"
#include "cli/direct_store.h"
#include "cli/output.h"

namespace gpud::cli {
namespace {

Result<void> CompactDirectly(const Context& context, const Arguments& arguments) {
  auto store = DirectStore::Open(
      DataDirectory(ReadSettings(arguments, context.environment), ThisUser(context.environment)));
  if (!store) return tl::unexpected<Error>(std::move(store).error());
  return store->Compact();
}

int Compact(Context& context, const Arguments& arguments) {
  const Api api(context, arguments);
  const auto answer = api.Post("/admin/compact");
  Result<void> done;
  if (!answer && answer.error().code == ErrorCode::kNotFound && !api.names_server()) {
    done = CompactDirectly(context, arguments);
  } else if (!answer) {
    done = tl::unexpected<Error>(answer.error());
  }
  if (!done) return Failure(context, arguments, done.error());
  if (const Format format = FormatOf(arguments); format != Format::kTable) {
    context.out << Rendered({Json::Object{{"compacted", {true}}}}, format);
  } else {
    context.out << CheckMark(context.out_terminal) << " successfully compacted state file\n";
  }
  return 0;
}

}  // namespace

extern constinit const Command kCompact{
    .name = "compact",
    .group = Group::kAct,
    .summary = "make the database as small as it can be",
    .about = "Through the daemon where one runs, else on the file itself.",
    .examples = "gpud compact",
    .flags = [] { return AllOf(kOutputFlags, kConnectionFlags); },
    .run = Compact,
};

}  // namespace gpud::cli
