// SPDX-License-Identifier: Apache-2.0
// Files that hold one value, as nearly all of sysfs does.
#pragma once

#include <cstdint>

#include "platform/root.h"

namespace gpud::sysfs {

/// The file's text without blanks around it. Errors as Root::Read.
Result<std::string> ReadText(const Root& root, std::string_view path);
/// A number, decimal or with 0x in front. Errors: as Root::Read, or kParse.
Result<std::uint64_t> ReadUnsigned(const Root& root, std::string_view path);
/// The first bytes of a file that can be long, with one read. Errors as Root::Read.
Result<std::string> ReadHead(const Root& root, std::string_view path, std::size_t bytes);

}  // namespace gpud::sysfs
