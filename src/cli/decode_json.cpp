// SPDX-License-Identifier: Apache-2.0
#include "cli/decode_json.h"

#include "decode/input_incidents.h"
#include "model/json_codec.h"

namespace gpud::cli {
namespace {

struct LineObject {
  std::optional<std::string> time;
  std::optional<double> since_boot_seconds;
  std::optional<std::uint64_t> seq;
  std::uint64_t line = 0;
  std::string component, family, name, severity, code;
  std::optional<std::string> device;
  std::string message;
  std::vector<std::string> actions;

  static constexpr auto Fields() {
    using L = LineObject;
    return std::tuple{Field{"time", &L::time},
                      Field{"since_boot_seconds", &L::since_boot_seconds, When::kNonEmpty},
                      Field{"seq", &L::seq, When::kNonEmpty},
                      Field{"line", &L::line},
                      Field{"component", &L::component},
                      Field{"family", &L::family},
                      Field{"name", &L::name},
                      Field{"severity", &L::severity},
                      Field{"code", &L::code},
                      Field{"device", &L::device},
                      Field{"message", &L::message},
                      Field{"actions", &L::actions}};
  }
};

struct IncidentObject : LineObject {
  std::uint64_t count = 1;
  std::optional<std::string> last;
  Json root{true};  // or the number of the root's record, or of its line
  std::map<std::string, std::string> details;
  std::vector<LineObject> evidence;
  std::uint64_t evidence_left_out = 0;
  std::string file;

  static constexpr auto Fields() {
    using I = IncidentObject;
    return std::tuple_cat(
        LineObject::Fields(),
        std::tuple{Field{"count", &I::count}, Field{"last", &I::last}, Field{"root", &I::root},
                   Field{"details", &I::details, When::kNonEmpty}, Field{"evidence", &I::evidence},
                   Field{"evidence_left_out", &I::evidence_left_out, When::kNonEmpty},
                   Field{"file", &I::file, When::kNonEmpty}});
  }
};

std::optional<std::string> TimeText(WallTime time) {
  if (decode::IsSinceBoot(time)) return std::nullopt;
  return Rfc3339Micros(time);
}

void Fill(LineObject& object, const decode::LineStamp& stamp, const ComponentType& component,
          const LineFinding& finding) {
  object.time = TimeText(stamp.time);
  if (!object.time && stamp.time != WallTime{}) {
    object.since_boot_seconds =
        std::chrono::duration<double>(stamp.time.time_since_epoch()).count();
  }
  object.seq = stamp.sequence;
  object.line = stamp.line;
  object.component = component.name;
  object.family = finding.family;
  object.name = finding.event.empty() ? finding.code : std::string(finding.event);
  object.severity = ToLower(Word(finding.severity));
  object.code = finding.code;
  if (!finding.device.empty()) object.device = finding.device;
  object.message = finding.message;
  object.actions.emplace_back(Word(finding.action));
  if (finding.follow_up != Advice::kNone && finding.follow_up != finding.action) {
    object.actions.emplace_back(Word(finding.follow_up));
  }
}

}  // namespace

std::string IncidentJson(const decode::Incident& incident, std::string_view file) {
  IncidentObject object;
  Fill(object, incident.first, *incident.component, incident.finding);
  object.count = incident.count;
  object.last = TimeText(incident.last);
  if (incident.root != 0) {
    object.root.value = incident.root_stamp.sequence.value_or(incident.root_stamp.line);
  }
  object.details = incident.finding.details;
  const auto add = [&object](const decode::Evidence& evidence) {
    Fill(object.evidence.emplace_back(), evidence.stamp, *evidence.component, evidence.finding);
  };
  for (const decode::Evidence& evidence : incident.evidence) add(evidence);
  for (const decode::Evidence& evidence : incident.last_evidence) add(evidence);
  object.evidence_left_out = incident.evidence_left_out;
  object.file = file;
  return ToJson(object) + '\n';
}

}  // namespace gpud::cli
