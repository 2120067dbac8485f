// SPDX-License-Identifier: Apache-2.0
// POST /inject-fault: writes a line into the kernel's log, to exercise what listens to it.
#include <cmath>

#include "model/json_codec.h"
#include "server/kernel_text.h"
#include "server/routes_table.h"
#include "server/routes_wire.h"

namespace gpud::server {
namespace {

constexpr double kHighestXid = 4294967295;
constexpr std::size_t kMostMessageBytes = 976;  // of one /dev/kmsg record, less its prefix

/// The first JSON value of a body, if it is an object; else all of it. What follows is ignored.
std::string_view FirstObject(std::string_view body) {
  int depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    if (in_text) {
      if (c == '\\') ++i;
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth <= 0) {
      return body.substr(0, i + 1);
    }
  }
  return body;
}

/// Error: kParse, ready for the answer.
Result<KernelText> Wanted(std::string_view body) {
  auto wanted = FromJsonText<InjectRequest>(FirstObject(body));
  if (!wanted) return Pass(std::move(wanted), "failed to decode request body");
  if (wanted->xid && wanted->xid->id != 0) {
    const double id = wanted->xid->id;
    if (id >= 1 && id <= kHighestXid && id == std::trunc(id)) {
      return XidText(static_cast<std::int64_t>(id));
    }
    return Fail(ErrorCode::kParse, "invalid request: xid.id must be a whole number from 1 to " +
                                       NumberText(kHighestXid));
  }
  if (wanted->xid || !wanted->kernel_message) {
    return Fail(ErrorCode::kParse, "invalid request: no fault injection entry found");
  }
  auto& message = *wanted->kernel_message;
  if (message.message.empty()) {
    return Fail(ErrorCode::kParse, "invalid request: kernel_message.message is empty");
  }
  if (message.message.size() > kMostMessageBytes) {
    return Fail(ErrorCode::kParse,
                "invalid request: message length exceeds the maximum length of " +
                    std::to_string(kMostMessageBytes));
  }
  return KernelText{SeverityOf(message.priority), std::move(message.message)};
}

}  // namespace

void route::InjectFault(Context& context, const Request& request, Reply reply) {
  if (!context.access.allow_fault_injection) {
    return reply(ErrorAnswer(404, "fault injector not set up"));
  }
  auto wanted = Wanted(request.body);
  if (!wanted) return reply(ErrorAnswer(wanted.error()));
  context.backend.InjectKernelMessage(
      wanted->severity, std::move(wanted->text), [reply](const Result<void>& done) {
        if (!done) {
          return reply(ErrorAnswer(500, "failed to inject kernel message: " + done.error().what));
        }
        reply(JsonAnswer(ToJson(MessageAnswer{"fault injected"})));
      });
}

}  // namespace gpud::server
