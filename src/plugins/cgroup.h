// SPDX-License-Identifier: Apache-2.0
// RunGroup: the cgroup of one run, with its limits: v2 where its controllers can be used, v1 where
// that is what there is. Made and removed by the run's own process.
#pragma once

#include <string>
#include <vector>

#include "platform/unique_fd.h"
#include "plugins/spec.h"

namespace gpud::plugins {

class RunGroup {
 public:
  /// Groups below the one that this process is in; `name` is theirs, "gpud-plugin-PID". Removes
  /// what processes that are no more left there. `root`: of the machine's files (tests). It cannot
  /// fail: what is not limited, lacking() tells.
  RunGroup(const Limits& limits, const std::string& name, const std::string& root = "");
  /// Removes the groups, which are empty by then or are left to a later run.
  ~RunGroup();
  RunGroup(const RunGroup&) = delete;
  RunGroup& operator=(const RunGroup&) = delete;

  /// For the child between fork and exec: puts the calling process into the groups.
  void Enter() const;
  /// No process of the group can start another any more.
  void StopForks() const;
  /// The controllers ("memory", "pids", "cpu") that are not at work, in that order.
  const std::vector<std::string>& lacking() const { return lacking_; }
  bool HasLimit(const std::string& controller) const;

 private:
  struct Group {
    std::string folder;
    UniqueFd processes;
  };
  bool Set(const std::string& controller, const plugins::Limits& limits, const std::string& folder,
           bool unified) const;

  std::vector<Group> groups_;
  std::vector<std::string> lacking_;
  std::string pids_max_;  ///< path of the file that limits processes; empty = there is none
};

}  // namespace gpud::plugins
