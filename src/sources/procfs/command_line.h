// SPDX-License-Identifier: Apache-2.0
// Command lines that may leave the machine: bounded, and without the secrets that people put there.
#pragma once

#include <string>
#include <string_view>

namespace gpud::procfs {

/// The arguments of /proc/PID/cmdline on one line of at most `most_bytes`. "***" takes the place of
/// the values of --token X, --api-key=X, PASSWORD=X, "secret": X and the like, of what follows
/// "Bearer", of user:password in URLs, and of words that look like the keys of well-known services.
/// A name that means a secret only to its own program is not known here.
std::string ShownCommand(std::string_view nul_separated, std::size_t most_bytes = 512);

}  // namespace gpud::procfs
