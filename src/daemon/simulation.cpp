// SPDX-License-Identifier: Apache-2.0
#include "daemon/simulation.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "machine/keeper.h"
#include "machine/kernel_ring.h"
#include "platform/clock.h"
#include "platform/root.h"
#include "platform/text.h"
#include "scenario/bundled.h"
#include "scenario/node.h"

namespace gpud::daemon {
namespace {

// A long scenario that is begun at its end is made sample by sample first.
constexpr int kStartPatienceMilliseconds = 60'000;
constexpr int kEndPatienceMilliseconds = 2'000;

std::string DecimalText(double number) {
  std::array<char, 64> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed, 6);
  return {text.data(), end.ptr};
}

/// The simulated driver: beside the program, as it is built, else where packages put it.
Result<std::string> FindDriver() {
  const Root root;
  const std::string program = root.ReadLink("/proc/self/exe").value_or(std::string());
  const std::string folder = program.substr(0, program.rfind('/'));
  std::string looked_at;
  for (const std::string& place :
       {folder + "/sim", folder + "/../lib/gpud/sim", std::string("/usr/lib/gpud/sim")}) {
    std::string path = place + "/libnvidia-ml.so.1";
    if (root.Exists(path)) return path;
    looked_at += (looked_at.empty() ? "" : ", ") + path;
  }
  return Fail(ErrorCode::kNotFound,
              "the simulated driver is not installed; looked for " + looked_at);
}

Result<const scenario::NodeSpec*> FindNode(const scenario::Scenario& scenario,
                                           const std::string& wanted) {
  std::string names;
  for (const scenario::NodeSpec& spec : scenario.nodes) {
    for (const std::string& name : spec.Names()) {
      if (wanted.empty() || name == wanted) return &spec;
      names += ' ' + name;
    }
  }
  return Fail(ErrorCode::kNotFound,
              "scenario " + scenario.id + " has no node '" + wanted + "'; it has:" + names);
}

void Set(const char* variable, const std::string& value) {
  if (value.empty()) {
    ::unsetenv(variable);
  } else {
    ::setenv(variable, value.c_str(), 1);
  }
}

/// The first line that the child says.
Result<std::string> ReadLine(int fd) {
  std::string line;
  while (!line.ends_with('\n')) {
    pollfd poll_fd{.fd = fd, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&poll_fd, 1, kStartPatienceMilliseconds);
    if (ready < 0 && errno == EINTR) continue;
    std::array<char, 4096> buffer;
    const ssize_t n = ready > 0 ? ::read(fd, buffer.data(), buffer.size()) : -1;
    if (n == 0 && !line.empty()) break;
    if (n <= 0) return Fail(ErrorCode::kIo, "it says nothing");
    line.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return std::string(Trim(line));
}

}  // namespace

Result<Simulation> Simulation::Start(const SimulationPlan& plan) {
  const auto scenario = scenario::FindScenario(plan.scenario);
  if (!scenario) return tl::unexpected<Error>(scenario.error());
  const auto node = FindNode(*scenario, plan.node);
  if (!node) return tl::unexpected<Error>(node.error());
  auto driver = FindDriver();
  if (!driver) return Pass(std::move(driver), "--simulate");

  const double now = std::chrono::duration<double>(SystemClock().Wall().time_since_epoch()).count();
  const double start = now - plan.begin_s.value_or(scenario->duration_s) / plan.speed;
  std::array<int, 2> ends;
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return FailErrno("a socket for the simulated machine", errno);
  }
  UniqueFd ours(ends[0]);
  const UniqueFd theirs(ends[1]);
  const UniqueFd program(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  if (!program.valid()) return FailErrno("/proc/self/exe", errno);
  static constexpr std::string_view kEnvironment[] = {"PATH=", "TZ="};
  auto keeper = ChildProcess::Start(
      {.executable = program.get(),
       .arguments = {"simulated-machine", "--below", plan.memory_dir, "--scenario", plan.scenario,
                     "--node", plan.node, "--start", DecimalText(start), "--speed",
                     DecimalText(plan.speed)},
       .input = theirs.get(),
       .output = theirs.get(),
       .environment = kEnvironment});
  if (!keeper) return Pass(std::move(keeper), "the simulated machine");
  Simulation simulation(std::move(*keeper), std::move(ours));
  auto said = ReadLine(simulation.pipe_.get());
  if (!said) return Pass(std::move(said), "the simulated machine");
  if (!said->starts_with(sim_machine::kReady)) return Fail(ErrorCode::kIo, *said);
  simulation.folder_ = said->substr(sim_machine::kReady.size());
  simulation.name_ = scenario->id;
  simulation.title_ = scenario->title;

  Set("GPUD_NVML_LIBRARY_PATH", *driver);
  Set("GPUD_SIM_SCENARIO", plan.scenario);
  Set("GPUD_SIM_NODE", plan.node);
  Set("GPUD_SIM_START", DecimalText(start));
  Set("GPUD_SIM_SPEED", DecimalText(plan.speed));
  Set("GPUD_SIM_CLOCK", {});
  Set("GPUD_SIM_FAULTS", plan.faults_file);
  return simulation;
}

Simulation::~Simulation() {
  if (!pipe_.valid()) return;  // moved from
  pipe_.Reset();
  pollfd end{.fd = keeper_.pidfd(), .events = POLLIN, .revents = 0};
  ::poll(&end, 1, kEndPatienceMilliseconds);
  // Of a child that was killed.
  std::error_code error;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, error);
}

std::string Simulation::data_dir() const { return folder_ + std::string(sim_machine::kDataFolder); }

void Simulation::Use(Options& options) const {
  options.simulated = name_;
  options.root = folder_ + std::string(sim_machine::kRootFolder);
  options.kmsg_path.clear();
  options.kernel_input = options.root + std::string(sim_machine::kKernelInput);
  options.ends_with = keeper_.pidfd();
}

std::optional<SelfFinding> SimulatedFinding(const Options& options, WallTime since) {
  if (options.simulated.empty()) return std::nullopt;
  return SelfFinding{"this machine is simulated (scenario " + options.simulated + ")", since,
                     false};
}

}  // namespace gpud::daemon
