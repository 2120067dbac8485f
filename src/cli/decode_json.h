// SPDX-License-Identifier: Apache-2.0
// An incident of `gpud decode` for programs.
#pragma once

#include <string>
#include <string_view>

#include "decode/incidents.h"

namespace gpud::cli {

/// One line of JSON with its newline; `file` is left out when empty. Fields: docs/decode.md.
std::string IncidentJson(const decode::Incident& incident, std::string_view file);

}  // namespace gpud::cli
