// SPDX-License-Identifier: Apache-2.0
// kill -9 at any moment: what was acknowledged is there, once.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>

#include "platform/unique_fd.h"
#include "store/store_rig.h"

namespace gpud::store {
namespace {

constexpr int kRounds = 50;

/// In a child: puts batches of 1 to 5 events for ever, some of them twice, several on their way at
/// a time; writes the number after the last event of each acknowledged batch to `report`.
[[noreturn]] void WriteForEver(StoreRig& rig, int first, int report) {
  std::mt19937 random(static_cast<unsigned>(first));
  rig.Open();
  int next = first, on_the_way = 0;
  while (true) {
    Batch batch;
    const int end = next + 1 + static_cast<int>(random() % 5);
    for (; next < end; ++next) batch.events.push_back(rig.MakeEvent(next));
    if (random() % 3 == 0) batch.events.push_back(rig.MakeEvent(end - 1));
    batch.metadata["last"] = std::to_string(end - 1);
    ++on_the_way;
    rig.store->Put(std::move(batch), [&, end](const Result<std::size_t>& written) {
      --on_the_way;
      if (!written || write(report, &end, sizeof end) != sizeof end) _exit(1);
    });
    rig.store->PutSamples(rig.clock.Wall(), "cpu", {{"m", {}, double(next)}});
    rig.clock.Advance(std::chrono::seconds(20));  // flushes and purges come to pass, too
    const int most = static_cast<int>(random() % 4);
    while (on_the_way > most) rig.loop.RunOne();
  }
}

/// Lets a child write, kills it after `acknowledgments`, gives the number after the last event that
/// it knows to be stored.
int KillWriter(StoreRig& rig, int first, int acknowledgments) {
  int ends[2];
  if (pipe(ends) != 0) return -1;
  UniqueFd from(ends[0]), report(ends[1]);
  const pid_t child = fork();
  if (child == 0) WriteForEver(rig, first, report.get());
  report.Reset();
  int acknowledged = first, end = 0;
  while (read(from.get(), &end, sizeof end) == sizeof end) {
    acknowledged = end;
    if (--acknowledgments == 0) kill(child, SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself";
  return acknowledged;
}

TEST(StoreKill, FiftyTimesLosesAndDoublesNoAcknowledgedEvent) {
  StoreRig rig;
  std::mt19937 random(7);
  int next = 0;
  for (int round = 0; round < kRounds; ++round) {
    const int acknowledged = KillWriter(rig, next, 1 + static_cast<int>(random() % 60));
    ASSERT_GT(acknowledged, next);

    rig.Open();
    EXPECT_EQ(rig.store->condition().set_aside, "");
    const std::vector<Event> events = rig.Events();
    ASSERT_GE(events.size(), static_cast<std::size_t>(acknowledged));
    std::vector<bool> seen(events.size());
    for (const Event& event : events) {
      const auto number = static_cast<std::size_t>(std::stoi(event.identity.substr(1)));
      ASSERT_LT(number, seen.size()) << "there is a gap";
      ASSERT_FALSE(seen[number]) << "doubled: " << number;
      seen[number] = true;
    }
    // A batch is there as a whole or not at all.
    EXPECT_EQ(rig.AllMetadata().at("last"), std::to_string(events.size() - 1));
    next = static_cast<int>(events.size());
    rig.Close();
  }
}

}  // namespace
}  // namespace gpud::store
