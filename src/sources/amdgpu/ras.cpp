// SPDX-License-Identifier: Apache-2.0
#include "sources/amdgpu/ras.h"

#include "platform/text.h"
#include "sources/sysfs/value_file.h"

namespace gpud::amdgpu {
namespace {

/// As amdgpu_ras_validate_threshold: -1 is the driver's own limit, other numbers below 1 are none.
std::optional<std::uint64_t> Limit(const Root& root, const Result<double>& memory_bytes) {
  constexpr double kBytesOfBadPage = 100.0 * (1 << 20);
  const auto text = sysfs::ReadText(root, "/sys/module/amdgpu/parameters/bad_page_threshold");
  const auto limit = text ? ParseNumber<std::int64_t>(*text) : std::nullopt;
  if (!limit || *limit == 0 || *limit < -1) return std::nullopt;
  if (*limit > 0) return static_cast<std::uint64_t>(*limit);
  if (!memory_bytes || *memory_bytes < kBytesOfBadPage) return std::nullopt;
  return static_cast<std::uint64_t>(*memory_bytes / kBytesOfBadPage);
}

}  // namespace

Result<RasBlock> ParseErrorCount(std::string block, std::string_view text) {
  RasBlock counts{.block = std::move(block)};
  int found = 0;
  for (std::string_view line; NextLine(text, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const auto count = ParseNumber<std::uint64_t>(Trim(line.substr(colon + 1)));
    const std::string_view kind = Trim(line.substr(0, colon));
    if (!count) return Fail(ErrorCode::kParse, counts.block + "_err_count: not a number");
    if (kind == "ue") counts.uncorrected = *count;
    if (kind == "ce") counts.corrected = *count;
    if (kind == "de") counts.deferred = *count;
    found += kind == "ue" || kind == "ce" ? 1 : 0;
  }
  if (found < 2) return Fail(ErrorCode::kParse, counts.block + "_err_count: no ue and ce");
  return counts;
}

Result<BadPages> ParseBadPages(std::string_view text) {
  BadPages pages;
  for (std::string_view line; NextLine(text, line);) {
    if (Trim(line).empty()) continue;
    const char flag = Trim(line).back();
    if (flag == 'R') {
      ++pages.retired;
    } else if (flag == 'P') {
      ++pages.pending;
    } else if (flag == 'F') {
      ++pages.stuck;
    } else {
      return Fail(ErrorCode::kParse, "gpu_vram_bad_pages: a line without R, P or F");
    }
  }
  return pages;
}

Result<std::vector<RasBlock>> ReadRas(const Root& root, const drm::Card& card) {
  constexpr std::string_view kSuffix = "_err_count";
  const std::string folder = card.folder + "ras/";
  const auto names = root.List(folder);
  if (!names && names.error().code != ErrorCode::kNotFound) return Pass(names, "RAS");
  std::vector<RasBlock> blocks;
  for (const std::string& name : names.value_or(std::vector<std::string>{})) {
    if (!name.ends_with(kSuffix)) continue;
    auto block = root.Read(folder + name).and_then([&](const std::string& text) {
      return ParseErrorCount(name.substr(0, name.size() - kSuffix.size()), text);
    });
    // A block whose counting is switched off.
    if (!block && block.error().code == ErrorCode::kUnsupported) continue;
    if (!block) return Pass(block, folder);
    blocks.push_back(*std::move(block));
  }
  if (blocks.empty()) return Fail(ErrorCode::kUnsupported, folder + ": no error counters");
  return blocks;
}

Result<BadPages> ReadBadPages(const Root& root, const drm::Card& card,
                              const Result<double>& memory_bytes) {
  // A line has 28 bytes; boards break long before they have so many.
  auto text = root.Read(card.folder + "ras/gpu_vram_bad_pages", 1 << 20);
  if (!text && text.error().code == ErrorCode::kNotFound) {
    return Fail(ErrorCode::kUnsupported, text.error().what);
  }
  auto pages = std::move(text).and_then(ParseBadPages);
  if (pages) pages->limit = Limit(root, memory_bytes);
  return pages;
}

}  // namespace gpud::amdgpu
