// SPDX-License-Identifier: Apache-2.0
// A lane in a child process: started when it is needed, killed when it is late or insane, left
// behind when it does not die.
#pragma once

#include <list>
#include <memory>

#include "lanes/frame.h"
#include "lanes/host_lane.h"
#include "lanes/lane.h"
#include "lanes/lane_process.h"

namespace gpud::lanes {

class ChildLane final : public ReadingLane {
 public:
  /// `executable`: an open descriptor of the program. `helper` looks at processes that do not die.
  ChildLane(Loop& loop, const Clock& clock, const Options& options, std::string name,
            int executable, HostThread& helper);

  void Describe(std::vector<SelfFinding>& findings) const override;
  /// Kills what is there and waits for the ends until then.
  void Stop(BootTime until);
  std::vector<int> Pids() const;

 private:
  struct Child {
    explicit Child(LaneProcess the_process) : process(std::move(the_process)) {}
    LaneProcess process;
    FrameReader frames;
    bool closed = false;  // its socket
    // Once it is killed:
    std::string reading;  // the source whose reading was its last
    WallTime left_behind_since{};
    std::shared_ptr<std::string> where;  // it hangs
    // Last, as they are to go first.
    Loop::Watch on_bytes;
    Loop::Watch on_end;
    Loop::Watch timer;
  };
  using Children = std::list<Child>;

  Result<void> Start(const SourceType& source) override;
  Abandoned Abandon() override;

  Result<void> StartChild();
  void OnBytes();
  Result<void> TakeFrames();
  void OnEnd();
  /// Kills the child and waits for its end beside the lane's work.
  void Discard();
  void OnDyingEnd(Children::iterator child);
  void LeaveBehind(Children::iterator child);
  std::size_t LeftBehind() const;

  const int executable_;
  HostThread& helper_;
  std::uint64_t id_ = 0;  // of the request under way
  Children child_;        // none or one
  Children dying_;        // killed, their end not seen yet
};

}  // namespace gpud::lanes
