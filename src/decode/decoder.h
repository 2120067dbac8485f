// SPDX-License-Identifier: Apache-2.0
// Decoder: what a line of the kernel log says, by all components' matchers. One for each stream,
// as matchers remember earlier lines.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "components/component.h"
#include "decode/needles.h"

namespace gpud::decode {

struct Found {
  const ComponentType* component = nullptr;
  /// Without a code: only details, of what this component found last.
  LineFinding finding;
};

class Decoder {
 public:
  explicit Decoder(std::span<const ComponentType* const> components);

  /// What the line says, in place of what `found` held. All text in it is UTF-8.
  void Decode(const KernelLine& line, std::vector<Found>& found);
  /// Lines that were searched for needles the slow way.
  std::uint64_t slow_searches() const { return needles_->slow_searches(); }

 private:
  struct Listener {
    const ComponentType* type = nullptr;
    std::unique_ptr<LineMatcher> matcher;
  };
  std::vector<Listener> listeners_;
  std::optional<NeedleSet> needles_;  // owners are indices of listeners_
  std::vector<std::size_t> wanted_by_;
};

}  // namespace gpud::decode
