// SPDX-License-Identifier: Apache-2.0
// Which fault follows from which: what stands together in the logs of broken machines.
#pragma once

#include <vector>

#include "components/line.h"

namespace gpud::decode {

/// A fault and when it was seen first.
struct Occurrence {
  const LineFinding& finding;
  WallTime time;
};

struct RootRule;

/// The rules that one finding can be under, sought once: there are many, and few are for it.
class Kinship {
 public:
  explicit Kinship(const LineFinding& finding);
  /// No rule: it stands alone whatever else happens.
  bool empty() const { return as_echo_.empty() && as_root_.empty(); }
  /// `own` is an occurrence of the finding.
  bool IsEchoOf(const Occurrence& own, const Occurrence& other) const;
  bool IsRootOf(const Occurrence& own, const Occurrence& other) const;

 private:
  std::vector<const RootRule*> as_echo_;
  std::vector<const RootRule*> as_root_;
};

/// True when `echo` is known to follow from `root`, as near in time and place as the two are. An
/// echo may be logged before its root.
bool IsEchoOf(const Occurrence& echo, const Occurrence& root);

}  // namespace gpud::decode
