// SPDX-License-Identifier: Apache-2.0
// Inputs: all that a check may know. Snapshots are found by type, so that a new source edits no
// shared struct.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "model/binary_codec.h"
#include "model/event.h"
#include "platform/clock.h"
#include "platform/result.h"

namespace gpud {

/// A kind of snapshot: how to send it through a lane's pipe. One constant per type.
struct SnapshotType {
  std::string (*encode)(const void* result);
  /// Null when the bytes are no such snapshot.
  std::shared_ptr<const void> (*decode)(std::string_view bytes);
  std::shared_ptr<const void> (*failure)(Error error);
  bool (*good)(const void* result);
};

namespace internal {
template <class T>
std::string EncodeSnapshot(const void* result) {
  BinaryWriter writer;
  writer.Put(*static_cast<const Result<T>*>(result));
  return writer.Take();
}
template <class T>
std::shared_ptr<const void> DecodeSnapshot(std::string_view bytes) {
  BinaryReader reader(bytes);
  auto result = std::make_shared<Result<T>>();
  reader.Get(*result);
  return reader.ok() && reader.AtEnd() ? result : nullptr;
}
template <class T>
std::shared_ptr<const void> FailureSnapshot(Error error) {
  return std::make_shared<Result<T>>(tl::unexpected<Error>(std::move(error)));
}
template <class T>
bool GoodSnapshot(const void* result) {
  return static_cast<const Result<T>*>(result)->has_value();
}
}  // namespace internal

/// The constant of snapshot type T; its address is T's identity.
template <class T>
inline constexpr SnapshotType kSnapshot = {internal::EncodeSnapshot<T>, internal::DecodeSnapshot<T>,
                                           internal::FailureSnapshot<T>, internal::GoodSnapshot<T>};

/// A snapshot of some type (a Result<T> behind the pointer) and when it was taken.
struct Snapshot {
  const SnapshotType* type = nullptr;
  std::shared_ptr<const void> result;
  BootTime taken{};
};

class Inputs {
 public:
  // --- for the frame, sources and tests ---
  void SetNow(BootTime boot, WallTime wall) {
    boot_now_ = boot;
    now_ = wall;
  }
  /// Puts a snapshot, or the error in its place, as taken now.
  template <class T>
  void Put(Result<T> snapshot) {
    Put({&kSnapshot<T>, std::make_shared<Result<T>>(std::move(snapshot)), boot_now_});
  }
  void Put(Snapshot snapshot);
  /// What was put last for a type, or null.
  const Snapshot* Find(const SnapshotType* type) const;
  /// When the last good snapshot of a type was taken; nothing when there was none.
  std::optional<BootTime> LastGood(const SnapshotType* type) const;
  void SetHistory(std::vector<Event> own_events, std::vector<WallTime> reboots,
                  WallTime cleared_until) {
    own_events_ = std::move(own_events);
    reboots_ = std::move(reboots);
    cleared_until_ = cleared_until;
  }

  // --- for checks ---
  /// The latest snapshot of T; kNotFound when it was never read.
  template <class T>
  const Result<T>& Latest() const {
    const Snapshot* snapshot = Find(&kSnapshot<T>);
    return snapshot ? *static_cast<const Result<T>*>(snapshot->result.get()) : NeverRead<T>();
  }
  /// The good snapshot before the latest one, for rates; null when there is none.
  template <class T>
  const T* Previous() const {
    const Slot* slot = FindSlot(&kSnapshot<T>);
    if (!slot || !slot->previous.result) return nullptr;
    return &**static_cast<const Result<T>*>(slot->previous.result.get());
  }
  /// Boot-clock time from Previous<T>() to Latest<T>(); zero when either is missing or bad.
  template <class T>
  std::chrono::microseconds Elapsed() const {
    const Slot* slot = FindSlot(&kSnapshot<T>);
    if (!slot || !slot->previous.result || slot->latest.result != slot->good.result) return {};
    return slot->good.taken - slot->previous.taken;
  }
  /// The component's stored events of the look-back that may act on health and are newer than
  /// ClearedUntil(), newest first.
  std::span<const Event> OwnEvents() const { return own_events_; }
  /// Boot times of this machine in the look-back, newest first.
  std::span<const WallTime> Reboots() const { return reboots_; }
  /// When a person last said "set healthy"; zero when never.
  WallTime ClearedUntil() const { return cleared_until_; }
  WallTime Now() const { return now_; }
  BootTime BootNow() const { return boot_now_; }

 private:
  struct Slot {
    Snapshot latest;    ///< good or not
    Snapshot good;      ///< the newest good one (may be `latest`)
    Snapshot previous;  ///< the good one before `good`
  };
  const Slot* FindSlot(const SnapshotType* type) const;
  template <class T>
  static const Result<T>& NeverRead() {
    static const Result<T> kNever = Fail(ErrorCode::kNotFound, "not read yet");
    return kNever;
  }

  std::vector<Slot> slots_;  // a dozen at most: a linear search is the fastest
  std::vector<Event> own_events_;
  std::vector<WallTime> reboots_;
  WallTime cleared_until_{};
  WallTime now_{};
  BootTime boot_now_{};
};

}  // namespace gpud
