// SPDX-License-Identifier: Apache-2.0
// A full file system: a small tmpfs in a mount namespace of the test's own (needs root).
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "platform/unique_fd.h"
#include "store/store_rig.h"

namespace gpud::store {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class StoreDiskFull : public testing::Test {
 protected:
  void SetUp() override {
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) ||
        mount("gpud-test", rig_.options.directory.c_str(), "tmpfs", 0, "size=2m")) {
      GTEST_SKIP() << "no tmpfs of our own to fill: " << std::strerror(errno);
    }
    mounted_ = true;
  }
  void TearDown() override {
    rig_.Close();
    if (mounted_) umount(rig_.options.directory.c_str());
  }

  /// Takes all room but `spare` bytes.
  void Fill(std::size_t spare = 0) {
    const UniqueFd file(open(Filler().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    const std::string block(4096, 'f');
    while (write(file.get(), block.data(), block.size()) > 0) {
    }
    struct stat status {};
    ASSERT_EQ(fstat(file.get(), &status), 0);
    ASSERT_EQ(ftruncate(file.get(), status.st_size - static_cast<off_t>(spare)), 0);
  }
  void MakeRoom() { std::filesystem::remove(Filler()); }

  /// Puts `count` events with no answer expected yet; the answers are counted.
  void PutWithoutAnswer(int first, int count) {
    for (int i = first; i < first + count; ++i) {
      rig_.store->Put({.events = {rig_.MakeEvent(i)}},
                      [this](Result<std::size_t> written) { acknowledged_ += written.value(); });
    }
  }
  void ExpectFull() {
    rig_.Until([](const Condition& condition) { return !condition.writable; });
    EXPECT_NE(rig_.store->condition().problem.find("full"), std::string::npos)
        << rig_.store->condition().problem;
  }
  void Recover() {
    MakeRoom();
    rig_.clock.Advance(seconds(40));
    rig_.Events();  // lets the thread see the clock
    rig_.Until([](const Condition& condition) { return condition.writable; });
    EXPECT_EQ(rig_.store->condition().problem, "");
    EXPECT_EQ(rig_.store->condition().set_aside, "");
    EXPECT_EQ(rig_.store->condition().waiting_events, 0u);
  }

  StoreRig rig_;
  std::size_t acknowledged_ = 0;

 private:
  std::string Filler() const { return rig_.options.directory + "/filler"; }

  bool mounted_ = false;
};

TEST_F(StoreDiskFull, BeforeTheFirstStartItRunsInMemoryAndWritesWhenThereIsRoom) {
  Fill();
  rig_.Open();
  ExpectFull();
  PutWithoutAnswer(0, 10);
  EXPECT_EQ(rig_.Events().size(), 10u);
  EXPECT_EQ(acknowledged_, 0u);
  Recover();
  EXPECT_EQ(acknowledged_, 10u);
  rig_.Reopen();
  EXPECT_EQ(rig_.Events().size(), 10u);
}

TEST_F(StoreDiskFull, BeforeALaterStartItStillShowsWhatIsStored) {
  rig_.Open();
  ASSERT_EQ(rig_.Put({.events = {rig_.MakeEvent(0)}, .metadata = {{"a", "b"}}}), 1u);
  rig_.Close();
  Fill();
  rig_.Open();
  PutWithoutAnswer(1, 10);
  EXPECT_EQ(rig_.Events().size(), 11u);
  EXPECT_EQ(rig_.AllMetadata(), (Metadata{{"a", "b"}}));
  ExpectFull();
  Recover();
  EXPECT_EQ(acknowledged_, 10u);
  rig_.Reopen();
  EXPECT_EQ(rig_.Events().size(), 11u);
}

TEST_F(StoreDiskFull, AtAnyPointOfTheStartItRunsOnAndRecovers) {
  for (std::size_t spare = 4096; spare <= 30 * 4096; spare += 4096) {
    Fill(spare);
    rig_.Open();
    PutWithoutAnswer(0, 3);
    EXPECT_EQ(rig_.Events().size(), 3u) << spare;
    Recover();
    EXPECT_EQ(acknowledged_, 3u) << spare;
    rig_.Reopen();
    EXPECT_EQ(rig_.Events().size(), 3u) << spare;
    rig_.Close();
    acknowledged_ = 0;
    for (const char* suffix : {"", "-wal"}) std::filesystem::remove(rig_.Db() + suffix);
  }
}

TEST_F(StoreDiskFull, WhileRunningNothingAcknowledgedIsLostAndItRecovers) {
  rig_.Open();
  int next = 0;
  Fill(256 * 1024);
  // Until an answer stays out: the disk is full.
  while (rig_.store->condition().writable) {
    Event event = rig_.MakeEvent(next++);
    event.message.resize(2'000, 'x');
    rig_.store->Put({.events = {event}},
                    [this](Result<std::size_t> written) { acknowledged_ += written.value(); });
    rig_.store->PutSamples(rig_.clock.Wall(), "cpu", {{"m", {}, double(next)}});
    ASSERT_EQ(rig_.Events().size(), static_cast<std::size_t>(next));
    ASSERT_LT(next, 2'000);
  }
  ExpectFull();
  EXPECT_GT(acknowledged_, 10u);
  EXPECT_LT(acknowledged_, static_cast<std::size_t>(next));
  EXPECT_GT(rig_.store->condition().waiting_events, 0u);

  // Killed now, all that was acknowledged is on the disk.
  StoreRig after;
  for (const char* suffix : {"", "-wal"}) {
    std::filesystem::copy_file(rig_.Db() + suffix, after.Db() + suffix);
  }
  after.Open();
  EXPECT_GE(after.Events().size(), acknowledged_);

  PutWithoutAnswer(next, 5);
  rig_.clock.Advance(minutes(6));  // flush and purge meet the full disk, too
  EXPECT_EQ(rig_.Events().size(), static_cast<std::size_t>(next) + 5);
  EXPECT_FALSE(rig_.store->condition().writable);
  Recover();
  EXPECT_EQ(acknowledged_, static_cast<std::size_t>(next) + 5);
  rig_.Reopen();
  EXPECT_EQ(rig_.Events().size(), static_cast<std::size_t>(next) + 5);
  EXPECT_EQ(rig_.Metrics().size(), 1u);
}

TEST_F(StoreDiskFull, ADamagedFileIsSetAsideAllTheSame) {
  WriteFile(rig_.Db(), std::string(100'000, 'g'));
  Fill();
  rig_.Open();
  ExpectFull();
  EXPECT_NE(rig_.store->condition().set_aside, "");
  PutWithoutAnswer(0, 1);
  EXPECT_EQ(rig_.Events().size(), 1u);
  MakeRoom();
  rig_.clock.Advance(seconds(40));
  EXPECT_EQ(rig_.Events().size(), 1u);
  rig_.Until([](const Condition& condition) { return condition.writable; });
}

}  // namespace
}  // namespace gpud::store
