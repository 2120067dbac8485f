// SPDX-License-Identifier: Apache-2.0
// What the kernel saved of its log when it died: /sys/fs/pstore, and where systemd moves that.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace gpud::host {

/// A file that holds a panic.
struct PanicRecord {
  std::string file;                        ///< its path
  std::int64_t modified_unix_seconds = 0;  ///< of the file: about when the machine died
  std::string reason;                      ///< "Kernel panic - not syncing: Fatal exception"

  static constexpr auto Fields() {
    using P = PanicRecord;
    return std::tuple{Field{"file", &P::file},
                      Field{"modified_unix_seconds", &P::modified_unix_seconds},
                      Field{"reason", &P::reason}};
  }
};

struct Pstore {
  std::vector<PanicRecord> panics;      ///< newest first
  std::vector<std::string> unreadable;  ///< errors of single files

  static constexpr auto Fields() {
    return std::tuple{Field{"panics", &Pstore::panics}, Field{"unreadable", &Pstore::unreadable}};
  }
};

/// The first line of a panic in a saved log, from "Kernel panic" on; empty when there is none.
std::string PanicIn(std::string_view log);

/// At most 16 files, the newest, of at most 1 MiB. Error in place of the snapshot: kNotFound when
/// the machine has neither folder, kPermission when it may not be looked into.
/// Source: Documentation/admin-guide/pstore-blk.rst, systemd-pstore.service(8).
extern const SourceType kPstore;

}  // namespace gpud::host
