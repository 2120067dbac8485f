// SPDX-License-Identifier: Apache-2.0
// Kept: what sources keep from one reading to the next, such as a driver's session.
#pragma once

#include <memory>
#include <utility>
#include <vector>

namespace gpud {

/// Objects found by their type, so that several sources of a lane share one. They end with the
/// lane's process, in the order of their making.
class Kept {
 public:
  /// Made by default at the first question for it.
  template <class T>
  T& Of() {
    for (const auto& [type, object] : objects_) {
      if (type == &kType<T>) return *static_cast<T*>(object.get());
    }
    return *static_cast<T*>(objects_.emplace_back(&kType<T>, std::make_shared<T>()).second.get());
  }

 private:
  template <class T>
  static constexpr char kType = 0;  // its address is T's identity

  std::vector<std::pair<const char*, std::shared_ptr<void>>> objects_;
};

}  // namespace gpud
