// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdlib>
#include <string>

#include "components/all.h"
#include "decode/incident_events.h"
#include "platform/text.h"
#include "sources/kmsg/record.h"
#include "sources/kmsg/syslog_line.h"

namespace {

using namespace gpud;

class Collector final : public LineSink {
 public:
  Collector(const ComponentType& type, std::vector<decode::Found>& found)
      : type_(type), found_(found) {}
  void Add(LineFinding finding) override { found_.push_back({&type_, std::move(finding)}); }
  void Detail(std::string_view name, std::string value) override {
    decode::Found& detail = found_.emplace_back();
    detail.component = &type_;
    detail.finding.details.emplace(name, std::move(value));
  }

 private:
  const ComponentType& type_;
  std::vector<decode::Found>& found_;
};

}  // namespace

// A record, a line of syslog, and every matcher with whatever text is in them: the text as one
// record, then its lines as records of their own. (Without the needles: to make the set of them
// takes longer than all the rest.)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)kmsg::ParseSyslogLine(text, WallTime(std::chrono::seconds(1772352000)));
  std::string scratch;
  const auto record = kmsg::ParseRecord(text, scratch);
  decode::IncidentEvents incidents;
  std::vector<Event> events;
  std::vector<decode::Found> found;
  for (const ComponentType* type : AllComponents()) {
    if (!type->create_matcher) continue;
    const auto matcher = type->create_matcher();
    Collector collector(*type, found);
    const auto decode = [&](const KernelLine& line) {
      matcher->OnLine(line, collector);
      incidents.Take(found, {.time = line.time}, events);
      found.clear();
    };
    decode({.text = text});
    if (record) decode({.text = record->text, .severity = record->severity()});
    std::string_view rest = text;
    for (std::string_view line; NextLine(rest, line);) decode({.text = line});
  }
  incidents.TellAll(events);
  return 0;
}
