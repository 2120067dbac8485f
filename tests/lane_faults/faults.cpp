// SPDX-License-Identifier: Apache-2.0
#include "faults.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "platform/text.h"

namespace gpud::faults {
namespace {

[[noreturn]] void Hang() {
  for (;;) ::pause();
}

void Sleep(std::chrono::milliseconds time) {
  const timespec span{.tv_sec = 0, .tv_nsec = static_cast<long>(time.count()) * 1'000'000};
  ::nanosleep(&span, nullptr);
}

// The lane's socket, as a wild pointer would find it.
void WriteToSocket(std::string_view bytes) {
  for (int fd = 0; fd < 16; ++fd) {
    struct stat info {};
    if (::fstat(fd, &info) == 0 && S_ISSOCK(info.st_mode)) {
      (void)!::write(fd, bytes.data(), bytes.size());
      return;
    }
  }
}

void CloseSockets() {
  for (int fd = 0; fd < 16; ++fd) {
    struct stat info {};
    if (::fstat(fd, &info) == 0 && S_ISSOCK(info.st_mode)) ::close(fd);
  }
}

std::int64_t StartAProcessAndLeaveIt() {
  const pid_t pid = ::fork();
  if (pid == 0) Hang();
  return pid;
}

void EatMemory() {
  std::vector<std::string> eaten;
  while (eaten.size() < 1024) eaten.emplace_back(std::size_t{1} << 20, 'x');
}

std::string Surroundings() {
  const auto folder = std::filesystem::directory_iterator("/proc/self/fd");
  // Less the iterator's own.
  const auto descriptors = std::distance(begin(folder), end(folder)) - 1;
  rlimit core{};
  ::getrlimit(RLIMIT_CORE, &core);
  sigset_t blocked;
  ::sigprocmask(SIG_SETMASK, nullptr, &blocked);
  struct sigaction pipe {};
  ::sigaction(SIGPIPE, nullptr, &pipe);
  std::string score;
  std::ifstream("/proc/self/oom_score_adj") >> score;
  return "descriptors=" + std::to_string(descriptors) +
         " notify=" + (std::getenv("NOTIFY_SOCKET") ? "yes" : "no") +
         " gpud=" + (std::getenv("GPUD_TEST_KEPT") ? "yes" : "no") +
         " path=" + (std::getenv("PATH") ? "yes" : "no") +
         " group=" + (::getpgrp() == ::getpid() ? "own" : "shared") +
         " core=" + std::to_string(core.rlim_cur) +
         " sigterm=" + (::sigismember(&blocked, SIGTERM) ? "blocked" : "open") +
         " sigpipe=" + (pipe.sa_handler == SIG_DFL ? "default" : "changed") + " oom=" + score;
}

struct Fault {
  std::string_view name;
  Lane lane;
  void (*act)(std::int64_t& value, std::string& text);
  bool answers = false;
};

// Two lanes, so that one fault is seen to leave the other lane alone.
constexpr Fault kFaults[] = {
    {"hang", Lane::kGpu, [](std::int64_t&, std::string&) { Hang(); }},
    {"sigterm", Lane::kGpu,
     [](std::int64_t&, std::string&) {
       ::signal(SIGTERM, SIG_IGN);
       Hang();
     }},
    {"slow", Lane::kGpu,
     [](std::int64_t&, std::string&) { Sleep(std::chrono::milliseconds(900)); }},
    {"crash", Lane::kBmc,
     [](std::int64_t&, std::string&) {
       ::signal(SIGSEGV, SIG_DFL);  // a sanitizer has its own
       ::raise(SIGSEGV);
     }},
    {"exit", Lane::kBmc, [](std::int64_t&, std::string&) { ::_exit(3); }},
    {"closed", Lane::kBmc,
     [](std::int64_t&, std::string&) {
       CloseSockets();
       Hang();
     }},
    {"garbage", Lane::kBmc,
     [](std::int64_t&, std::string&) { WriteToSocket(std::string("\x03\0\0\0abc", 7)); }},
    {"oversize", Lane::kBmc,
     [](std::int64_t&, std::string&) { WriteToSocket(std::string("\0\0\0\x04", 4)); }},
    {"liar", Lane::kBmc,
     [](std::int64_t&, std::string&) {
       WriteToSocket(std::string("\x14\0\0\0", 4) + std::string(20, '\0'));
     }},
    {"memory", Lane::kBmc, [](std::int64_t&, std::string&) { EatMemory(); }},
    {"big", Lane::kBmc,
     [](std::int64_t&, std::string& text) { text.assign(std::size_t{5} << 20, 'x'); }},
    {"good", Lane::kGpu, [](std::int64_t& value, std::string&) { value = 42; }, true},
    {"print", Lane::kBmc,
     [](std::int64_t& value, std::string&) {
       value = ::write(STDOUT_FILENO, "warning: a library\n", 19);
     },
     true},
    {"fork", Lane::kBmc,
     [](std::int64_t& value, std::string&) { value = StartAProcessAndLeaveIt(); }, true},
    {"surroundings", Lane::kGpu, [](std::int64_t&, std::string& text) { text = Surroundings(); },
     true},
};
constexpr std::size_t kCount = std::size(kFaults);

template <std::size_t kFault>
using ReadingOf = Reading<static_cast<int>(kFault)>;

template <std::size_t kFault>
constexpr SourceType kSource{.name = kFaults[kFault].name,
                             .lane = kFaults[kFault].lane,
                             .deadline = std::chrono::milliseconds(500),
                             .snapshot = &kSnapshot<ReadingOf<kFault>>,
                             .read = [](const Host&, Inputs& into) {
                               ReadingOf<kFault> reading;
                               kFaults[kFault].act(reading.value, reading.text);
                               into.Put<ReadingOf<kFault>>(std::move(reading));
                             }};

template <std::size_t kFault>
constexpr const SourceType* kNeeds[] = {&kSource<kFault>};

template <std::size_t kFault>
const ComponentType* Component() {
  static const std::string name = "fault-" + std::string(kFaults[kFault].name);
  static const std::string_view tags[] = {name};
  static const ComponentType type{
      .name = name,
      .tags = tags,
      .needs = kNeeds<kFault>,
      .period = std::chrono::seconds(5),
      .check = [](const Inputs& in) -> Report {
        const auto& reading = in.Latest<ReadingOf<kFault>>();
        if (!reading) return Unreadable(name, reading.error());
        return {.states = {{.name = name, .reason = "a faulty source has answered"}}};
      }};
  return &type;
}

template <std::size_t... kFault>
constexpr auto AllSources(std::index_sequence<kFault...>) {
  return std::array{static_cast<const SourceType*>(&kSource<kFault>)...};
}
constexpr auto kSources = AllSources(std::make_index_sequence<kCount>());

template <std::size_t... kFault>
std::vector<const ComponentType*> AllFaulty(std::index_sequence<kFault...>) {
  std::vector<const ComponentType*> faulty;
  ((kFaults[kFault].answers ? void() : faulty.push_back(Component<kFault>())), ...);
  return faulty;
}

}  // namespace

std::span<const SourceType* const> Sources() { return kSources; }

const SourceType& Source(std::string_view name) {
  return **std::find_if(kSources.begin(), kSources.end(),
                        [&](const SourceType* source) { return source->name == name; });
}

std::vector<const ComponentType*> Components() {
  auto components = AllFaulty(std::make_index_sequence<kCount>());
  const char* chosen = std::getenv("GPUD_TEST_FAULTS");
  if (!chosen) return components;
  const auto names = Split(chosen, ',');
  std::erase_if(components, [&](const ComponentType* component) {
    const std::string_view name = component->name.substr(std::size("fault-") - 1);
    return std::find(names.begin(), names.end(), name) == names.end();
  });
  return components;
}

}  // namespace gpud::faults
