// SPDX-License-Identifier: Apache-2.0
// Loop: the one thread that owns all state. A thin face on Boost.Asio, so that only the server and
// the client include it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace gpud {

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs until Stop; what is posted afterwards is dropped.
  void Run();
  /// Runs for at most `limit`, or until Stop (tests, scan).
  void RunFor(std::chrono::milliseconds limit);
  /// May be called from any thread.
  void Stop();
  /// Runs `task` on the loop's thread, later. May be called from any thread.
  void Post(std::function<void()> task);

  /// Something to be called back for; destroying it ends that. Must be destroyed before the loop.
  class Handle {
   public:
    virtual ~Handle() = default;
  };
  using Watch = std::unique_ptr<Handle>;

  /// Calls `task` once, after `delay`.
  [[nodiscard]] Watch After(std::chrono::milliseconds delay, std::function<void()> task);
  /// Calls `task` whenever `fd` (a pipe, socket, eventfd or pidfd; not owned) is readable or at its
  /// end, until the watch is destroyed. `task` may destroy the watch.
  [[nodiscard]] Watch WhenReadable(int fd, std::function<void()> task);

  boost::asio::io_context& context();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gpud
