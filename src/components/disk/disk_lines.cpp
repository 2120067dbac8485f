// SPDX-License-Identifier: Apache-2.0
#include "components/disk/disk_lines.h"

#include <algorithm>

#include "platform/text.h"

namespace gpud::disk {
namespace {

/// The first word behind `words`, up to a blank, comma, colon or bracket.
std::optional<std::string> WordBehind(std::string_view line, std::string_view words) {
  const std::size_t at = line.find(words);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = line.substr(at + words.size());
  const std::string_view word = rest.substr(0, rest.find_first_of(" ,:)\n"));
  if (word.empty()) return std::nullopt;
  return std::string(word);
}

/// "md/raid:md0: Disk failure on nvme1n1 detected, failing array": the array, which carries.
std::optional<std::string> ArrayOf(std::string_view line) {
  const std::size_t at = line.find("md/raid");
  if (at == std::string_view::npos) return std::nullopt;
  line.remove_prefix(at);
  if (line.find(": Disk failure on ") == std::string_view::npos) return std::nullopt;
  return WordBehind(line, ":");
}

/// "EXT4-fs (sda1): Remounting ...", "EXT4-fs error (device sda1): ...". A line without a device is
/// still that kind of line.
std::optional<std::string> InBrackets(std::string_view line) {
  if (auto device = WordBehind(line, "(device ")) return device;
  return WordBehind(line, " (").value_or(std::string());
}

std::optional<std::string> NvmePath(std::string_view line) { return WordBehind(line, "block "); }

/// "nvme nvme1: I/O 63 QID 5 timeout, reset controller"
std::optional<std::string> NvmeController(std::string_view line) {
  auto device = WordBehind(line, "nvme nvme");
  if (!device || device->find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  return "nvme" + *device;
}

/// Up to Linux 4 and from 5.x on the device begins the second line of the record; the first begins
/// with the process's name since 5.x: "dd: attempt to access beyond end of device\nsda: rw=0, ...".
std::optional<std::string> BeyondEnd(std::string_view line) {
  if (const std::size_t feed = line.find('\n'); feed != std::string_view::npos) {
    const std::string_view second = Trim(line.substr(feed + 1));
    if (const std::size_t colon = second.find(": rw="); colon != std::string_view::npos) {
      return std::string(second.substr(0, colon));
    }
  }
  const std::size_t end = line.find(": attempt to access");
  return end == std::string_view::npos ? std::string() : std::string(Trim(line.substr(0, end)));
}

std::optional<std::string> BufferDevice(std::string_view line) {
  if (line.find(", logical block ") == std::string_view::npos) return std::nullopt;
  return WordBehind(line, "Buffer I/O error on dev ");
}

constexpr LineKind kKinds[] = {
    {"raid_array_failure", "detected, failing array", "a RAID array has failed", ArrayOf},
    {"raid_member_failure", ", disabling device.", "a RAID array has lost a disk", ArrayOf,
     Health::kDegraded, true},
    {"filesystem_read_only", "Remounting filesystem read-only",
     "a file system was remounted read-only", InBrackets},
    {"nvme_path_failure", "no available path - failing I/O", "no path to an NVMe disk", NvmePath},
    {"nvme_controller_timeout", "timeout, reset controller", "an NVMe controller timed out",
     NvmeController},
    {"nvme_device_disabled", "Disabling device after reset failure",
     "an NVMe disk was disabled after a failed reset", NvmeController},
    {"beyond_end_of_device", "attempt to access beyond end of device",
     "access beyond the end of a device", BeyondEnd},
    {"buffer_io_error", "Buffer I/O error on dev ", "I/O errors", BufferDevice},
    {"superblock_write_error", "I/O error while writing superblock",
     "a superblock could not be written", InBrackets},
};

}  // namespace

std::span<const LineKind> LineKinds() { return kKinds; }

const LineKind* FindKind(std::string_view event) {
  const auto* kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                  [&](const LineKind& k) { return k.event == event; });
  return kind == std::end(kKinds) ? nullptr : kind;
}

std::optional<Event> DiskMatcher::OnLine(const KernelLine& line) {
  for (const LineKind& kind : kKinds) {
    if (line.text.find(kind.needle) == std::string_view::npos) continue;
    auto device = kind.device(line.text);
    if (!device) continue;
    *device = ValidUtf8(*device);
    if (repeats_.IsRepeat(line, std::string(kind.event) + " " + *device)) return std::nullopt;
    Event event{.name = std::string(kind.event), .message = ValidUtf8(line.text)};
    if (!device->empty()) event.extra_info["device"] = *std::move(device);
    return event;
  }
  return std::nullopt;
}

}  // namespace gpud::disk
