// SPDX-License-Identifier: Apache-2.0
// FakeHost: a machine in a temporary folder and a clock that the test moves.
#pragma once

#include <string>
#include <string_view>

#include "sources/source.h"

namespace gpud {

class FakeClock final : public Clock {
 public:
  WallTime Wall() const override { return wall; }
  BootTime Boot() const override { return boot; }
  void Advance(std::chrono::microseconds by) {
    wall += by;
    boot += by;
  }

  WallTime wall{std::chrono::seconds(1'772'352'000)};  // 2026-03-01T08:00:00Z
  BootTime boot{std::chrono::seconds(100'000)};
};

class FakeHost {
 public:
  FakeHost();
  ~FakeHost();
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  /// Writes a file of the machine, with the folders above it.
  void Write(std::string_view path, std::string_view text);
  void Link(std::string_view path, std::string_view target);
  void Remove(std::string_view path);
  /// The real path of a file of the machine.
  std::string Path(std::string_view path) const;

 private:
  std::string folder_;

 public:
  FakeClock clock;
  Root root;
  Host host{root, clock};
};

}  // namespace gpud
