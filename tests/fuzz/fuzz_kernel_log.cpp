// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdlib>
#include <string>

#include "components/all.h"
#include "decode/incident_events.h"
#include "sources/kmsg/record.h"
#include "sources/kmsg/syslog_line.h"

// A record, a line of syslog, and every matcher with whatever text is in them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  using namespace gpud;
  (void)kmsg::ParseSyslogLine(text, WallTime(std::chrono::seconds(1772352000)));
  std::string scratch;
  const auto record = kmsg::ParseRecord(text, scratch);
  decode::Decoder decoder(AllComponents());
  std::vector<decode::Found> found;
  decode::IncidentEvents incidents;
  std::vector<Event> events;
  const auto decode = [&](const KernelLine& line) {
    decoder.Decode(line, found);
    incidents.Take(found, {.time = line.time}, events);
  };
  decode({.text = text});
  if (record) decode({.text = record->text, .severity = record->severity()});
  incidents.TellAll(events);
  return 0;
}
