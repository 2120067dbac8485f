// SPDX-License-Identifier: Apache-2.0
#include "lanes/kernel_log.h"

#include <fcntl.h>

#include <algorithm>

#include "lanes/fold.h"
#include "lanes/injections.h"
#include "lanes/line_router.h"
#include "lanes/log_input.h"
#include "lanes/sequence.h"
#include "platform/text.h"
#include "sources/kmsg/record.h"
#include "sources/kmsg/syslog_line.h"

namespace gpud::lanes {
namespace {

constexpr std::string_view kDevice = "/dev/kmsg";
// Bounds the time and the memory of one call.
constexpr int kMostLinesAtOnce = 512;

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
        router(components),
        tracker(FirstWanted(options)) {}

  Result<void> OpenRecordsAt(const Root& where, std::string_view path);
  Result<void> Open();
  void ReadSome(KernelLogBatch& batch);
  void Reopen(KernelLogBatch& batch);
  void OnLine(std::string_view line, KernelLogBatch& batch);
  void OnRecord(std::string_view line, KernelLogBatch& batch);
  void OnSyslogLine(std::string_view line, KernelLogBatch& batch);
  void Route(const KernelLine& line, const LineIdentity& identity, KernelLogBatch& batch);
  void ReportLoss(std::uint64_t before, SequenceTracker::Seen seen, KernelLogBatch& batch);
  KernelLogPosition Position() const;

  const Root& root;
  const Clock& clock;
  KernelLogOptions options;
  LineRouter router;
  SequenceTracker tracker;
  Fold fold;
  Injections injections;
  std::string origin;
  std::unique_ptr<LogInput> input;  // null before Open and after the end
  bool more = false;
  bool read_since_open = false;
  std::vector<Event> matched;  // of one line; kept for its memory
};

Result<void> KernelLog::Impl::OpenRecordsAt(const Root& where, std::string_view path) {
  auto fd = where.Open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!fd) return tl::unexpected<Error>(std::move(fd).error());
  input = OpenRecords(std::move(*fd));
  origin = path;
  read_since_open = false;
  return {};
}

Result<void> KernelLog::Impl::Open() {
  // A path that somebody has named is of this machine, not of the one below the root.
  if (!options.path.empty()) return OpenRecordsAt(Root(), options.path);
  const auto device = OpenRecordsAt(root, kDevice);
  if (device) return device;
  std::string tried = device.error().what;
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

void KernelLog::Impl::ReadSome(KernelLogBatch& batch) {
  const bool numbered = input && input->numbered();
  bool drained = false;
  for (int lines = 0; input && !drained && lines < kMostLinesAtOnce; ++lines) {
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
    fold.CloseOld(std::nullopt, clock.Boot(), batch.events);
  } else {
    fold.CloseAll(batch.events);
  }
  batch.position = numbered ? Position() : options.resume;
}

// A reader that failed is opened again once; records that it gives twice are skipped by number.
void KernelLog::Impl::Reopen(KernelLogBatch& batch) {
  const Error failure = input->error();
  const bool again = read_since_open && input->numbered();
  input.reset();
  if (again && Open()) return;
  batch.problem = failure.what + "; no kernel lines are seen any more, restart gpud";
}

void KernelLog::Impl::Route(const KernelLine& line, const LineIdentity& identity,
                            KernelLogBatch& batch) {
  const BootTime now = clock.Boot();
  fold.CloseOld(line.time, now, batch.events);
  matched.clear();
  router.Route(line, identity, matched);
  for (Event& event : matched) {
    // An injection is one act of a person, who waits for its effect.
    if (event.origin == Origin::kInjected) {
      batch.events.push_back(std::move(event));
    } else {
      fold.Take(std::move(event), identity.sequence.value_or(0), now, batch.events);
    }
  }
}

void KernelLog::Impl::OnRecord(std::string_view line, KernelLogBatch& batch) {
  const auto record = kmsg::ParseRecord(line);
  if (!record) {
    ++batch.malformed_records;
    tracker.TakeUnusable();
    return;
  }
  if (input->numbered()) {
    const auto seen = tracker.Take(record->sequence);
    if (!seen.fresh) return;
    read_since_open = true;
    if (seen.lost > 0) ReportLoss(record->sequence, seen, batch);
  }
  Origin who = Origin::kKernel;
  if (record->facility() != 0) {
    who = injections.Take(record->text, clock.Boot()) ? Origin::kInjected : Origin::kUserSpace;
  }
  Route({.time = options.boot_wall + record->timestamp,
         .text = record->text,
         .severity = record->severity(),
         .origin = who},
        {.prefix = "k:" + options.boot_id + ':' + std::to_string(record->timestamp.count()),
         .sequence = record->sequence},
        batch);
}

void KernelLog::Impl::OnSyslogLine(std::string_view text, KernelLogBatch& batch) {
  const auto line = kmsg::ParseSyslogLine(text, clock.Wall());
  if (!line) {
    if (line.error().code == ErrorCode::kParse) ++batch.malformed_records;
    return;
  }
  Route({.time = line->time, .text = line->text},
        {.prefix = "s:" + std::to_string(Seconds(line->time.time_since_epoch()))}, batch);
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
  return {.boot_id = options.boot_id, .next_sequence = fold.untold_since().value_or(next)};
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
  const auto due = impl_->fold.due();
  if (!due) return std::nullopt;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*due - impl_->clock.Boot());
  return std::max(left, std::chrono::milliseconds(0));
}

void KernelLog::ExpectInjected(std::string_view text) {
  impl_->injections.Expect(text, impl_->clock.Boot());
}

}  // namespace gpud::lanes
