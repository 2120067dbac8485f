// SPDX-License-Identifier: Apache-2.0
// Outputs made of lines: Nagios, node-problem-detector, OpenMetrics.
#include <algorithm>

#include "platform/text.h"
#include "plugins/read_output.h"

namespace gpud::plugins {
namespace {

constexpr std::size_t kMostSamples = 1'000;
constexpr std::size_t kLongestSummary = 1024;

std::string Summary(std::string_view line) {
  return ValidUtf8(CutUtf8(Trim(line), kLongestSummary));
}

std::string_view FirstLine(std::string_view text) {
  std::string_view line;
  while (NextLine(text, line)) {
    if (!Trim(line).empty()) return line;
  }
  return {};
}

/// 'LABEL'=VALUE[UOM];[WARN];[CRIT];[MIN];[MAX], blanks between them. What is none ends the
/// reading.
void AddPerfdata(std::string_view rest, Reading& reading) {
  for (;;) {
    rest = Trim(rest);
    if (rest.empty() || reading.samples.size() >= kMostSamples) return;
    std::string label;
    if (rest[0] == '\'') {
      std::size_t at = 1;
      while (at < rest.size() && (rest[at] != '\'' || rest.substr(at).starts_with("''"))) {
        label += rest[at];
        at += rest[at] == '\'' ? 2 : 1;
      }
      rest.remove_prefix(std::min(at + 1, rest.size()));
    } else {
      const std::size_t equals = std::min(rest.find('='), rest.size());
      label = rest.substr(0, equals);
      rest.remove_prefix(equals);
    }
    if (!rest.starts_with('=') || label.empty()) return;
    rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find_first_of(" \t"), rest.size());
    const std::string_view field = rest.substr(0, std::min(rest.find(';'), end));
    rest.remove_prefix(end);
    const std::size_t digits = std::min(field.find_first_not_of("0123456789.+-eE"), field.size());
    std::string_view number = field.substr(0, digits);
    if (number.starts_with('+')) number.remove_prefix(1);
    const auto value = ParseNumber<double>(number);
    if (!value) continue;  // "U": the check could not tell
    reading.samples.push_back(
        {"perfdata",
         {{"label", ValidUtf8(label)}, {"unit", ValidUtf8(field.substr(digits))}},
         *value});
  }
}

/// The labels of `{name="value",...}`, taken off the front of `rest`; false when it is none.
bool TakeLabels(std::string_view& rest, std::map<std::string, std::string>& labels) {
  if (!rest.starts_with('{')) return true;
  rest.remove_prefix(1);
  for (;;) {
    rest = Trim(rest);
    if (rest.starts_with('}')) {
      rest.remove_prefix(1);
      return true;
    }
    const std::size_t equals = rest.find("=\"");
    if (equals == std::string_view::npos || equals == 0) return false;
    std::string& value = labels[ValidUtf8(Trim(rest.substr(0, equals)))];
    std::size_t at = equals + 2;
    for (; at < rest.size() && rest[at] != '"'; ++at) {
      if (rest[at] == '\\' && at + 1 < rest.size()) {
        ++at;
        value += rest[at] == 'n' ? '\n' : rest[at];
      } else {
        value += rest[at];
      }
    }
    if (at >= rest.size()) return false;
    value = ValidUtf8(value);
    rest.remove_prefix(at + 1);
    if (rest.starts_with(',')) rest.remove_prefix(1);
  }
}

bool IsMetricName(std::string_view name) {
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return c == '_' || c == ':' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                  (c >= 'A' && c <= 'Z');
         });
}

}  // namespace

Reading ReadNagios(std::string_view output) {
  Reading reading;
  std::string_view rest = output;
  std::string_view line;
  bool first = true;
  bool perfdata = false;  // once a later line has had a bar, all that follows is perfdata
  while (NextLine(rest, line)) {
    const std::size_t bar = perfdata ? 0 : line.find('|');
    if (first) reading.summary = Summary(line.substr(0, bar));
    if (perfdata) {
      AddPerfdata(line, reading);
    } else if (bar != std::string_view::npos) {
      AddPerfdata(line.substr(bar + 1), reading);
      perfdata = !first;
    }
    first = false;
  }
  return reading;
}

Reading ReadNpd(std::string_view output) {
  Reading reading;
  reading.summary = Summary(FirstLine(output));
  return reading;
}

Reading ReadOpenMetrics(std::string_view output) {
  Reading reading;
  std::string_view rest = output;
  std::string_view line;
  int number = 0;
  while (NextLine(rest, line)) {
    ++number;
    line = Trim(line);
    if (line.empty() || line[0] == '#') continue;
    const std::size_t end = std::min(line.find_first_of("{ \t"), line.size());
    OutputSample sample{.metric = std::string(line.substr(0, end)), .labels = {}};
    std::string_view after = line.substr(end);
    const bool named = IsMetricName(sample.metric) && TakeLabels(after, sample.labels);
    const auto words = SplitBlanks(after);
    const auto value = words.empty() ? std::nullopt : ParseNumber<double>(words[0]);
    if (!named || words.empty()) {
      reading.parse_error = "line " + std::to_string(number) +
                            " is no OpenMetrics sample: " + ValidUtf8(CutUtf8(line, 100));
      return reading;
    }
    if (value && reading.samples.size() < kMostSamples) {  // NaN and infinity are no readings
      sample.value = *value;
      reading.samples.push_back(std::move(sample));
    }
  }
  return reading;
}

}  // namespace gpud::plugins
