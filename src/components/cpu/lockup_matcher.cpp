// SPDX-License-Identifier: Apache-2.0
#include "components/cpu/lockup_matcher.h"

#include "platform/text.h"

namespace gpud::cpu {
namespace {

/// The text between two others, or nothing.
std::optional<std::string_view> Between(std::string_view text, std::string_view before,
                                        std::string_view after) {
  const std::size_t start = text.find(before);
  if (start == std::string_view::npos) return std::nullopt;
  text.remove_prefix(start + before.size());
  const std::size_t end = text.find(after);
  if (end == std::string_view::npos) return std::nullopt;
  return text.substr(0, end);
}

Event MakeEvent(std::string_view name, std::string_view what, std::string_view name_and_pid) {
  // Names have colons too (kworker/u64:3): the pid is behind the last one.
  const std::size_t colon = name_and_pid.rfind(':');
  return {.name = std::string(name),
          .message = std::string(what) + " (" + ValidUtf8(name_and_pid) + ")",
          .extra_info = {{"process", ValidUtf8(name_and_pid.substr(0, colon))},
                         {"pid", std::string(name_and_pid.substr(colon + 1))}}};
}

bool EndsInPid(std::string_view name_and_pid) {
  const std::size_t colon = name_and_pid.rfind(':');
  return colon != std::string_view::npos && colon > 0 &&
         ParseNumber<std::uint32_t>(name_and_pid.substr(colon + 1));
}

std::optional<Event> ParseLine(std::string_view text) {
  if (const auto rest = Between(text, "soft lockup - CPU#", "]")) {
    // "63 stuck for 19s! [python3:2468"
    const std::size_t bracket = rest->find("s! [");
    if (bracket == std::string_view::npos) return std::nullopt;
    const std::string_view task = rest->substr(bracket + 4);
    const std::string_view cpu = rest->substr(0, rest->find(' '));
    if (!EndsInPid(task) || !ParseNumber<unsigned>(cpu)) return std::nullopt;
    Event event = MakeEvent("cpu_soft_lockup", "a processor did not schedule for too long", task);
    event.extra_info["cpu"] = cpu;
    return event;
  }
  for (const std::string_view after : {" blocked for more than ", " blocked in I/O wait for "}) {
    const auto task = Between(text, "task ", after);
    if (!task || !EndsInPid(*task)) continue;
    return MakeEvent("cpu_blocked_too_long", "a task has been blocked for too long", *task);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Event> LockupMatcher::OnLine(const KernelLine& line) { return ParseLine(line.text); }

}  // namespace gpud::cpu
