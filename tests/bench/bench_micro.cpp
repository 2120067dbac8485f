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
#include "decode/incident_events.h"
#include "lanes/kernel_log.h"
#include "sources/kmsg/record.h"
#include "sources/nvml/activity.h"
#include "sources/nvml/errors.h"
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

/// Records in memory, `distinct` texts over and over with their own numbers and times.
std::vector<std::string> Records(const std::vector<std::string>& texts, std::size_t count) {
  std::vector<std::string> records;
  records.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    records.push_back("6," + std::to_string(i) + ',' + std::to_string(i * 100) + ",-;" +
                      texts[i % texts.size()]);
  }
  return records;
}

/// Parse, match and fold, as the reader does with each record; records a second on one core.
void Decode(benchmark::State& state, const std::vector<std::string>& records) {
  std::vector<decode::Found> found;
  std::vector<Event> events;
  std::string scratch;
  for (auto _ : state) {
    decode::Decoder decoder(AllComponents());
    decode::IncidentEvents incidents;
    for (const std::string& raw : records) {
      const auto record = kmsg::ParseRecord(raw, scratch);
      if (!record) std::abort();
      const WallTime time{record->timestamp};
      decoder.Decode({.time = time, .text = record->text, .severity = record->severity()}, found);
      if (found.empty()) continue;
      incidents.Take(found,
                     {.time = time,
                      .read = BootTime(record->timestamp),
                      .sequence = record->sequence,
                      .identity = "k:1:2"},
                     events);
      events.clear();
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(records.size()));
}

std::vector<std::string> TextsOf(const std::vector<std::string>& files) {
  std::vector<std::string> texts;
  for (const std::string& name : files) {
    std::ifstream file(std::string(GPUD_SOURCE_DIR) + "/tests/data/kmsg/" + name);
    for (std::string line; std::getline(file, line);) {
      const std::size_t text = line.find(';');
      if (!line.starts_with(' ') && text != std::string::npos)
        texts.push_back(line.substr(text + 1));
    }
  }
  if (texts.empty()) std::abort();
  return texts;
}

/// The mix of a machine's day: 95 of 100 lines mean nothing.
void DecodeMixedLines(benchmark::State& state) {
  const auto boring = TextsOf({"healthy_boot.kmsg"});
  const auto faults = TextsOf({"xid_48_63_ecc.kmsg", "xid_79_fallen_off_bus.kmsg", "oom.kmsg",
                               "disk_io_error.kmsg", "nvme_timeout.kmsg"});
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < 2000; ++i) {
    texts.push_back(i % 20 == 0 ? faults[i / 20 % faults.size()] : boring[i % boring.size()]);
  }
  Decode(state, Records(texts, 100'000));
}
BENCHMARK(DecodeMixedLines)->Unit(benchmark::kMillisecond);

/// Every line holds the needles of several components and forms.
void DecodeLinesFullOfNeedles(benchmark::State& state) {
  Decode(
      state,
      Records({"pcieport 0000:97:01.0: AER: Correctable error message received from 0000:9b:00.0",
               "NVRM: Xid (PCI:0000:9b:00): 31, pid=9, name=nvme nvme4: I/O error, dev sda, Ch 8",
               "nvme nvme4: I/O 822 QID 24 timeout, reset controller amdgpu: ring gfx timeout",
               "mce: [Hardware Error]: Machine check: EDAC MC0: 1 CE on DIMM0 nfs: server x OK",
               "INFO: task python3:88123 blocked for more than 122 seconds. Out of memory: Kill"},
              100'000));
}
BENCHMARK(DecodeLinesFullOfNeedles)->Unit(benchmark::kMillisecond);

/// A storm of one line.
void DecodeStorm(benchmark::State& state) {
  Decode(
      state,
      Records({"pcieport 0000:97:01.0: AER: Correctable error message received from 0000:9b:00.0"},
              100'000));
}
BENCHMARK(DecodeStorm)->Unit(benchmark::kMillisecond);

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

/// gpud's own part of a sweep over eight GPUs: activity and errors, on a driver that takes no time.
void SweepOfEightGpus(benchmark::State& state) {
  ::setenv("GPUD_NVML_LIBRARY_PATH", GPUD_INSTANT_NVML, 1);
  const Root root;
  const SystemClock clock;
  Kept kept;
  for (auto _ : state) {
    Inputs in;
    nvml::kActivity.read({root, clock, &kept}, in);
    nvml::kErrors.read({root, clock, &kept}, in);
    const auto& activity = in.Latest<nvml::Activity>();
    if (!activity || activity->gpus.size() != 8) std::abort();
  }
}
BENCHMARK(SweepOfEightGpus)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
