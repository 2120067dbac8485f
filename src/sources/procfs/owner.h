// SPDX-License-Identifier: Apache-2.0
// Who a process is: name, user, command line, age, and the container, pod or batch job it belongs
// to. For a few processes that something else has named, not for all of a machine.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "sources/source.h"

namespace gpud::procfs {

struct Container {
  std::string id;       ///< as the runtime writes it
  std::string runtime;  ///< "docker", "containerd", "cri-o", "podman"; empty when not told

  bool operator==(const Container&) const = default;
  static constexpr auto Fields() {
    return std::tuple{Field{"id", &Container::id},
                      Field{"runtime", &Container::runtime, When::kNonEmpty}};
  }
};

/// Of Kubernetes. The control group tells the uid; names are the kubelet's to tell.
struct Pod {
  std::string uid, name_space, name, container;

  bool operator==(const Pod&) const = default;
  static constexpr auto Fields() {
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"uid", &Pod::uid, kOmit}, Field{"namespace", &Pod::name_space, kOmit},
                      Field{"name", &Pod::name, kOmit}, Field{"container", &Pod::container, kOmit}};
  }
};

struct SlurmJob {
  std::string job;   ///< number
  std::string step;  ///< "0", "batch", "extern", "interactive"

  bool operator==(const SlurmJob&) const = default;
  static constexpr auto Fields() {
    return std::tuple{Field{"job", &SlurmJob::job},
                      Field{"step", &SlurmJob::step, When::kNonEmpty}};
  }
};

struct ProcessOwner {
  std::uint32_t pid = 0;
  std::string name;     ///< at most 15 bytes (comm)
  std::string command;  ///< arguments, bounded, secrets masked; empty when not read
  std::string state;    ///< R S D Z T t I X
  std::uint32_t parent = 0;
  std::uint64_t start_ticks = 0;  ///< 1/100 s since boot; with the pid this names it for good
  WallTime start_time{};
  std::optional<std::uint32_t> uid;  ///< effective
  std::string user;                  ///< of /etc/passwd; empty when it is not there
  /// Its pid as it sees it itself, in a pid namespace of its own.
  std::optional<std::uint32_t> container_pid;
  std::optional<Container> container;
  std::optional<Pod> pod;
  std::optional<SlurmJob> slurm;
  std::string unit;     ///< of systemd when in none of those: "jupyter.service"
  std::string problem;  ///< why nothing is known of it

  bool operator==(const ProcessOwner&) const = default;
  static constexpr auto Fields() {
    using P = ProcessOwner;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"pid", &P::pid},
                      Field{"name", &P::name, kOmit},
                      Field{"command", &P::command, kOmit},
                      Field{"state", &P::state, kOmit},
                      Field{"parent", &P::parent, kOmit},
                      Field{"start_ticks", &P::start_ticks, kOmit},
                      Field{"start_time", &P::start_time},
                      Field{"uid", &P::uid, kOmit},
                      Field{"user", &P::user, kOmit},
                      Field{"container_pid", &P::container_pid, kOmit},
                      Field{"container", &P::container, kOmit},
                      Field{"pod", &P::pod, kOmit},
                      Field{"slurm", &P::slurm, kOmit},
                      Field{"unit", &P::unit, kOmit},
                      Field{"problem", &P::problem, kOmit}};
  }
};

/// Reads owners of one machine; keeps /etc/passwd while it lives (no NSS, which a static program
/// cannot use: users of LDAP stay numbers).
class OwnerReader {
 public:
  explicit OwnerReader(const Host& host) : host_(host) {}

  /// Of one process; `problem` says why not when it has ended. `known`: what was read of this pid
  /// before, or null. The command line is read once in a process's life, as it can wait for ever on
  /// the memory lock of a process that is stuck in a driver: for a lane that can be killed, and not
  /// at all when one of its threads is in uninterruptible sleep.
  /// Source: proc(5), stat, status, cgroup, cmdline, task/TID/stat.
  ProcessOwner Read(std::uint32_t pid, const ProcessOwner* known);

 private:
  const std::string& UserOf(std::uint32_t uid);

  const Host& host_;
  std::optional<std::map<std::uint32_t, std::string>> users_;
};

/// What /proc/PID/cgroup tells, into `owner` (cgroups(7)).
void ParseCgroups(std::string_view text, ProcessOwner& owner);

/// Names by user id; lines that are none are skipped (passwd(5)).
std::map<std::uint32_t, std::string> ParsePasswd(std::string_view text);

}  // namespace gpud::procfs
