// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <re2/re2.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

#include "platform/time_text.h"
#include "platform/unique_fd.h"
#include "plugins/json_path.h"
#include "plugins/read_output.h"

namespace gpud::plugins {
namespace {

// What a value shows of itself; expectations see all of it.
constexpr std::size_t kLongestShown = 4096;

/// Error: the pattern is none.
Result<bool> Matches(const MatchRule& rule, const std::string& text) {
  if (!rule.regex) return true;
  const RE2 pattern(*rule.regex, RE2::Quiet);
  if (!pattern.ok()) {
    return Fail(ErrorCode::kParse,
                "failed to compile regex \"" + *rule.regex + "\": " + pattern.error());
  }
  return RE2::PartialMatch(text, pattern);
}

void AddAction(std::vector<MatchedAction>& actions, const std::string& name, std::string text) {
  const auto known = std::find_if(actions.begin(), actions.end(),
                                  [&](const MatchedAction& action) { return action.name == name; });
  if (known == actions.end()) {
    actions.push_back({name, std::move(text)});
  } else {
    known->description += ", " + text;
  }
}

Result<void> ApplyRule(const JsonPathRule& rule, const Json& object, Reading& reading) {
  const auto failure = [&](const Error& error, const std::string& what) {
    return Fail(ErrorCode::kParse, what + ": " + error.what);
  };
  const std::string unread = "failed to read json path \"" + rule.query + '"';
  const auto path = JsonPath::Compile(rule.query);
  if (!path) return failure(path.error(), unread);
  const auto found = path->Find(object);
  if (!found) return failure(found.error(), unread);
  if (!*found && !rule.expect) return {};
  if (!*found) {
    reading.extra_info[rule.field] = "";
    reading.mismatch = true;
    return {};
  }
  const std::string text = ValueText(**found);
  const std::string shown(CutUtf8(text, kLongestShown));
  reading.extra_info[rule.field] = shown;
  const std::string unchecked = "failed to check match rule for path \"" + rule.query + '"';
  if (rule.expect) {
    const auto matches = Matches(*rule.expect, text);
    if (!matches) return failure(matches.error(), unchecked);
    if (!*matches) reading.mismatch = true;
  }
  for (const auto& [action, condition] : rule.suggested_actions) {
    const auto matches = Matches(condition, text);
    if (!matches) {
      return failure(matches.error(), unchecked + " for suggested action \"" + action + '"');
    }
    if (*matches) AddAction(reading.actions, action, shown);
  }
  return {};
}

std::string Replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

}  // namespace

Reading ReadJson(const Parser& parser, std::string_view from_brace) {
  Reading reading;
  if (parser.json_paths.empty()) return reading;
  const auto object = FirstObject(from_brace);
  if (!object) {
    reading.parse_error = object.error().what;
    return reading;
  }
  if (!*object) return reading;
  for (const JsonPathRule& rule : parser.json_paths) {
    if (const auto applied = ApplyRule(rule, **object, reading); !applied) {
      reading.parse_error = applied.error().what;
      return reading;
    }
  }
  return reading;
}

Result<void> AppendLog(const Parser& parser, std::string_view plugin, std::string_view trigger,
                       WallTime now, std::string_view output) {
  if (parser.log_path.empty()) return {};
  const bool needs_trigger = parser.log_path.find("${TRIGGER}") != std::string::npos;
  const bool needs_plugin = parser.log_path.find("${PLUGIN}") != std::string::npos;
  if ((needs_trigger && trigger.empty()) || (needs_plugin && plugin.empty())) return {};
  const std::string path =
      Replaced(Replaced(parser.log_path, "${TRIGGER}", trigger), "${PLUGIN}", plugin);
  // A FIFO without a reader must not hold the run.
  const UniqueFd file(::open(
      path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644));
  struct stat facts {};
  if (!file.valid() || ::fstat(file.get(), &facts) != 0) {
    return FailErrno("failed to open log file: " + path, errno);
  }
  if (!S_ISREG(facts.st_mode)) {
    return Fail(ErrorCode::kIo, "failed to open log file: " + path + ": not a regular file");
  }
  std::string entry = '[' + Rfc3339Seconds(now) + "] plugin=";
  entry.append(plugin).append(" trigger=").append(trigger).append("\noutput=").append(output);
  entry += '\n';
  std::string_view rest = entry;
  while (!rest.empty()) {
    const ssize_t n = ::write(file.get(), rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FailErrno("failed to write to log file: " + path, errno);
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

}  // namespace gpud::plugins
