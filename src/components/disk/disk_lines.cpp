// SPDX-License-Identifier: Apache-2.0
#include "components/disk/disk_lines.h"

#include <algorithm>

#include "platform/text.h"

namespace gpud::disk {
namespace {

constexpr auto kNone = std::string_view::npos;
constexpr std::size_t kMostPorts = 256;

bool StartsWithDigit(std::string_view text) {
  return !text.empty() && text.front() >= '0' && text.front() <= '9';
}

/// Floppies and optical drives without a medium, and loop devices, whose file's own disk speaks up.
bool IsNoisy(std::string_view device) {
  for (const std::string_view prefix : {"fd", "sr", "loop"}) {
    if (device.starts_with(prefix) && StartsWithDigit(device.substr(prefix.size()))) return true;
  }
  return false;
}

/// The word in front of `mark`: "ata1" of "ata1: SATA link up 6.0 Gbps".
std::string_view WordBefore(std::string_view text, std::size_t mark) {
  const std::string_view head = text.substr(0, mark);
  return head.substr(head.find_last_of(" \n") + 1);  // npos + 1 is 0
}

/// "sda" of "sd 2:0:0:0: [sda] tag#12 ...".
std::string_view InBrackets(std::string_view text) {
  const std::size_t open = text.find('[');
  const std::size_t close = text.find(']', open);
  if (open == kNone || close == kNone) return {};
  return text.substr(open + 1, close - open - 1);
}

void TellArray(const LineFields& fields, LineFinding& finding) {
  // "raid1:md0", and without a colon in raid0 and linear: "raid0md0".
  const std::string_view array = fields["array"];
  const std::size_t name = array.rfind("md");
  finding.device = name == kNone ? array : array.substr(name);
  finding.details.erase("array");
}

}  // namespace

// Unsupported discards are refused by many disks, without harm.
void DropDiscards(const LineFields&, std::string_view line, LineFinding& finding) {
  for (const std::string_view op : {":(DISCARD)", ":(WRITE_ZEROES)", ":(SECURE_ERASE)"}) {
    if (finding.code == "target_error" && line.find(op) != kNone) finding.code.clear();
  }
}

// The device begins the second line of the record ("dd: attempt to access ...\nsda: rw=0, ..."),
// the first one begins with the program's name; very old kernels begin it with the device.
void RefineBeyondEnd(const LineFields&, std::string_view line, LineFinding& finding) {
  const std::size_t rw = line.find(": rw=");
  const std::string_view device =
      WordBefore(line, rw != kNone ? rw : line.find(": attempt to access"));
  if (IsBlockName(device)) finding.device = device;
}

void RefineArray(const LineFields& fields, std::string_view, LineFinding& finding) {
  TellArray(fields, finding);
}

// "md/raid1:md0: active with 1 out of 2 mirrors": fewer than it should have.
void RefineMirrors(const LineFields& fields, std::string_view, LineFinding& finding) {
  TellArray(fields, finding);
  if (fields["active"] == fields["all"]) finding.code.clear();
}

void NamePort(const LineFields&, std::string_view, LineFinding& finding) {
  finding.device.insert(0, "ata");
}

// "2:0:0:0:", unless the line has the disk's name as well.
void TrimColon(const LineFields&, std::string_view line, LineFinding& finding) {
  if (finding.device.ends_with(':')) finding.device.pop_back();
  if (const std::string_view name = InBrackets(line); IsBlockName(name)) finding.device = name;
}

// "dm-2-8", "sda1-8": the journal of a file system is its inode 8.
void TrimJournal(const LineFields&, std::string_view, LineFinding& finding) {
  std::string& device = finding.device;
  while (device.ends_with('.')) device.pop_back();
  const std::size_t dash = device.rfind('-');
  if (dash != kNone && dash > 2) device.resize(dash);  // the dash of "dm-2" belongs to the name
}

// Type 2 is the medium, 3 the path to it, 0 generic: of the latter only what tells of a broken
// device (4 data transfer, 6 internal) is a fault, the rest are commands that it does not know.
void RefineNvmeStatus(const LineFields& fields, std::string_view, LineFinding& finding) {
  const auto number = [&](std::string_view name) {
    std::string_view text = fields[name];
    if (text.starts_with("0x")) text.remove_prefix(2);
    return ParseNumber<unsigned>(text, 16).value_or(0);
  };
  const unsigned type = number("sct");
  const unsigned code = number("sc");
  constexpr unsigned kCompareFailed = 0x85, kAccessDenied = 0x86;
  if (type == 2 && code != kCompareFailed && code != kAccessDenied) return;
  finding.event = finding.code = type == 3 ? "nvme_path_error" : "nvme_command_failed";
  finding.severity = EventType::kWarning;
  if (type == 3 || (type == 0 && (code == 4 || code == 6))) return;
  finding.code.clear();
}

void DiskMatcher::OnLine(const KernelLine& line, LineSink& sink) {
  if (OnSense(line, sink) || OnLink(line.text, sink)) return;
  LineFinding finding = FindInTable("disk", kNvmeRules, line);
  if (finding.code.empty()) finding = FindInTable("disk", kBlockRules, line);
  if (finding.code.empty()) finding = FindInTable("disk", kFileSystemRules, line);
  if (finding.code.empty() || IsNoisy(finding.device)) return;
  Add(std::move(finding), sink);
}

// "[sda] tag#12 Sense Key : Medium Error [current]", "[sda] tag#12 Add. Sense: Unrecovered read
// error": reasons of the failed command in front of them.
bool DiskMatcher::OnSense(const KernelLine& line, LineSink& sink) {
  const auto tell = [&](std::string_view mark, std::string_view device, std::string_view name) {
    const std::size_t at = line.text.find(mark);
    if (at == kNone) return false;
    std::string_view what = line.text.substr(at + mark.size());
    what = Trim(what.substr(0, what.find_first_of("[\n")));
    if (device.empty() || device != last_device_) return true;
    sink.Detail(name, std::string(what));
    return true;
  };
  const std::string_view disk = InBrackets(line.text);
  // Without the lines of the commands (old kernels) it has to speak for itself.
  if (line.text.find(kSenseKey) != kNone && !tells_commands_) {
    LineFields fields;
    LineFinding finding{.family = "disk",
                        .severity = EventType::kCritical,
                        .action = Advice::kHardwareInspection,
                        .device = std::string(disk),
                        .message = std::string(Trim(line.text))};
    if (MatchForm("Sense Key : Medium Error", line.text, fields)) finding.code = "medium_error";
    if (MatchForm("Sense Key : Hardware Error", line.text, fields)) {
      finding.code = "scsi_hardware_error";
    }
    if (finding.code.empty() || !IsBlockName(disk) || IsNoisy(disk)) return true;
    Add(std::move(finding), sink);
    return true;
  }
  const std::size_t failed = line.text.find(kFailedCommand);
  return tell(kSenseKey, disk, "sense_key") || tell(kSense, disk, "sense") ||
         tell(kFailedCommand, failed == kNone ? "" : WordBefore(line.text, failed), "command");
}

// A port without a link is empty, unless it had one before.
bool DiskMatcher::OnLink(std::string_view text, LineSink& sink) {
  if (const std::size_t up = text.find(kLinkUp); up != kNone) {
    if (linked_ports_.size() < kMostPorts) linked_ports_.emplace(WordBefore(text, up));
    return true;
  }
  const std::size_t down = text.find(kLinkDown);
  if (down == kNone) return false;
  const auto port = linked_ports_.find(WordBefore(text, down));
  if (port == linked_ports_.end()) return true;
  Add({.family = "disk",
       .code = "sata_link_down",
       .severity = EventType::kCritical,
       .action = Advice::kHardwareInspection,
       .device = *port,
       .message = std::string(Trim(text))},
      sink);
  linked_ports_.erase(port);
  return true;
}

void DiskMatcher::Add(LineFinding finding, LineSink& sink) {
  const bool is_command = finding.code == "scsi_command_failed";
  tells_commands_ = tells_commands_ || is_command;
  const bool has_reasons = is_command || finding.code == "scsi_hardware_error" ||
                           finding.code == "medium_error" || finding.code == "ata_exception";
  last_device_ = has_reasons ? finding.device : std::string();
  if (finding.code == "ata_exception" && linked_ports_.size() < kMostPorts) {
    linked_ports_.insert(finding.device.substr(0, finding.device.find('.')));
  }
  sink.Add(std::move(finding));
}

bool IsBlockName(std::string_view device) {
  constexpr std::string_view kPrefixes[] = {
      "sd",  "nvme", "md",  "dm-",  "vd",   "xvd",    "hd",   "sr",     "fd",   "nbd",
      "rbd", "zd",   "ram", "loop", "zram", "bcache", "drbd", "mmcblk", "pmem", "dasd"};
  return std::any_of(std::begin(kPrefixes), std::end(kPrefixes), [&](std::string_view prefix) {
    return device.size() > prefix.size() && device.starts_with(prefix) && device.find(' ') == kNone;
  });
}

std::string FaultName(const Fault& fault) {
  constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"medium_error", "unreadable sectors"},
      {"io_error", "I/O errors"},
      {"buffer_io_error", "I/O errors"},
      {"io_timeout", "I/O that timed out"},
      {"beyond_end_of_device", "access beyond the end of a device"},
      {"superblock_write_error", "a superblock could not be written"},
      {"filesystem_read_only", "a file system was remounted read-only"},
      {"journal_flush_error", "a journal could not be written"},
      {"journal_aborted", "a journal was given up"},
      {"ext4_error", "a file system is damaged (ext4)"},
      {"btrfs_error", "a file system is damaged (btrfs)"},
      {"xfs_corruption", "a file system is damaged (xfs)"},
      {"xfs_shutdown", "a file system has shut down (xfs)"},
      {"raid_array_failure", "a RAID array has failed"},
      {"raid_member_failure", "a RAID array has lost a disk"},
      {"raid_degraded", "a RAID array runs without one of its disks"},
      {"nvme_path_failure", "no path to an NVMe disk"},
      {"nvme_controller_reset", "an NVMe controller timed out"},
      {"nvme_controller_down", "an NVMe controller is down"},
      {"nvme_not_ready", "an NVMe controller did not become ready"},
      {"nvme_device_disabled", "an NVMe disk was disabled"},
      {"nvme_media_error", "an NVMe disk could not read its medium"},
      {"scsi_device_offline", "a disk was taken offline"},
      {"ata_device_disabled", "a disk was disabled"},
      {"sata_link_down", "a disk has lost its link"},
  };
  for (const auto& [code, name] : kNames) {
    if (fault.code == code) return std::string(name);
  }
  std::string name = fault.code;
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

}  // namespace gpud::disk
