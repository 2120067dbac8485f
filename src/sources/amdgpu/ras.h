// SPDX-License-Identifier: Apache-2.0
// What AMD's GPUs tell of broken memory and other parts (RAS): error counts, and pages taken out of
// use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sources/drm/card.h"

namespace gpud::amdgpu {

/// Errors of one block of the chip since the driver was loaded.
struct RasBlock {
  std::string block;  ///< "umc" (memory), "sdma", "gfx", "mmhub", "xgmi_wafl" ...
  std::uint64_t corrected = 0, uncorrected = 0;
  std::uint64_t deferred = 0;  ///< found, not yet consumed; Linux 6.9

  static constexpr auto Fields() {
    using R = RasBlock;
    return std::tuple{Field{"block", &R::block}, Field{"corrected", &R::corrected},
                      Field{"uncorrected", &R::uncorrected}, Field{"deferred", &R::deferred}};
  }
};

/// Pages of memory that are broken.
struct BadPages {
  std::uint64_t retired = 0;  ///< out of use
  std::uint64_t pending = 0;  ///< will be
  std::uint64_t stuck = 0;    ///< could not be taken out of use
  /// So many, and the driver will not take the board at its next start. Nothing where that is
  /// switched off.
  std::optional<std::uint64_t> limit;

  static constexpr auto Fields() {
    using B = BadPages;
    return std::tuple{Field{"retired", &B::retired}, Field{"pending", &B::pending},
                      Field{"stuck", &B::stuck}, Field{"limit", &B::limit}};
  }
};

/// "ue: 0\nce: 1\nde: 0". Error: kParse.
Result<RasBlock> ParseErrorCount(std::string block, std::string_view text);
/// "0x00000001 : 0x00001000 : R" a line. Error: kParse.
Result<BadPages> ParseBadPages(std::string_view text);

/// The blocks that this board counts. Errors: kUnsupported without RAS; that of a file which cannot
/// be read, with its name. Source: Documentation/gpu/amdgpu/ras.rst.
Result<std::vector<RasBlock>> ReadRas(const Root& root, const drm::Card& card);
/// `memory_bytes`: of the board; the driver's own limit is a page for each 100 MiB.
Result<BadPages> ReadBadPages(const Root& root, const drm::Card& card,
                              const Result<double>& memory_bytes);

}  // namespace gpud::amdgpu
