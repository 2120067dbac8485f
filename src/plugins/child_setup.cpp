// SPDX-License-Identifier: Apache-2.0
#include "plugins/child_setup.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>

#include "platform/text.h"

namespace gpud::plugins {
namespace {

// What a script gets of our environment; tokens and the like it does not.
constexpr std::string_view kKept[] = {
    "PATH",     "LANG",       "LC_ALL",          "LC_CTYPE",   "TZ",
    "TMPDIR",   "TERM",       "LD_LIBRARY_PATH", "HTTP_PROXY", "HTTPS_PROXY",
    "NO_PROXY", "http_proxy", "https_proxy",     "no_proxy",   "NVIDIA_VISIBLE_DEVICES"};
constexpr const char* kPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::string FindBash(const std::string& path) {
  for (const std::string_view folder : Split(path, ':')) {
    const std::string candidate = std::string(folder) + "/bash";
    if (candidate.starts_with('/') && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return "/bin/bash";
}

void Limit(__rlimit_resource what, std::uint64_t most) {
  rlimit now{};
  ::getrlimit(what, &now);
  const rlim_t value = std::min<rlim_t>(most, now.rlim_max);
  const rlimit wanted{.rlim_cur = value, .rlim_max = value};
  ::setrlimit(what, &wanted);
}

}  // namespace

void ChildSetup::MakeEnvironment(const std::string& name, const std::string& home) {
  std::map<std::string, std::string> variables;
  for (const std::string_view kept : kKept) {
    const std::string key(kept);
    if (const char* value = std::getenv(key.c_str())) variables[key] = value;
  }
  variables.try_emplace("PATH", kPath);
  variables["HOME"] = home;
  variables["USER"] = variables["LOGNAME"] = name;
  variables["SHELL"] = "/bin/bash";
  variables["GPUD_PLUGIN"] = request_->plugin_name;
  variables["GPUD_RUN_MODE"] = request_->trigger;
  for (const auto& [key, value] : request_->environment) variables[key] = value;
  bash_ = FindBash(variables["PATH"]);
  for (const auto& [key, value] : variables) environment_.push_back(key + '=' + value);
}

Result<ChildSetup> ChildSetup::Prepare(const RunRequest& request, const RunGroup& group) {
  ChildSetup setup(request, group);
  const auto number = ParseNumber<uid_t>(request.user);
  const passwd* who = request.user.empty() ? ::getpwuid(::geteuid())
                      : number             ? ::getpwuid(*number)
                                           : ::getpwnam(request.user.c_str());
  if (!who && !request.user.empty()) {
    return Fail(ErrorCode::kNotFound, "user " + request.user + " does not exist");
  }
  setup.uid_ = who ? who->pw_uid : ::geteuid();
  setup.gid_ = who && !request.user.empty() ? who->pw_gid : ::getegid();
  setup.other_user_ = setup.uid_ != ::geteuid();
  if (setup.other_user_ && ::geteuid() != 0) {
    return Fail(ErrorCode::kPermission, "only root can run a plugin as user " + request.user);
  }
  if (setup.other_user_) {
    int count = 256;
    setup.groups_.resize(static_cast<std::size_t>(count));
    ::getgrouplist(who->pw_name, who->pw_gid, setup.groups_.data(), &count);
    setup.groups_.resize(static_cast<std::size_t>(std::min(count, 256)));
  }
  setup.MakeEnvironment(who ? who->pw_name : "root", who ? who->pw_dir : "/");
  return setup;
}

int ChildSetup::Become(const std::string& path, int output, int kept) const {
  ::setsid();  // a process group and a session of its own, without a terminal
  // A runner that dies takes the script along.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  group_->Enter();
  // When memory is short, the kernel is to take this before a user's work.
  const int score = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  (void)!::write(score, "500", 3);  // refused only where it is higher already

  const Limits& limits = request_->limits;
  Limit(RLIMIT_CORE, 0);
  Limit(RLIMIT_FSIZE, limits.file_size_bytes);
  if (!group_->HasLimit("memory")) Limit(RLIMIT_DATA, limits.memory_bytes);
  if (!group_->HasLimit("pids") && other_user_) Limit(RLIMIT_NPROC, limits.pids);
  if (request_->nice && ::setpriority(PRIO_PROCESS, 0, *request_->nice) != 0) return errno;
  if (other_user_ && (::setgroups(groups_.size(), groups_.data()) != 0 ||
                      ::setresgid(gid_, gid_, gid_) != 0 || ::setresuid(uid_, uid_, uid_) != 0)) {
    return errno;
  }
  if (other_user_) ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a change of user has cleared it

  ::signal(SIGPIPE, SIG_DFL);
  if (::dup2(output, 1) < 0 || ::dup2(output, 2) < 0) return errno;
  ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  if (kept >= 0) ::fcntl(kept, F_SETFD, 0);
  std::vector<char*> variables;
  for (const std::string& entry : environment_)
    variables.push_back(const_cast<char*>(entry.c_str()));
  variables.push_back(nullptr);
  const std::array<char*, 3> arguments = {const_cast<char*>("bash"),
                                          const_cast<char*>(path.c_str()), nullptr};
  ::execve(bash_.c_str(), arguments.data(), variables.data());
  return errno;
}

}  // namespace gpud::plugins
