// SPDX-License-Identifier: Apache-2.0
// systemd's journal as a LogInput: its kernel lines of this boot, as the records that /dev/kmsg
// would give, so that a fault is the same event from either.

#include <algorithm>
#include <array>
#include <cstring>

#include "lanes/log_input.h"
#include "platform/shared_library.h"
#include "platform/text.h"

struct sd_journal;  // libsystemd's (sd-journal(3))

namespace gpud::lanes {
namespace {

// The kernel's own lines are below 1 KiB.
constexpr std::size_t kLongestField = 8 << 10;

/// libsystemd, loaded when it is needed: it is not there on every machine. All return a negative
/// errno for an error.
struct Library {
  SharedLibrary handle;
  int (*open_directory)(sd_journal**, const char* path, int flags) = nullptr;
  void (*close)(sd_journal*) = nullptr;
  int (*add_match)(sd_journal*, const void* data, std::size_t size) = nullptr;
  int (*set_data_threshold)(sd_journal*, std::size_t) = nullptr;
  int (*seek_head)(sd_journal*) = nullptr;
  int (*next)(sd_journal*) = nullptr;
  int (*get_data)(sd_journal*, const char* field, const void** data, std::size_t* size) = nullptr;
  int (*get_fd)(sd_journal*) = nullptr;
  int (*process)(sd_journal*) = nullptr;
};

Result<Library> Load() {
  Library lib;
  lib.handle = OpenLibrary("libsystemd.so.0");
  const SharedLibrary& handle = lib.handle;
  if (!handle) return Fail(ErrorCode::kNotFound, "systemd's journal: no libsystemd.so.0");
  const bool whole =
      FindFunction(handle, "sd_journal_open_directory", lib.open_directory) &&
      FindFunction(handle, "sd_journal_close", lib.close) &&
      FindFunction(handle, "sd_journal_add_match", lib.add_match) &&
      FindFunction(handle, "sd_journal_set_data_threshold", lib.set_data_threshold) &&
      FindFunction(handle, "sd_journal_seek_head", lib.seek_head) &&
      FindFunction(handle, "sd_journal_next", lib.next) &&
      FindFunction(handle, "sd_journal_get_data", lib.get_data) &&
      FindFunction(handle, "sd_journal_get_fd", lib.get_fd) &&
      FindFunction(handle, "sd_journal_process", lib.process);
  if (!whole) return Fail(ErrorCode::kUnsupported, "systemd's journal: libsystemd.so.0 is another");
  return lib;
}

class Journal final : public LogInput {
 public:
  explicit Journal(Library lib) : lib_(std::move(lib)), journal_(nullptr, lib_.close) {}

  Result<void> Open(const std::string& directory, const std::string& boot_id, bool follow) {
    sd_journal* opened = nullptr;
    int done = lib_.open_directory(&opened, directory.c_str(), 0);
    journal_.reset(opened);
    const std::string boot = "_BOOT_ID=" + boot_id;
    if (done >= 0) done = lib_.add_match(opened, "_TRANSPORT=kernel", 0);
    if (done >= 0) done = lib_.add_match(opened, boot.c_str(), 0);
    if (done >= 0) done = lib_.set_data_threshold(opened, kLongestField);
    if (done >= 0 && follow) done = fd_ = lib_.get_fd(opened);
    if (done >= 0) done = lib_.seek_head(opened);
    if (done >= 0) done = lib_.next(opened);
    if (done < 0) return FailErrno("systemd's journal in " + directory, -done);
    if (done == 0) {
      return Fail(ErrorCode::kNotFound,
                  "systemd's journal in " + directory + ": no kernel lines of this boot");
    }
    return {};
  }

  Got Next(std::string_view& line) override {
    // What is new is seen by the next step only after `process`.
    while (!at_entry_) {
      const int stepped = lib_.next(journal_.get());
      if (stepped < 0) return Failed(stepped);
      at_entry_ = stepped > 0;
      if (at_entry_) break;
      if (fd_ < 0) return Got::kEnd;
      const int changed = lib_.process(journal_.get());
      if (changed < 0) return Failed(changed);
      if (changed == 0) return Got::kNothing;
    }
    at_entry_ = false;
    const auto number = [this](const char* field) {
      return ParseNumber<std::uint64_t>(Get(field));
    };
    const auto stamp = number("_SOURCE_MONOTONIC_TIMESTAMP");
    const auto level = number("PRIORITY");
    if (!stamp || !level) return Got::kUnusable;
    const std::uint64_t priority = number("SYSLOG_FACILITY").value_or(0) * 8 + *level;
    record_ = std::to_string(priority) + ",0," + std::to_string(*stamp) + ",-;";
    AddEscaped(Get("MESSAGE"));
    if (const auto device = Get("_KERNEL_DEVICE"); !device.empty()) {
      record_ += "\n DEVICE=";
      AddEscaped(device);
    }
    line = record_;
    return Got::kLine;
  }
  int fd() const override { return fd_; }

 private:
  Got Failed(int negative_errno) {
    error_ = FailErrno("reading systemd's journal", -negative_errno).value();
    return Got::kFailed;
  }
  /// Valid until the next call; empty when the entry has no such field.
  std::string_view Get(const char* field) {
    const void* data = nullptr;
    std::size_t size = 0;
    if (lib_.get_data(journal_.get(), field, &data, &size) < 0) return {};
    const std::string_view text(static_cast<const char*>(data), size);
    return text.substr(std::min(size, std::strlen(field) + 1));  // "FIELD=value"
  }
  /// As the kernel does it in /dev/kmsg (Documentation/ABI/testing/dev-kmsg).
  void AddEscaped(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte >= ' ' && byte < 127 && c != '\\') {
        record_ += c;
      } else {
        record_ += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
      }
    }
  }

  Library lib_;
  std::unique_ptr<sd_journal, void (*)(sd_journal*)> journal_;
  int fd_ = -1;
  bool at_entry_ = true;  // from Open on: not yet given
  std::string record_;
};

}  // namespace

Result<std::unique_ptr<LogInput>> OpenJournal(const Root& root, std::string boot_id, bool follow) {
  std::erase(boot_id, '-');
  auto lib = Load();
  if (!lib) return tl::unexpected<Error>(std::move(lib).error());
  auto journal = std::make_unique<Journal>(*std::move(lib));
  const std::string base = root.path() == "/" ? "" : root.path();
  auto opened = journal->Open(base + "/var/log/journal", boot_id, follow);
  if (opened) return journal;
  auto in_run = journal->Open(base + "/run/log/journal", boot_id, follow);
  if (in_run) return journal;
  return Fail(in_run.error().code, opened.error().what + "; " + in_run.error().what,
              in_run.error().sys);
}

}  // namespace gpud::lanes
