// SPDX-License-Identifier: Apache-2.0
#include "machine/keeper.h"

#include <malloc.h>
#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "machine/folder.h"
#include "machine/kernel_ring.h"
#include "machine/machine.h"
#include "platform/clock.h"
#include "scenario/bundled.h"

namespace gpud::sim_machine {
namespace {

// Real seconds between two writings. Finer than a step of a scenario, so that what two readings
// see of a counter is not a step more or less.
constexpr double kPeriod = 1.0;

using Seconds = std::chrono::duration<double>;

double UnixOf(WallTime time) { return Seconds(time.time_since_epoch()).count(); }

/// A folder that is removed with its owner, with all that is in it.
class OwnFolder {
 public:
  static Result<OwnFolder> Make(const std::string& below) {
    std::string pattern = below + "/gpud-simulated-XXXXXX";
    if (!::mkdtemp(pattern.data())) return FailErrno(pattern, errno);
    OwnFolder folder(std::move(pattern));
    for (const std::string_view part : {kRootFolder, kDataFolder}) {
      std::error_code error;
      std::filesystem::create_directory(folder.path_ + std::string(part), error);
      if (error) return FailErrno(folder.path_, error.value());
    }
    return folder;
  }
  OwnFolder(OwnFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  OwnFolder& operator=(OwnFolder&&) = delete;
  ~OwnFolder() {
    std::error_code error;  // what is left of it is of no use to anybody
    if (!path_.empty()) std::filesystem::remove_all(path_, error);
  }

  const std::string& path() const { return path_; }
  std::string root() const { return path_ + std::string(kRootFolder); }

 private:
  explicit OwnFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

bool Say(const std::string& text) {
  const std::string line = text + '\n';
  return ::write(STDOUT_FILENO, line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

/// Waits, at most so long, for a program's line (true) or the end of who we are there for.
enum class Woken : unsigned char { kByTime, kByInput, kByEnd };
Woken Wait(int input, double seconds) {
  std::array<pollfd, 2> fds{{{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                             {.fd = input, .events = POLLIN, .revents = 0}}};
  const int milliseconds = static_cast<int>(std::clamp(seconds, 0.0, kPeriod) * 1000) + 1;
  const int ready = ::poll(fds.data(), fds.size(), milliseconds);
  if (ready < 0 && errno != EINTR) return Woken::kByEnd;
  if (fds[0].revents != 0) return Woken::kByEnd;
  return fds[1].revents != 0 ? Woken::kByInput : Woken::kByTime;
}

Result<void> KeepNode(const scenario::Node& node, const KeeperOptions& options) {
  const SystemClock clock;
  const Origin origin{.start_unix = options.start_unix,
                      .boot_unix = UnixOf(clock.Wall() - clock.Boot().time_since_epoch()),
                      .speed = options.speed};
  const auto second_now = [&] {
    return std::max(0.0, (UnixOf(clock.Wall()) - origin.start_unix) * origin.speed);
  };
  auto own = OwnFolder::Make(options.below);
  if (!own) return tl::unexpected<Error>(std::move(own).error());
  Folder folder(own->root());
  Machine machine(node, origin);
  double t = second_now();
  if (auto put = folder.Put(machine.At(t)); !put) return put;
  auto ring = KernelRing::Make(own->root(), node, origin);
  if (!ring) return tl::unexpected<Error>(std::move(ring).error());
  ring->PlayTo(t);
  ::malloc_trim(0);  // what it took to come to this moment
  if (!Say(std::string(kReady) + own->path())) return {};

  for (BootTime written = clock.Boot();;) {
    const double since = Seconds(clock.Boot() - written).count();
    const double line = ring->next() ? (*ring->next() - second_now()) / origin.speed : kPeriod;
    const Woken woken = Wait(ring->input(), std::min(kPeriod - since, line));
    if (woken == Woken::kByEnd) return {};
    t = std::max(t, second_now());  // a clock that was set back does not take time back
    if (woken == Woken::kByInput) ring->TakeInput(t);
    ring->PlayTo(t);
    if (clock.Boot() - written < Seconds(kPeriod)) continue;
    written = clock.Boot();
    if (auto put = folder.Put(machine.At(t)); !put) return put;
  }
}

}  // namespace

int Keep(const KeeperOptions& options) {
  ::prctl(PR_SET_NAME, "gpud-simulated");
  const auto scenario = scenario::FindScenario(options.scenario);
  const auto failed = [](const Error& error) {
    (void)Say(error.what);  // nobody may be left to hear it
    return 1;
  };
  if (!scenario) return failed(scenario.error());
  const std::vector<scenario::Node> nodes = scenario::NodesOf(*scenario);
  const auto named = std::find_if(nodes.begin(), nodes.end(), [&](const scenario::Node& node) {
    return options.node.empty() || node.name() == options.node;
  });
  if (named == nodes.end()) return failed({ErrorCode::kNotFound, "no node " + options.node});
  const auto kept = KeepNode(*named, options);
  return kept ? 0 : failed(kept.error());
}

}  // namespace gpud::sim_machine
