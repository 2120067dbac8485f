// SPDX-License-Identifier: Apache-2.0
#include "components/memory/oom_matcher.h"

#include "components/line_pattern.h"
#include "platform/text.h"
#include "sources/procfs/cgroup.h"

namespace gpud::memory {
namespace {

constexpr auto kNone = std::string_view::npos;

struct Victim {
  std::string_view pid, process, rest;
};

/// "99211 (python3) total-vm:...", "4411 (java) score 912 ..."; old kernels: "99211, UID 0, (x)".
/// The name is free text and may hold brackets.
std::optional<Victim> ParseVictim(std::string_view text) {
  const std::string_view pid = text.substr(0, text.find_first_not_of("0123456789"));
  const std::size_t open = text.find('(');
  std::size_t close = text.rfind(") ");
  if (close == kNone) close = text.rfind(')');
  if (pid.empty() || open == kNone || close == kNone || close < open) return std::nullopt;
  return Victim{pid, text.substr(open + 1, close - open - 1), text.substr(close + 1)};
}

/// "anon-rss:66804892kB" of what stands behind the name, in kibibytes.
std::optional<std::uint64_t> KibibytesOf(std::string_view name, std::string_view text) {
  const std::size_t at = text.find(name);
  if (at == kNone) return std::nullopt;
  const std::string_view number = text.substr(at + name.size());
  const std::size_t unit = number.find("kB");
  return unit == kNone ? std::nullopt : ParseNumber<std::uint64_t>(number.substr(0, unit));
}

}  // namespace

/// "oom-kill:constraint=C,nodemask=N,cpuset=S,mems_allowed=0-1[,oom_memcg=G|,global_oom]
/// ,task_memcg=G,task=NAME,pid=P,uid=U": the name is free text, so it is found from both sides.
std::optional<OomMatcher::Summary> OomMatcher::ParseSummary(std::string_view text) {
  const std::size_t task = text.find(",task=");
  const std::size_t pid = text.rfind(",pid=");
  if (task == kNone || pid == kNone || pid < task + 6) return std::nullopt;
  Summary summary{.process = std::string(text.substr(task + 6, pid - task - 6))};
  const std::string_view tail = text.substr(pid + 5);
  summary.pid = Trim(tail.substr(0, tail.find(',')));
  if (!ParseNumber<std::uint32_t>(summary.pid)) return std::nullopt;
  if (const std::size_t uid = tail.find(",uid="); uid != kNone) {
    summary.uid = Trim(tail.substr(uid + 5));
  }
  const std::string_view head = text.substr(0, task);
  if (const std::size_t at = head.find(",task_memcg="); at != kNone) {
    summary.group = head.substr(at + 12);
  }
  const std::string_view constraint = head.substr(kSummary.size());
  summary.constraint = constraint.substr(0, constraint.find(','));
  summary.whole_machine = summary.constraint != "CONSTRAINT_MEMCG";
  return summary;
}

LineFinding OomMatcher::Make(bool whole_machine, std::string_view process,
                             std::string_view pid) const {
  LineFinding finding{.family = "memory",
                      .event = "OOM",
                      .code = whole_machine ? "oom_kill_global" : "oom_kill_cgroup",
                      .severity = whole_machine ? EventType::kCritical : EventType::kWarning,
                      .action = Advice::kCheckUserApp,
                      .message = whole_machine ? "system OOM" : "OOM",
                      .part = std::to_string(kills_),
                      .details = {{"scope", whole_machine ? "system" : "cgroup"}}};
  if (!pid.empty()) {
    finding.message +=
        ": killed process " + std::string(process) + " (pid " + std::string(pid) + ")";
    finding.details["process"] = process;
    finding.details["pid"] = pid;
  }
  if (!group_.empty()) finding.details["cgroup"] = group_;
  procfs::CgroupOwner owner = procfs::ParseCgroupPath(group_);
  if (!owner.container.empty()) finding.details["container"] = std::move(owner.container);
  if (!owner.pod_uid.empty()) finding.details["pod_uid"] = std::move(owner.pod_uid);
  if (!owner.slurm_job.empty()) finding.details["slurm_job"] = std::move(owner.slurm_job);
  if (summary_) {
    finding.details["constraint"] = summary_->constraint;
    if (!summary_->uid.empty()) finding.details["uid"] = summary_->uid;
  }
  return finding;
}

bool OomMatcher::OnLine(std::string_view text, LineSink& sink) {
  if (text.find(kInvoked) != kNone) {
    TellSummary(sink);
    EndBlock();
  } else if (const std::size_t reaped = text.find(kReaped); reaped != kNone) {
    const auto victim = ParseVictim(text.substr(reaped + kReaped.size()));
    if (summary_ && victim && victim->pid == summary_->pid) TellSummary(sink);
  } else if (const std::size_t at = text.find(kSummary); at != kNone) {
    TellSummary(sink);
    EndBlock();
    summary_ = ParseSummary(text.substr(at));
    if (!summary_) return true;
    group_ = summary_->group;
    whole_machine_ = summary_->whole_machine;
  } else if (text.find(kLimit) != kNone) {
    OnLimit(text, sink);
  } else if (text.find(kAnnounced) != kNone) {
    OnAnnounced(text, sink);
  } else if (text.find(kKilled) != kNone) {
    OnKilled(text, sink);
  } else if (text.find(kNobody) != kNone && text.find("panic") == kNone) {
    sink.Add({.family = "memory",
              .code = "oom_no_victim",
              .severity = EventType::kCritical,
              .action = Advice::kCheckUserApp,
              .message = "out of memory, and no process that may be killed"});
  } else {
    return false;
  }
  return true;
}

// "Task in /docker/abc killed as a result of limit of /docker"
void OomMatcher::OnLimit(std::string_view text, LineSink& sink) {
  const std::size_t at = text.find("Task in ");
  const std::size_t limit = text.find(kLimit);
  if (at == kNone || limit < at + 8) return;
  EndBlock();
  group_ = text.substr(at + 8, limit - at - 8);
  const std::string_view root = Trim(text.substr(limit + kLimit.size()));
  whole_machine_ = root == "/";
  announced_ = true;
  LineFinding finding = Make(*whole_machine_, "", "");
  finding.message +=
      ": a process of " + group_ + " is killed for the limit of " + std::string(root);
  sink.Add(std::move(finding));
}

// "Out of memory: Kill process 4411 (java) score 912 or sacrifice child"
void OomMatcher::OnAnnounced(std::string_view text, LineSink& sink) {
  const auto victim = ParseVictim(text.substr(text.find(kAnnounced) + kAnnounced.size()));
  if (!victim) return;
  const bool whole = text.find("emory cgroup") == kNone;
  // Behind "Task in", which names the group, it is the same kill.
  if (!announced_ || group_.empty() || whole_machine_ != whole) EndBlock();
  whole_machine_ = whole;
  Tell(Make(whole, victim->process, victim->pid), sink);
  announced_ = true;
}

void OomMatcher::OnKilled(std::string_view text, LineSink& sink) {
  const std::size_t at = text.find(kKilled);
  const auto victim = ParseVictim(text.substr(at + kKilled.size()));
  if (!victim) return;
  if (!announced_) ++kills_;
  const bool whole = IsOfWholeMachine(text.substr(0, at));
  if (whole && summary_ && summary_->pid != victim->pid) EndBlock();  // that was of another kill
  LineFinding finding = Make(whole, victim->process, victim->pid);
  if (const auto resident = KibibytesOf("anon-rss:", victim->rest)) {
    finding.message += " that held " + BytesText(*resident * 1024);
    finding.details["anon_rss_kib"] = std::to_string(*resident);
  }
  if (const auto all = KibibytesOf("total-vm:", victim->rest)) {
    finding.details["total_vm_kib"] = std::to_string(*all);
  }
  Tell(std::move(finding), sink);
  announced_ = false;
  // Others of the group may follow (memory.oom.group): the group is still known.
  summary_.reset();
  if (group_.empty()) whole_machine_.reset();
}

// The line's own words count, where it has any. A cpuset or a NUMA policy that has run out is a
// kill in the whole machine in the kernel's words as well ("global_oom"): anybody may be the
// victim.
bool OomMatcher::IsOfWholeMachine(std::string_view words) const {
  if (words.find("emory cgroup") != kNone) return false;
  return words.find("ut of memory") != kNone || whole_machine_.value_or(true);
}

// What is known only now belongs to the incident that an announcement has opened.
void OomMatcher::Tell(LineFinding finding, LineSink& sink) const {
  const auto details = announced_ ? finding.details : std::map<std::string, std::string>();
  sink.Add(std::move(finding));
  for (const auto& [name, value] : details) sink.Detail(name, value);
}

void OomMatcher::TellSummary(LineSink& sink) {
  if (!summary_) return;
  ++kills_;
  sink.Add(Make(summary_->whole_machine, summary_->process, summary_->pid));
  summary_.reset();
}

void OomMatcher::EndBlock() {
  ++kills_;
  summary_.reset();
  group_.clear();
  whole_machine_.reset();
  announced_ = false;
}

}  // namespace gpud::memory
