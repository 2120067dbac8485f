// SPDX-License-Identifier: Apache-2.0
#include "lanes/kernel_log.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "decode/incident_events.h"
#include "lanes/backfill.h"
#include "lanes/injections.h"
#include "lanes/log_input.h"
#include "lanes/sequence.h"
#include "platform/text.h"
#include "sources/kmsg/record.h"
#include "sources/kmsg/syslog_line.h"
#include "sources/procfs/cgroup.h"

namespace gpud::lanes {
namespace {

constexpr std::string_view kDevice = "/dev/kmsg";
// Bounds the time and the memory of one call.
constexpr int kMostLinesAtOnce = 512;

std::string HashText(std::string_view text) {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.begin(), digits.end(), StableHash(text), 16).ptr;
  return {digits.data(), end};
}

std::optional<std::uint64_t> FirstWanted(const KernelLogOptions& options) {
  const bool same_boot = !options.boot_id.empty() && options.resume.boot_id == options.boot_id;
  if (!same_boot || options.resume.next_sequence == 0) return std::nullopt;
  return options.resume.next_sequence;
}

}  // namespace

struct KernelLog::Impl {
  Impl(const Root& the_root, const Clock& the_clock,
       std::span<const ComponentType* const> components, KernelLogOptions the_options)
      : root(the_root),
        clock(the_clock),
        options(std::move(the_options)),
        decoder(components),
        tracker(FirstWanted(options)) {}

  Result<void> OpenRecordsAt(const Root& where, std::string_view path);
  Result<void> Open();
  void ReadSome(KernelLogBatch& batch);
  void Reopen(KernelLogBatch& batch);
  void OnLine(std::string_view line, KernelLogBatch& batch);
  void OnRecord(std::string_view line, KernelLogBatch& batch);
  void OnSyslogLine(std::string_view line, KernelLogBatch& batch);
  void AddEarlierBoot();
  bool AddOverwritten(const kmsg::Record& first, SequenceTracker::Seen seen);
  void ReadBackfill(KernelLogBatch& batch);
  void DecodeRecord(const kmsg::Record& record, const LogSpan& boot,
                    std::optional<std::uint64_t> number, KernelLogBatch& batch);
  /// The stamp's identity lacks the text's part.
  void Decode(const KernelLine& line, decode::LineStamp stamp, KernelLogBatch& batch);
  void NameOwner(LineFinding& finding, WallTime time) const;
  void ReportLoss(std::uint64_t before, SequenceTracker::Seen seen, KernelLogBatch& batch);
  KernelLogPosition Position() const;

  const Root& root;
  const Clock& clock;
  KernelLogOptions options;
  decode::Decoder decoder;
  SequenceTracker tracker;
  decode::IncidentEvents incidents{[this](LineFinding& finding, const decode::LineStamp& stamp) {
    NameOwner(finding, stamp.time);
  }};
  Injections injections;
  std::string origin;
  std::unique_ptr<LogInput> input;  // null before Open and after the end
  Backfill backfill;
  std::string waiting;                 // a record that comes behind the backfill
  std::chrono::microseconds last{-1};  // time of the last record
  bool more = false;
  bool read_since_open = false;
  std::vector<decode::Found> found;  // of one line; kept for its memory
  std::string unescaped;             // likewise
};

Result<void> KernelLog::Impl::OpenRecordsAt(const Root& where, std::string_view path) {
  auto opened = options.open_device(where, path);
  if (!opened) return tl::unexpected<Error>(std::move(opened).error());
  input = std::move(*opened);
  origin = path;
  read_since_open = false;
  return {};
}

Result<void> KernelLog::Impl::Open() {
  // A path that somebody has named is of this machine, not of the one below the root.
  if (!options.path.empty()) return OpenRecordsAt(Root(), options.path);
  const auto device = OpenRecordsAt(root, kDevice);
  if (device) {
    AddEarlierBoot();
    return device;
  }
  std::string tried = device.error().what;
  auto journal = OpenJournal(root, options.boot_id, options.follow);
  if (journal) {
    input = std::move(*journal);
    origin = "systemd's journal";
    return {};
  }
  tried += "; " + journal.error().what;
  for (const char* path : {"/var/log/kern.log", "/var/log/messages"}) {
    auto syslog = OpenSyslog(root, path, options.follow);
    if (syslog) {
      input = std::move(*syslog);
      origin = std::string(path) + " (times approximate)";
      return {};
    }
    tried += "; " + syslog.error().what;
  }
  return Fail(device.error().code, "no kernel log is readable: " + tried, device.error().sys);
}

// What the machine wrote before it went down, when gpud went down with it.
void KernelLog::Impl::AddEarlierBoot() {
  const KernelLogPosition& known = options.resume;
  if (known.boot_id.empty() || known.boot_id == options.boot_id || !options.resume_boot_wall)
    return;
  backfill.Add(root, {known.boot_id, *options.resume_boot_wall, known.last});
}

// True when records before this first one are gone from the ring, but may be in the journal.
bool KernelLog::Impl::AddOverwritten(const kmsg::Record& first, SequenceTracker::Seen seen) {
  if (!seen.first || (seen.lost == 0 && (FirstWanted(options) || first.sequence == 0)))
    return false;
  const bool same_boot = options.resume.boot_id == options.boot_id;
  return backfill.Add(root,
                      {.boot_id = options.boot_id,
                       .boot_wall = options.boot_wall,
                       .after = same_boot ? options.resume.last : std::chrono::microseconds(-1),
                       .before = first.timestamp});
}

void KernelLog::Impl::ReadBackfill(KernelLogBatch& batch) {
  std::string_view line;
  LogSpan span;
  if (backfill.Next(line, span)) {
    const auto record = kmsg::ParseRecord(line, unescaped);
    if (record && record->timestamp > span.after && record->timestamp < span.before) {
      DecodeRecord(*record, span, std::nullopt, batch);
    }
  }
  if (!backfill.empty() || waiting.empty()) return;
  // Now comes the record before which all that was missing.
  const std::string raw = std::exchange(waiting, {});
  if (const auto record = kmsg::ParseRecord(raw, unescaped)) {
    DecodeRecord(*record, {options.boot_id, options.boot_wall}, record->sequence, batch);
  }
}

void KernelLog::Impl::ReadSome(KernelLogBatch& batch) {
  const bool numbered = input && input->numbered();
  bool drained = false;
  for (int lines = 0; input && !drained && lines < kMostLinesAtOnce; ++lines) {
    if (!backfill.empty()) {
      ReadBackfill(batch);
      continue;
    }
    std::string_view line;
    switch (input->Next(line)) {
      case LogInput::Got::kLine:
        if (input->form() == LogInput::Form::kRecord) {
          OnRecord(line, batch);
        } else {
          OnSyslogLine(line, batch);
        }
        break;
      case LogInput::Got::kUnusable:
        ++batch.malformed_records;
        tracker.TakeUnusable();
        break;
      case LogInput::Got::kNothing:
        drained = true;
        if (!options.follow) input.reset();
        break;
      case LogInput::Got::kEnd:
        input.reset();
        break;
      case LogInput::Got::kFailed:
        Reopen(batch);
        break;
    }
  }
  more = input && !drained;
  if (input) {
    incidents.TellDue(clock.Boot(), batch.events);
  } else {
    incidents.TellAll(batch.events);
  }
  batch.position = numbered && backfill.empty() ? Position() : options.resume;
}

// A reader that failed is opened again once; records that it gives twice are skipped by number.
void KernelLog::Impl::Reopen(KernelLogBatch& batch) {
  const Error failure = input->error();
  const bool again = read_since_open && input->numbered();
  input.reset();
  if (again && Open()) return;
  batch.problem = failure.what + "; no kernel lines are seen any more, restart gpud";
}

void KernelLog::Impl::Decode(const KernelLine& line, decode::LineStamp stamp,
                             KernelLogBatch& batch) {
  decoder.Decode(line, found);
  if (found.empty()) return;
  stamp.identity += ':' + HashText(line.text);
  stamp.read = clock.Boot();
  incidents.Take(found, stamp, batch.events);
}

// The container of the process that a line names, while it can still be asked: it may be gone a
// moment later.
void KernelLog::Impl::NameOwner(LineFinding& finding, WallTime time) const {
  constexpr std::chrono::seconds kFresh{60};  // an old line's number may be another process by now
  const auto pid = finding.details.find("pid");
  if (pid == finding.details.end() || clock.Wall() - time > kFresh) return;
  const auto owner = procfs::ReadCgroupOwner(root, pid->second);
  if (!owner) return;  // it has ended
  const auto keep = [&](const char* name, const std::string& value) {
    if (!value.empty()) finding.details.emplace(name, value);
  };
  keep("container", owner->container);
  keep("pod_uid", owner->pod_uid);
  keep("slurm_job", owner->slurm_job);
}

void KernelLog::Impl::OnRecord(std::string_view line, KernelLogBatch& batch) {
  const auto record = kmsg::ParseRecord(line, unescaped);
  if (!record) {
    ++batch.malformed_records;
    tracker.TakeUnusable();
    return;
  }
  if (input->numbered()) {
    const auto seen = tracker.Take(record->sequence);
    if (!seen.fresh) return;
    read_since_open = true;
    last = record->timestamp;
    if (AddOverwritten(*record, seen)) {
      waiting = line;
      return;
    }
    if (seen.lost > 0) ReportLoss(record->sequence, seen, batch);
  }
  std::optional<std::uint64_t> number;
  if (input->numbered() || record->sequence > 0) number = record->sequence;
  DecodeRecord(*record, {options.boot_id, options.boot_wall}, number, batch);
}

void KernelLog::Impl::DecodeRecord(const kmsg::Record& record, const LogSpan& boot,
                                   std::optional<std::uint64_t> number, KernelLogBatch& batch) {
  Origin who = Origin::kKernel;
  if (record.facility() != 0) {
    who = injections.Take(record.text, clock.Boot()) ? Origin::kInjected : Origin::kUserSpace;
  }
  Decode({.time = boot.boot_wall + record.timestamp,
          .text = record.text,
          .severity = record.severity(),
          .origin = who,
          .pci_device = record.pci_device},
         {.time = boot.boot_wall + record.timestamp,
          .origin = who,
          .sequence = number,
          .identity = "k:" + boot.boot_id + ':' + std::to_string(record.timestamp.count())},
         batch);
}

void KernelLog::Impl::OnSyslogLine(std::string_view text, KernelLogBatch& batch) {
  const auto line = kmsg::ParseSyslogLine(text, clock.Wall());
  if (!line) {
    if (line.error().code == ErrorCode::kParse) ++batch.malformed_records;
    return;
  }
  Decode({.time = line->time, .text = line->text},
         {.time = line->time,
          .approximate = true,
          .identity = "s:" + std::to_string(Seconds(line->time.time_since_epoch()))},
         batch);
}

void KernelLog::Impl::ReportLoss(std::uint64_t before, SequenceTracker::Seen seen,
                                 KernelLogBatch& batch) {
  batch.lost_records += seen.lost;
  batch.events.push_back(
      {.component = "os",
       .time = clock.Wall(),
       .name = "kmsg_records_lost",
       .type = EventType::kWarning,
       .message = std::to_string(seen.lost) + " kernel log records before number " +
                  std::to_string(before) +
                  (seen.first ? " were overwritten while gpud did not run"
                              : " were overwritten faster than gpud could read them") +
                  "; faults that they told of are not known (a larger log_buf_len keeps more)",
       .extra_info = {{"records", std::to_string(seen.lost)}},
       .identity = "k:" + options.boot_id + ":lost:" + std::to_string(before)});
}

KernelLogPosition KernelLog::Impl::Position() const {
  const std::uint64_t next = tracker.next().value_or(0);
  return {.boot_id = options.boot_id,
          .next_sequence = incidents.untold_since().value_or(next),
          .last = last};
}

KernelLog::KernelLog(const Root& root, const Clock& clock,
                     std::span<const ComponentType* const> components, KernelLogOptions options)
    : impl_(std::make_unique<Impl>(root, clock, components, std::move(options))) {}
KernelLog::~KernelLog() = default;

Result<void> KernelLog::Open() { return impl_->Open(); }
const std::string& KernelLog::origin() const { return impl_->origin; }
int KernelLog::fd() const { return impl_->input ? impl_->input->fd() : -1; }
bool KernelLog::ended() const { return !impl_->input; }
bool KernelLog::more() const { return impl_->more; }

KernelLogBatch KernelLog::ReadSome() {
  KernelLogBatch batch;
  impl_->ReadSome(batch);
  return batch;
}

std::optional<std::chrono::milliseconds> KernelLog::due() const {
  const auto due = impl_->incidents.due();
  if (!due) return std::nullopt;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*due - impl_->clock.Boot());
  return std::max(left, std::chrono::milliseconds(0));
}

void KernelLog::ExpectInjected(std::string_view text) {
  impl_->injections.Expect(text, impl_->clock.Boot());
}

}  // namespace gpud::lanes
