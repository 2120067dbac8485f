// SPDX-License-Identifier: Apache-2.0
// POST /v1/health-states/set-healthy: a person says that what kept a component bad is mended.
#include <algorithm>
#include <memory>

#include "model/json_codec.h"
#include "server/routes_parameters.h"
#include "server/routes_table.h"
#include "server/routes_wire.h"

namespace gpud::server {
namespace {

constexpr std::size_t kLongestReason = 1024;
constexpr std::size_t kLongestAuthor = 128;
constexpr std::string_view kCannot = "component does not support setting healthy state";

/// Text that a person will read in a list: one line, not too long. Error: kParse.
Result<std::string> LineParam(const Request& request, std::string_view name, std::size_t longest) {
  std::string text = ValidUtf8(request.Param(name));
  const bool one_line = std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F;
  });
  const auto characters = std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;  // no continuation byte of UTF-8
  });
  if (one_line && static_cast<std::size_t>(characters) <= longest) return text;
  return Fail(ErrorCode::kParse, std::string(name) + " must be one line of at most " +
                                     std::to_string(longest) + " characters");
}

/// Only root may speak as somebody else: of all others the history says who asked, too.
std::string Author(const Peer& peer, const std::string& named) {
  const std::string caller = Caller(peer);
  if (named.empty() || named == caller) return caller;
  return peer.uid == 0U ? named : caller + " for " + named;
}

/// One request's work; answers when the last component is done.
struct Job {
  SetHealthyAnswer answer;
  std::size_t waiting = 0;
  Reply reply;

  void Done() {
    if (--waiting > 0) return;
    std::sort(answer.successful.begin(), answer.successful.end());
    const bool failed = answer.successful.empty() && !answer.failed.empty();
    answer.code = failed ? 400 : 200;
    answer.message =
        failed ? "failed to set any component to healthy" : "set healthy states completed";
    reply(JsonAnswer(ToJson(answer), static_cast<unsigned>(answer.code)));
  }
};

}  // namespace

void route::SetHealthy(Context& context, const Request& request, Reply reply) {
  const auto reason = LineParam(request, "reason", kLongestReason);
  if (!reason) return reply(ErrorAnswer(reason.error()));
  auto author = LineParam(request, "author", kLongestAuthor);
  if (!author) return reply(ErrorAnswer(author.error()));
  *author = Author(request.peer, *author);
  const auto selected = Select(context.backend, request, "");
  if (!selected) return reply(ErrorAnswer(selected.error()));

  // Shared by the callbacks; the last one answers.
  const auto job = std::make_shared<Job>();
  job->reply = std::move(reply);
  job->waiting = 1;  // this function, so that none answers before all have begun
  const bool named = !request.Param("components").empty();
  std::vector<std::string> clearable;
  for (const ComponentStatus* component : *selected) {
    if (component->clearable) {
      clearable.push_back(component->name);
    } else if (named) {
      job->answer.failed.emplace(component->name, kCannot);
    }
  }
  for (const std::string& name : clearable) {
    ++job->waiting;
    context.backend.SetHealthy(name, *reason, *author, [job, name](const Result<void>& done) {
      if (done) {
        job->answer.successful.push_back(name);
      } else {
        job->answer.failed[name] = done.error().code == ErrorCode::kUnsupported
                                       ? std::string(kCannot)
                                       : "failed to set healthy: " + done.error().what;
      }
      job->Done();
    });
  }
  job->Done();
}

}  // namespace gpud::server
