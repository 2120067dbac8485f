// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdlib>
#include <string>

#include "components/all.h"
#include "sources/kmsg/record.h"
#include "sources/kmsg/syslog_line.h"

// A record, a line of syslog, and every matcher with whatever text is in them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  using namespace gpud;
  (void)kmsg::ParseSyslogLine(text, WallTime(std::chrono::seconds(1772352000)));
  const auto record = kmsg::ParseRecord(text);
  for (const ComponentType* component : AllComponents()) {
    if (!component->create_matcher) continue;
    const auto matcher = component->create_matcher();
    (void)matcher->OnLine({.text = text});
    if (record) (void)matcher->OnLine({.text = record->text, .severity = record->severity()});
  }
  return 0;
}
