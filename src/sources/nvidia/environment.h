// SPDX-License-Identifier: Apache-2.0
// Environment variables that change how every CUDA program of the machine runs, where they are set
// for all of them. Names only: values may hold secrets.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace gpud::nvidia {

struct SetVariable {
  std::string name;   ///< "CUDA_INJECTION64_PATH"
  std::string place;  ///< "/etc/environment"

  bool operator==(const SetVariable&) const = default;
  static constexpr auto Fields() {
    return std::tuple{Field{"name", &SetVariable::name}, Field{"place", &SetVariable::place}};
  }
};

struct Environment {
  std::vector<SetVariable> bad;

  static constexpr auto Fields() { return std::tuple{Field{"bad", &Environment::bad}}; }
};

/// Those of a debugger or profiler that is meant for one program, and of a slow or dangerous mode.
/// `text`: lines, or records that end in NUL, of NAME=VALUE, also with "export " in front.
std::vector<std::string> BadVariables(std::string_view text);

/// Never an error in its place. Source: /etc/environment (pam_env(8)) and the environment of the
/// first process, which is that of a container (proc_pid_environ(5)).
extern const SourceType kEnvironment;

}  // namespace gpud::nvidia
