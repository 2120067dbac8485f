// SPDX-License-Identifier: Apache-2.0
#include <malloc.h>
#include <pthread.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "daemon/daemon.h"
#include "daemon/data_dir.h"
#include "daemon/gpu_users.h"
#include "daemon/machine.h"
#include "daemon/machine_gpus.h"
#include "daemon/node.h"
#include "daemon/notify.h"
#include "daemon/select.h"
#include "platform/list_text.h"
#include "platform/log.h"
#include "server/http.h"
#include "server/routes.h"

namespace gpud::daemon {
namespace {

/// One arena for the three threads, and freed pages go back: gpud must stay small for months.
void KeepHeapSmall() {
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_TRIM_THRESHOLD, 256 << 10);
  mallopt(M_MMAP_THRESHOLD, 128 << 10);
}

/// SIGTERM and SIGINT as a descriptor, blocked in every thread that is started afterwards.
Result<UniqueFd> BlockStopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  UniqueFd fd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.valid()) return FailErrno("signalfd", errno);
  return fd;
}

}  // namespace

std::vector<const SourceType*> NeedsOf(std::span<const ComponentType* const> components) {
  std::vector<const SourceType*> sources;
  for (const ComponentType* component : components) {
    for (const SourceType* source : component->needs) {
      if (std::find(sources.begin(), sources.end(), source) == sources.end()) {
        sources.push_back(source);
      }
    }
  }
  return sources;
}

std::vector<const SourceType*> SourcesOf(std::span<const ComponentType* const> components) {
  std::vector<const SourceType*> sources = NeedsOf(components);
  sources.push_back(&kMachine);
  for (const auto& more : {kGpuUserSources, kGpuSources}) {
    std::copy_if(more.begin(), more.end(), std::back_inserter(sources),
                 [&](const SourceType* source) {
                   return std::find(sources.begin(), sources.end(), source) == sources.end();
                 });
  }
  return sources;
}

std::vector<const ComponentType*> Enabled(const Options& options,
                                          std::span<const ComponentType* const> components) {
  std::vector<std::string> names;
  for (const ComponentType* component : components) names.emplace_back(component->name);
  const Selection selection = SelectComponents(options.components, names);
  if (!selection.unknown.empty()) {
    log::Warn("--components names what does not exist", {{"names", ListText(selection.unknown)}});
  }
  std::vector<const ComponentType*> enabled;
  for (const ComponentType* component : components) {
    const auto& selected = selection.selected;
    if (std::find(selected.begin(), selected.end(), component->name) != selected.end()) {
      enabled.push_back(component);
    }
  }
  return enabled;
}

Result<int> Run(const Options& options, std::span<const ComponentType* const> components) {
  KeepHeapSmall();
  std::signal(SIGPIPE, SIG_IGN);
  const ServiceNotifier notifier;
  auto signals = BlockStopSignals();
  if (!signals) return Pass(std::move(signals), "signals");
  if (auto logging = log::Start(options.log); !logging) return Pass(std::move(logging), "log");
  const auto lock = OpenDataDir(options.data_dir);
  if (!lock) return Pass(lock, "start");
  auto token = LoadApiToken(options.api_token_file);
  if (!token) {
    // A full disk must not keep the machine from being watched; without a token only root and
    // client certificates may change anything.
    log::Warn("no API token", {{"error", token.error().what}});
    if (token.error().code == ErrorCode::kParse) return Pass(std::move(token), "start");
    token = std::string();
  }

  // Order of ends: the server first (nobody asks any more), then the node (lanes, then the store,
  // which writes what waits), then the loop.
  const SystemClock clock;
  Loop loop;
  Node node(loop, clock, options, Enabled(options, components));
  server::HttpServer http(loop,
                          {.listen_address = options.listen_address,
                           .unix_socket = options.socket,
                           .certificate_directory = options.data_dir,
                           .client_ca_file = options.client_ca_file},
                          server::MakeApi(node, {.api_token = *token,
                                                 .api_token_file = options.api_token_file,
                                                 .insecure_open = options.insecure_open}));
  if (auto started = http.Start(); !started) return Pass(std::move(started), "listen");
  node.Start();
  const Loop::Watch stop = loop.WhenReadable(signals->get(), [&] {
    signalfd_siginfo info{};
    if (::read(signals->get(), &info, sizeof info) == sizeof info) loop.Stop();
  });
  Loop::Watch end;
  int code = 0;
  if (options.ends_with >= 0) {
    end = loop.WhenReadable(options.ends_with, [&] {
      log::Err("the simulated machine has ended");
      code = 1;
      loop.Stop();
    });
    log::Warn(
        "SIMULATED: nothing that is said here is of a real machine",
        {{"scenario", options.simulated}, {"root", options.root}, {"socket", options.socket}});
  }
  log::Info("gpud " GPUD_VERSION " answers", {{"at", ListText(http.Addresses())},
                                              {"data", options.data_dir},
                                              {"fingerprint", http.Fingerprint()}});
  notifier.Say("READY=1");
  loop.Run();
  notifier.Say("STOPPING=1");
  log::Info("stopping");
  return code;
}

}  // namespace gpud::daemon
