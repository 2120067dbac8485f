// SPDX-License-Identifier: Apache-2.0
#include "platform/log.h"

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <memory>

#include "platform/clock.h"
#include "platform/json.h"
#include "platform/text.h"
#include "platform/time_text.h"

namespace gpud::log {
namespace {

constexpr std::size_t kRotateBytes = 128u << 20;
constexpr std::size_t kOldFiles = 5;

// The only mutable global: a log has one target, and every thread of the process writes to it.
std::shared_ptr<spdlog::logger>& Logger() {
  static std::shared_ptr<spdlog::logger> logger = [] {
    auto made =
        std::make_shared<spdlog::logger>("gpud", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    return made;
  }();
  return logger;
}

spdlog::level::level_enum Spd(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarn:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

constexpr std::string_view Word(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarn:
      return "warn";
    case Level::kError:
      return "error";
  }
  return "error";
}

}  // namespace

Result<Level> ParseLevel(std::string_view word) {
  const std::string lower = ToLower(word);
  if (lower != word && ToLower(word) == lower) {
    // mixed case ("Info") is refused as in the original: only all-lower or all-upper words count
    for (const char c : word) {
      if (c >= 'a' && c <= 'z') {
        return Fail(ErrorCode::kParse, "unrecognized level: \"" + std::string(word) + "\"");
      }
    }
  }
  if (lower == "debug") return Level::kDebug;
  if (lower == "info" || lower.empty()) return Level::kInfo;
  if (lower == "warn") return Level::kWarn;
  if (lower == "error" || lower == "dpanic" || lower == "panic" || lower == "fatal") {
    return Level::kError;
  }
  return Fail(ErrorCode::kParse, "unrecognized level: \"" + std::string(word) + "\"");
}

Result<void> Start(const Options& options) {
  if (!options.file.empty()) {
    const mode_t old = umask(0077);  // the log may name users and paths: for its owner alone
    try {
      auto made = std::make_shared<spdlog::logger>(
          "gpud", std::make_shared<spdlog::sinks::rotating_file_sink_mt>(options.file, kRotateBytes,
                                                                         kOldFiles));
      made->set_pattern("%v");
      made->flush_on(spdlog::level::info);
      Logger() = std::move(made);
    } catch (const spdlog::spdlog_ex& problem) {
      umask(old);
      return Fail(ErrorCode::kIo, "log file " + options.file + ": " + problem.what());
    }
    umask(old);
  }
  Logger()->set_level(Spd(options.level));
  return {};
}

void Write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  spdlog::logger& logger = *Logger();
  if (!logger.should_log(Spd(level))) return;
  std::string line = "{\"level\":\"";
  line += Word(level);
  line += "\",\"ts\":\"" + Rfc3339Micros(SystemClock().Wall()) + "\",\"msg\":";
  AppendJsonString(line, message);
  for (const auto& [key, value] : fields) {
    line += ',';
    AppendJsonString(line, key);
    line += ':';
    AppendJsonString(line, value);
  }
  line += '}';
  logger.log(Spd(level), line);
}

}  // namespace gpud::log
