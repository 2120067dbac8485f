// SPDX-License-Identifier: Apache-2.0
#include "store/store.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/unique_fd.h"
#include "store/store_rig.h"

namespace gpud::store {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Store, AnEventComesBackWholeAfterARestart) {
  StoreRig rig;
  rig.Open();
  const Event event{.component = "disk",
                    .time = rig.clock.Wall(),
                    .name = "n",
                    .type = EventType::kCritical,
                    .message = std::string("a \"b\" \xff \0 \n", 11),
                    .extra_info = {{"device", "sda"}, {"empty", ""}},
                    .origin = Origin::kInjected,
                    .identity = "boot:1:2"};
  EXPECT_EQ(rig.Put({.events = {event}}), 1u);
  rig.Reopen();
  EXPECT_EQ(rig.Events(), std::vector{event});
}

TEST(Store, ADuplicateByComponentAndIdentityIsIgnoredAndNotCounted) {
  StoreRig rig;
  rig.Open();
  Event changed = rig.MakeEvent(1);
  changed.message = "other";
  EXPECT_EQ(rig.Put({.events = {rig.MakeEvent(1), rig.MakeEvent(2), changed}}), 2u);
  EXPECT_EQ(rig.Put({.events = {rig.MakeEvent(2), rig.MakeEvent(3)}}), 1u);
  EXPECT_EQ(rig.Put({.events = {rig.MakeEvent(1, "os")}}), 1u);
  rig.Reopen();
  EXPECT_EQ(rig.Put({.events = {rig.MakeEvent(1)}}), 0u);
  EXPECT_EQ(rig.Events().size(), 4u);
}

TEST(Store, AnEventThatIsToldAgainReplacesWhatWasToldBefore) {
  StoreRig rig;
  rig.Open();
  Event event = rig.MakeEvent(1);
  rig.Put({.events = {event, rig.MakeEvent(2)}});
  event.message += " (3 times)";
  event.extra_info["count"] = "3";
  event.time += std::chrono::seconds(5);
  event.again = true;
  rig.Put({.events = {event}});
  event.again = false;  // is not kept
  rig.Reopen();
  EXPECT_EQ(rig.Events().size(), 2u);
  EXPECT_EQ(rig.Events().front(), event);
}

TEST(Store, AnEventWithoutIdentityIsToldByItsContent) {
  StoreRig rig;
  rig.Open();
  Event event = rig.MakeEvent(1);
  event.identity.clear();
  EXPECT_EQ(rig.Put({.events = {event, event}}), 1u);
}

TEST(Store, EventsAreFilteredAndTheNewestComeFirst) {
  StoreRig rig;
  rig.Open();
  const WallTime start = rig.clock.Wall();
  ASSERT_TRUE(rig.Put({.events = {rig.MakeEvent(1), rig.MakeEvent(3, "os"), rig.MakeEvent(2, "pci"),
                                  rig.MakeEvent(4)}}));
  const auto names = [&](const EventQuery& query) {
    std::string text;
    for (const Event& event : rig.Events(query)) text += event.identity + " ";
    return text;
  };
  EXPECT_EQ(names({}), "e4 e3 e2 e1 ");
  EXPECT_EQ(names({.components = {"cpu"}}), "e4 e1 ");
  EXPECT_EQ(names({.components = {"cpu", "os", "none"}}), "e4 e3 e1 ");
  EXPECT_EQ(names({.after = start + microseconds(2)}), "e4 e3 ");
  EXPECT_EQ(names({.until = start + microseconds(2)}), "e2 e1 ");
  EXPECT_EQ(names({.limit = 2}), "e4 e3 ");
  EXPECT_EQ(names({.components = {"x' OR 1=1 --"}}), "");
}

TEST(Store, MetadataIsReplacedAndAnEmptyValueDeletesTheKey) {
  StoreRig rig;
  rig.Open();
  EXPECT_EQ(rig.Put({.metadata = {{"a", "1"}, {"b", "2"}}}), 0u);
  EXPECT_EQ(rig.Put({.metadata = {{"a", "3"}, {"b", ""}, {"none", ""}}}), 0u);
  rig.Reopen();
  EXPECT_EQ(rig.AllMetadata(), (Metadata{{"a", "3"}}));
}

TEST(Store, TransitionsComeBackAfterARestartNewestFirst) {
  StoreRig rig;
  rig.Open();
  const WallTime start = rig.clock.Wall();
  rig.store->PutTransition({start, "cpu", "Healthy", "Degraded", "hot"});
  rig.store->PutTransition({start + seconds(1), "cpu", "Degraded", "Healthy", "cool"});
  rig.Reopen();
  const auto transitions = rig.Transitions({.components = {"cpu"}});
  ASSERT_EQ(transitions.size(), 2u);
  EXPECT_EQ(transitions[0].reason, "cool");
  EXPECT_EQ(transitions[1].from, "Healthy");
  EXPECT_EQ(transitions[1].to, "Degraded");
  EXPECT_EQ(rig.Transitions({.after = start}).size(), 1u);
}

TEST(Store, AQuerySeesEveryBatchThatWasPutBeforeIt) {
  StoreRig rig;
  rig.Open();
  for (int i = 0; i < 500; ++i) rig.store->Put({.events = {rig.MakeEvent(i)}});
  EXPECT_EQ(rig.Events().size(), 500u);
}

TEST(Store, WhatWasPutIsWrittenBeforeItCloses) {
  StoreRig rig;
  rig.Open();
  for (int i = 0; i < 500; ++i) rig.store->Put({.events = {rig.MakeEvent(i)}});
  rig.Reopen();
  EXPECT_EQ(rig.Events().size(), 500u);
}

TEST(Store, NothingIsCalledAfterItIsGone) {
  StoreRig rig;
  rig.Open();
  bool called = false;
  rig.store->OnCondition([&](const Condition&) { called = true; });
  rig.store->Put({.events = {rig.MakeEvent(1)}},
                 [&](const Result<std::size_t>&) { called = true; });
  rig.Close();
  ASSERT_TRUE(rig.loop.RunOne());  // the answer was posted, and finds nobody
  EXPECT_FALSE(called);
}

TEST(Store, InMemoryLeavesNoFile) {
  StoreRig rig;
  rig.options.in_memory = true;
  rig.Open();
  EXPECT_EQ(rig.Put({.events = {rig.MakeEvent(1)}}), 1u);
  rig.store->PutSamples(rig.clock.Wall(), "cpu", {{"load", {}, 1}});
  EXPECT_EQ(rig.Events().size(), 1u);
  EXPECT_EQ(rig.Metrics().size(), 1u);
  EXPECT_TRUE(rig.Compact());
  EXPECT_TRUE(std::filesystem::is_empty(rig.options.directory));
}

TEST(Store, TheFileIsForItsOwnerAlone) {
  StoreRig rig;
  rig.Open();
  ASSERT_TRUE(rig.Put({.events = {rig.MakeEvent(1)}}));
  for (const char* suffix : {"", "-wal"}) {
    struct stat status {};
    ASSERT_EQ(stat((rig.Db() + suffix).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u) << suffix;
  }
}

TEST(Store, OldEventsAndTransitionsGoAndTheFileShrinks) {
  StoreRig rig;
  rig.options.events_retention = hours(1);
  rig.Open();
  Batch batch;
  for (int i = 0; i < 5'000; ++i) {
    batch.events.push_back(rig.MakeEvent(i));
    batch.events.back().message = std::string(500, 'x');
  }
  ASSERT_TRUE(rig.Put(std::move(batch)));
  rig.store->PutTransition({rig.clock.Wall(), "cpu", "Healthy", "Degraded", ""});
  ASSERT_TRUE(rig.Compact());
  const auto full = std::filesystem::file_size(rig.Db());

  rig.clock.Advance(hours(1) + seconds(1));
  EXPECT_EQ(rig.Put({.events = {rig.MakeEvent(1'000'000)}}), 1u);
  EXPECT_EQ(rig.Events().size(), 1u);
  EXPECT_TRUE(rig.Transitions().empty());
  rig.Reopen();
  EXPECT_EQ(rig.Events().size(), 1u);
  EXPECT_LT(std::filesystem::file_size(rig.Db()), full / 4);
}

TEST(Store, EventsBeyondTheirRetentionAreNotShownBeforeTheyArePurged) {
  StoreRig rig;
  rig.options.events_retention = seconds(30);
  rig.Open();
  ASSERT_TRUE(rig.Put({.events = {rig.MakeEvent(0)}}));
  rig.clock.Advance(seconds(31));
  EXPECT_TRUE(rig.Events().empty());
}

TEST(Store, CompactGivesTheRoomBack) {
  StoreRig rig;
  rig.Open();
  Batch batch;
  for (int i = 0; i < 1'000; ++i) batch.metadata[std::to_string(i)] = std::string(1'000, 'x');
  const Metadata all = batch.metadata;
  ASSERT_TRUE(rig.Put(std::move(batch)));
  Batch none;
  for (const auto& [key, value] : all) none.metadata[key] = "";
  ASSERT_TRUE(rig.Put(std::move(none)));
  const auto before = rig.store->condition().size_bytes;
  ASSERT_TRUE(rig.Compact());
  rig.Until([&](const Condition& now) { return now.size_bytes < before / 4; });
}

TEST(Store, ASecondStoreOnTheSameFileSaysSoAndHarmsNothing) {
  StoreRig rig;
  // The lock is the process's, so another one has to try; made before there are threads.
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  UniqueFd wait(ends[0]), go(ends[1]);
  const pid_t child = fork();
  if (child == 0) {
    go.Reset();
    char none = 0;
    if (read(wait.get(), &none, 1) != 0) _exit(3);
    rig.Open();
    const bool told =
        rig.store->condition().problem.find("is another gpud running?") != std::string::npos;
    _exit(told ? 0 : 1);
  }
  rig.Open();
  EXPECT_EQ(rig.Put({.events = {rig.MakeEvent(1)}}), 1u);
  go.Reset();
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(rig.Put({.events = {rig.MakeEvent(2)}}), 1u);
  EXPECT_EQ(rig.Events().size(), 2u);
}

}  // namespace
}  // namespace gpud::store
