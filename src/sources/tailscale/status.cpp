// SPDX-License-Identifier: Apache-2.0
#include "sources/tailscale/status.h"

#include "platform/json.h"
#include "platform/text.h"
#include "sources/local/http.h"

namespace gpud::tailscale {
namespace {

constexpr std::string_view kSocket = "/run/tailscale/tailscaled.sock";
constexpr std::size_t kMostProblems = 16, kLongestProblem = 200;

Result<Status> ReadStatus(const Host& host) {
  if (!host.root.Exists(kSocket)) {
    return Fail(ErrorCode::kUnsupported, std::string(kSocket) + ": there is no Tailscale");
  }
  Status status;
  const auto age = local::ProcessAgeSeconds(host, "tailscaled");
  if (!age) return status;
  status.daemon.running = true;
  status.daemon.age_seconds = *age;
  const auto body = local::HttpBody(host.root, {.socket = std::string(kSocket),
                                                .target = "/localapi/v0/status?peers=false",
                                                .host = "local-tailscaled.sock"});
  const auto read =
      body ? ParseStatus(*body, status) : Result<void>(tl::unexpected<Error>(body.error()));
  if (!read) status.daemon.answer = tl::unexpected<Error>(read.error());
  return status;
}

}  // namespace

Result<void> ParseStatus(std::string_view text, Status& into) {
  const auto json = ParseJson(text);
  const Json* const state = json ? json->Find("BackendState") : nullptr;
  if (!state || !state->AsString()) {
    return Fail(ErrorCode::kParse, "tailscaled: its status has no BackendState");
  }
  into.backend_state = *state->AsString();
  const Json* const version = json->Find("Version");
  into.daemon.answer = version && version->AsString() ? *version->AsString() : std::string();
  const Json* const health = json->Find("Health");
  const Json::Array* const problems = health ? health->AsArray() : nullptr;
  if (!problems) return {};
  for (const Json& problem : *problems) {
    if (into.problems.size() == kMostProblems) break;
    if (problem.AsString()) into.problems.push_back(problem.AsString()->substr(0, kLongestProblem));
  }
  return {};
}

constinit const SourceType kStatus{
    .name = "tailscale/status",
    .lane = Lane::kMounts,
    .deadline = std::chrono::milliseconds(3000),
    .snapshot = &kSnapshot<Status>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadStatus(host)); },
};

}  // namespace gpud::tailscale
