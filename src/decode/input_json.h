// SPDX-License-Identifier: Apache-2.0
// Kernel messages as JSON objects: `dmesg --json` and `journalctl -o json` (and json-pretty).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "decode/input.h"
#include "sources/kmsg/stamp.h"

namespace gpud::decode {

/// How much of `ahead` is the head of dmesg's document, `{"dmesg": [`; 0 when it is none.
std::size_t DmesgDocumentHead(std::string_view ahead);

/// How much stands before the next of its objects, `},{`, where the one before was broken; 0 when
/// it is not there.
std::size_t DmesgDocumentSeam(std::string_view ahead);

/// True where an object of JSON may begin, and not "{1}[Hardware Error]: ...".
bool BeginsJsonObject(std::string_view ahead);

inline constexpr std::size_t kJsonRanOut = std::string_view::npos - 1;

/// Reads the object at the start of `ahead`, over several lines if need be. The views of `line`
/// point into `ahead` and `scratch`; its text has no data when the object has no message. Gives the
/// bytes it takes; kJsonRanOut when its end is not in sight, npos when it is broken.
std::size_t ReadJsonMessage(std::string_view ahead, kmsg::StampReader& stamps, InputLine& line,
                            std::string& scratch);

}  // namespace gpud::decode
