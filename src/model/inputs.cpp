// SPDX-License-Identifier: Apache-2.0
#include "model/inputs.h"

namespace gpud {

void Inputs::Put(Snapshot snapshot) {
  Slot* slot = nullptr;
  for (Slot& candidate : slots_) {
    if (candidate.latest.type == snapshot.type) slot = &candidate;
  }
  if (!slot) slot = &slots_.emplace_back();
  slot->latest = snapshot;
  if (snapshot.type->good(snapshot.result.get())) {
    slot->previous = std::move(slot->good);
    slot->good = std::move(snapshot);
  }
}

const Inputs::Slot* Inputs::FindSlot(const SnapshotType* type) const {
  for (const Slot& slot : slots_) {
    if (slot.latest.type == type) return &slot;
  }
  return nullptr;
}

const Snapshot* Inputs::Find(const SnapshotType* type) const {
  const Slot* slot = FindSlot(type);
  return slot ? &slot->latest : nullptr;
}

std::optional<BootTime> Inputs::LastGood(const SnapshotType* type) const {
  const Slot* slot = FindSlot(type);
  if (!slot || !slot->good.result) return std::nullopt;
  return slot->good.taken;
}

}  // namespace gpud
