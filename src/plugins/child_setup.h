// SPDX-License-Identifier: Apache-2.0
// What becomes of a child between fork and exec of bash: who it is, what it may use, what it has.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "platform/result.h"
#include "plugins/cgroup.h"
#include "plugins/runner.h"

namespace gpud::plugins {

class ChildSetup {
 public:
  /// Looks the user up. Errors: kNotFound, kPermission (only root can be another user).
  static Result<ChildSetup> Prepare(const RunRequest& request, const RunGroup& group);

  uid_t uid() const { return uid_; }
  gid_t gid() const { return gid_; }

  /// In the child: runs `bash PATH` with `output` as its descriptors 1 and 2, the null device as 0
  /// and nothing else open but `kept` (-1: nothing). Gives the errno that kept it from it.
  int Become(const std::string& path, int output, int kept) const;

 private:
  ChildSetup(const RunRequest& request, const RunGroup& group)
      : request_(&request), group_(&group) {}
  void MakeEnvironment(const std::string& name, const std::string& home);

  const RunRequest* request_;
  const RunGroup* group_;
  uid_t uid_ = 0;
  gid_t gid_ = 0;
  bool other_user_ = false;
  std::vector<gid_t> groups_;
  std::vector<std::string> environment_;
  std::string bash_;
};

}  // namespace gpud::plugins
