// SPDX-License-Identifier: Apache-2.0
#include "sources/kubelet/health.h"

#include "platform/json.h"
#include "platform/text.h"
#include "platform/yaml.h"
#include "sources/local/http.h"

namespace gpud::kubelet {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kConfig = "/var/lib/kubelet/config.yaml";

std::string_view TextOf(const Json* json) {
  const std::string* const text = json ? json->AsString() : nullptr;
  return text ? std::string_view(*text) : std::string_view();
}

const Json* Find(const Json* json, std::string_view key) {
  return json ? json->Find(key) : nullptr;
}

void CountContainers(const Json& pod, PodCounts& counts) {
  const Json* const statuses = Find(pod.Find("status"), "containerStatuses");
  const Json::Array* const list = statuses ? statuses->AsArray() : nullptr;
  if (!list) return;
  for (const Json& status : *list) {
    double storage = 0;
    const Json* const restarts = status.Find("restartCount");
    const double* const number = restarts ? restarts->AsNumber(storage) : nullptr;
    if (number && *number > 0) counts.container_restarts += static_cast<std::uint64_t>(*number);
    const Json* const waiting = Find(status.Find("state"), "waiting");
    if (TextOf(Find(waiting, "reason")) == "CrashLoopBackOff") ++counts.containers_crash_looping;
  }
}

Result<Kubelet> ReadKubelet(const Host& host) {
  const auto config = host.root.Read(kConfig);
  const auto age = local::ProcessAgeSeconds(host, "kubelet");
  if (!age && !config && config.error().code == ErrorCode::kNotFound) {
    return Fail(ErrorCode::kUnsupported, std::string(kConfig) + ": there is no kubelet");
  }
  const Ports ports = config ? ParsePorts(*config) : Ports{};
  Kubelet kubelet{.daemon = {.running = age.has_value(), .age_seconds = age.value_or(0)},
                  .health_off = ports.health == 0,
                  .pods = {}};
  if (!age) return kubelet;
  if (!kubelet.health_off) {
    kubelet.daemon.answer = local::HttpBody(host.root, {.socket = {},
                                                        .port = ports.health,
                                                        .target = "/healthz",
                                                        .patience = milliseconds(1500)})
                                .map([](const std::string& body) {
                                  return ValidUtf8(Trim(std::string_view(body).substr(0, 64)));
                                });
  }
  if (ports.read_only == 0) return kubelet;
  kubelet.pods = local::HttpBody(host.root, {.socket = {},
                                             .port = ports.read_only,
                                             .target = "/pods",
                                             .patience = milliseconds(2000)})
                     .and_then([](const std::string& body) { return ParsePods(body); });
  return kubelet;
}

}  // namespace

Ports ParsePorts(std::string_view yaml) {
  Ports ports;
  const auto tree = ParseYamlTree(yaml);
  if (!tree) return ports;
  for (const YamlMember& member : tree->members) {
    const auto number = ParseNumber<std::uint16_t>(member.value.text);
    if (!number) continue;
    if (member.key == "healthzPort") ports.health = *number;
    if (member.key == "readOnlyPort") ports.read_only = *number;
  }
  return ports;
}

Result<PodCounts> ParsePods(std::string_view text) {
  const auto json = ParseJson(text);
  const Json* const items = json ? json->Find("items") : nullptr;
  if (!items) return Fail(ErrorCode::kParse, "kubelet: /pods is no list of pods");
  PodCounts counts;
  const Json::Array* const pods = items->AsArray();
  if (!pods) return counts;  // null: none
  for (const Json& pod : *pods) {
    const std::string_view phase = TextOf(Find(pod.Find("status"), "phase"));
    // The API knows five of them; what else comes is not made a label.
    bool known = false;
    for (const std::string_view word : {"Pending", "Running", "Succeeded", "Failed"}) {
      known = known || word == phase;
    }
    ++counts.by_phase[known ? std::string(phase) : "Unknown"];
    CountContainers(pod, counts);
  }
  return counts;
}

constinit const SourceType kKubelet{
    .name = "kubelet/health",
    .lane = Lane::kMounts,
    .deadline = milliseconds(5000),
    .snapshot = &kSnapshot<Kubelet>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadKubelet(host)); },
};

}  // namespace gpud::kubelet
