// SPDX-License-Identifier: Apache-2.0
// Sources that do what a sick driver does, and components on them, to prove that the lanes hold.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "components/component.h"

namespace gpud::faults {

/// What the sources that do answer give; each source has a type of its own.
template <int kFault>
struct Reading {
  std::int64_t value = 0;
  std::string text;

  static constexpr auto Fields() {
    return std::tuple{Field{"value", &Reading::value}, Field{"text", &Reading::text}};
  }
};

/// Never answers: "hang", "sigterm" (and ignores SIGTERM), "slow" (answers after its deadline),
/// "crash" (SIGSEGV), "exit" (code 3), "closed" (closes its socket), "garbage", "oversize" (a frame
/// of 64 MiB), "liar" (the answer to another request), "memory" (eats all there is), "big" (a
/// snapshot above the limit). Answer well: "good" (42), "print" (though it prints to stdout),
/// "fork" (the pid of a process that it started and left), "surroundings" (a text about its
/// process).
std::span<const SourceType* const> Sources();
const SourceType& Source(std::string_view name);

/// A component "fault-NAME" for each of those that never answer well; GPUD_TEST_FAULTS=hang,crash
/// chooses some.
std::vector<const ComponentType*> Components();

}  // namespace gpud::faults
