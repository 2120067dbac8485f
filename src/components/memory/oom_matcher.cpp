// SPDX-License-Identifier: Apache-2.0
#include "components/memory/oom_matcher.h"

#include "platform/text.h"

namespace gpud::memory {
namespace {

/// Where the memory ran out: in the whole machine, or in a container within its limit.
Event MakeEvent(bool whole_machine, std::string_view process, std::string_view pid,
                std::string_view group) {
  Event event{.name = "OOM",
              .message = std::string(whole_machine ? "system OOM" : "OOM") + ": killed process " +
                         ValidUtf8(process) + " (pid " + std::string(pid) + ")",
              .extra_info = {{"process", ValidUtf8(process)},
                             {"pid", std::string(pid)},
                             {"scope", whole_machine ? "system" : "cgroup"}}};
  if (!group.empty()) event.extra_info["cgroup"] = ValidUtf8(group);
  return event;
}

/// "oom-kill:constraint=C,nodemask=N,cpuset=S,mems_allowed=0-1[,oom_memcg=G|,global_oom]
/// ,task_memcg=G,task=NAME,pid=P,uid=U": the name is free text, so it is found from both sides.
std::optional<Event> ParseSummary(std::string_view text) {
  const std::size_t task = text.find(",task=");
  const std::size_t pid = text.rfind(",pid=");
  if (task == std::string_view::npos || pid == std::string_view::npos || pid < task + 6) {
    return std::nullopt;
  }
  const std::string_view process = text.substr(task + 6, pid - task - 6);
  std::string_view number = text.substr(pid + 5);
  number = number.substr(0, number.find(','));
  if (!ParseNumber<std::uint32_t>(number)) return std::nullopt;
  const std::string_view head = text.substr(0, task);
  std::string_view group;
  if (const std::size_t at = head.find(",task_memcg="); at != std::string_view::npos) {
    group = head.substr(at + 12);
  }
  // A control group's limit and a NUMA policy are narrower than the machine.
  const bool whole = head.find("constraint=CONSTRAINT_NONE") != std::string_view::npos;
  return MakeEvent(whole, process, number, group);
}

}  // namespace

std::optional<Event> OomMatcher::OnLine(const KernelLine& line) {
  if (line.text.find("invoked oom-killer") != std::string_view::npos) {
    group_.clear();
    told_pid_.clear();
    return std::nullopt;
  }
  if (const std::size_t at = line.text.find("oom-kill:constraint="); at != std::string_view::npos) {
    auto event = ParseSummary(line.text.substr(at));
    if (event) told_pid_ = event->extra_info["pid"];
    return event;
  }
  const std::size_t limit = line.text.find(" killed as a result of limit of ");
  if (const std::size_t at = line.text.find("Task in ");
      at != std::string_view::npos && limit != std::string_view::npos && limit > at + 8) {
    group_ = line.text.substr(at + 8, limit - at - 8);
    return std::nullopt;
  }
  const std::size_t killed = line.text.find("Killed process ");
  if (killed == std::string_view::npos) return std::nullopt;
  std::string_view rest = line.text.substr(killed + 15);
  const std::string_view pid = rest.substr(0, rest.find_first_not_of("0123456789"));
  rest.remove_prefix(pid.size());
  // "Killed process 99211 (python3) total-vm:..."; old kernels: "Killed process 99211, UID 0, (x)".
  const std::size_t open = rest.find('(');
  const std::size_t close = std::min(rest.rfind(") "), rest.rfind(')'));
  if (pid.empty() || open == std::string_view::npos || close == std::string_view::npos ||
      close < open) {
    return std::nullopt;
  }
  if (pid == told_pid_) {
    told_pid_.clear();  // the next kill of this number is another process
    return std::nullopt;
  }
  const bool whole =
      group_.empty() ? line.text.find("emory cgroup") == std::string_view::npos : group_ == "/";
  return MakeEvent(whole, rest.substr(open + 1, close - open - 1), pid, group_);
}

}  // namespace gpud::memory
