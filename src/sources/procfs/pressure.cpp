// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/pressure.h"

#include "platform/text.h"

namespace gpud::procfs {
namespace {

/// The value of ` key=` in a line.
template <class T>
std::optional<T> Value(std::string_view line, std::string_view key) {
  const std::size_t at = line.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = line.substr(at + key.size());
  return ParseNumber<T>(rest.substr(0, rest.find(' ')));
}

std::optional<Stall> ParseStall(std::string_view line) {
  const auto avg10 = Value<double>(line, " avg10=");
  const auto avg60 = Value<double>(line, " avg60=");
  const auto avg300 = Value<double>(line, " avg300=");
  const auto total = Value<std::uint64_t>(line, " total=");
  if (!avg10 || !avg60 || !avg300 || !total) return std::nullopt;
  return Stall{*avg10, *avg60, *avg300, *total};
}

/// Off (psi=0 on the kernel's command line) shows as EOPNOTSUPP, not built in as no file at all.
bool Absent(const Result<Pressure>& result) {
  return !result && (result.error().code == ErrorCode::kNotFound ||
                     result.error().code == ErrorCode::kUnsupported);
}

}  // namespace

Result<Pressure> ParsePressure(std::string_view text) {
  std::optional<Stall> some, full;
  for (std::string_view line; NextLine(text, line);) {
    if (line.starts_with("some ")) some = ParseStall(line);
    if (line.starts_with("full ")) full = ParseStall(line);
  }
  if (!some) return Fail(ErrorCode::kParse, "pressure: no good line \"some\"");
  return Pressure{*some, full};
}

constinit const SourceType kPressures{
    .name = "procfs/pressure",
    .snapshot = &kSnapshot<Pressures>,
    .read =
        [](const Host& host, Inputs& into) {
          const auto read = [&](std::string_view path) {
            return host.root.Read(path).and_then(ParsePressure);
          };
          Pressures pressures{read("/proc/pressure/cpu"), read("/proc/pressure/memory"),
                              read("/proc/pressure/io")};
          if (Absent(pressures.cpu) && Absent(pressures.memory) && Absent(pressures.io)) {
            into.Put<Pressures>(
                Fail(ErrorCode::kUnsupported,
                     "/proc/pressure: this kernel does not measure pressure stalls"));
          } else {
            into.Put<Pressures>(std::move(pressures));
          }
        },
};

}  // namespace gpud::procfs
