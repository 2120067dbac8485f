// SPDX-License-Identifier: Apache-2.0
// What a whole-process measurement cannot see apart: events into the store, kernel lines through
// the reader and the matchers, samples into chunks.
#include <benchmark/benchmark.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "components/all.h"
#include "lanes/kernel_log.h"
#include "store/gorilla.h"
#include "store/identity.h"
#include "store/store.h"

namespace {

using namespace gpud;

struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "gpud-bench-XXXXXX").string();
    if (!mkdtemp(name.data())) std::abort();
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

/// Events a second, committed with synchronous=FULL, in batches of `range(0)`.
void EventsIntoTheStore(benchmark::State& state) {
  const Folder folder;
  const SystemClock clock;
  std::mutex mutex;
  std::condition_variable answered;
  std::size_t stored = 0;  // guarded by mutex, as the answers run on the store's thread here
  store::Store store({.directory = folder.path}, clock,
                     [](const std::function<void()>& task) { task(); });
  std::uint64_t serial = 0;
  for (auto _ : state) {
    store::Batch batch;
    for (std::int64_t i = 0; i < state.range(0); ++i) {
      Event event{.component = "accelerator-nvidia-error-xid",
                  .time = clock.Wall(),
                  .name = "error_xid",
                  .message = "Xid 31 on PCI:0000:9b:00: pid=" + std::to_string(++serial)};
      event.identity = store::OwnIdentity(event);
      batch.events.push_back(std::move(event));
    }
    store.Put(std::move(batch), [&](const Result<std::size_t>& done) {
      const std::lock_guard lock(mutex);
      stored += done.value_or(0);
      answered.notify_one();
    });
    std::unique_lock lock(mutex);
    answered.wait(lock, [&] { return stored >= serial; });
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(serial));
}
BENCHMARK(EventsIntoTheStore)->Arg(1)->Arg(1000)->UseRealTime();

/// Kernel log lines a second, of which one in twenty means something to a component.
void KernelLines(benchmark::State& state) {
  constexpr int kLines = 20'000;
  const Folder folder;
  const std::string path = folder.path + "/kmsg";
  {
    std::ofstream file(path);
    for (int i = 0; i < kLines; ++i) {
      file << "6," << i << ',' << i * 100 << ",-;"
           << (i % 20 == 0 ? "NVRM: Xid (PCI:0000:9b:00): 31, pid=" + std::to_string(i) + ", Ch 8"
                           : "pci 0000:00:1f.3: reg 0x10: [mem 0x91300000-0x91303fff 64bit]")
           << '\n';
    }
  }
  const Root root;
  const SystemClock clock;
  for (auto _ : state) {
    lanes::KernelLog log(root, clock, AllComponents(), {.path = path, .boot_id = "bench"});
    if (!log.Open()) std::abort();
    std::size_t events = 0;
    while (!log.ended()) events += log.ReadSome().events.size();
    benchmark::DoNotOptimize(events);
  }
  state.SetItemsProcessed(state.iterations() * kLines);
}
BENCHMARK(KernelLines);

void SamplesIntoAChunk(benchmark::State& state) {
  for (auto _ : state) {
    store::ChunkEncoder encoder;
    for (int i = 0; i < 240; ++i)
      encoder.Add({1'772'352'000'000 + i * 15'000, 40.0 + i % 7 * 0.25});
    benchmark::DoNotOptimize(encoder.bytes());
  }
  state.SetItemsProcessed(state.iterations() * 240);
}
BENCHMARK(SamplesIntoAChunk);

}  // namespace

BENCHMARK_MAIN();
