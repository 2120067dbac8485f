// SPDX-License-Identifier: Apache-2.0
#include "decode/input.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "decode/input_bytes.h"
#include "decode/input_json.h"
#include "decode/input_text.h"
#include "platform/text.h"
#include "sources/kmsg/record.h"

namespace gpud::decode {
namespace {

constexpr std::size_t kLongestLine = 64 << 10;
static_assert(2 * kLongestLine <= InputBytes::kLookAhead, "a message is seen as a whole");
constexpr std::size_t kNone = std::string_view::npos;

// A line as it stands in the input.
struct RawLine {
  std::string_view text;  // without its end, "\n" or "\r\n"
  std::size_t size = 0;   // with it
  bool ended = false;     // by a newline, not by the input's end
  bool cut = false;       // longer than kLongestLine; the rest is still ahead
};

RawLine CutLine(std::string_view ahead) {
  const std::string_view visible = ahead.substr(0, kLongestLine + 1);
  const std::size_t end = visible.find('\n');
  RawLine line;
  if (end != kNone) {
    line = {.text = visible.substr(0, end), .size = end + 1, .ended = true};
  } else if (visible.size() <= kLongestLine) {
    line = {.text = visible, .size = visible.size()};
  } else {
    return {.text = visible.substr(0, kLongestLine), .size = kLongestLine, .cut = true};
  }
  if (line.text.ends_with('\r')) line.text.remove_suffix(1);
  return line;
}

// "6,339,5140900,-;text", or what is left of one.
bool LooksLikeRecord(std::string_view line) {
  constexpr std::size_t kMostDigits = 4;
  if (line.empty() || line.front() < '0' || line.front() > '9') return false;
  return line.substr(0, kMostDigits + 1).find(',') != kNone && line.find(';') != kNone;
}

bool HoldsControlBytes(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\t'; });
}

// "NVRM:" of "NVRM: GPU ...".
std::string_view Speaker(std::string_view text) {
  const std::string_view word = text.substr(0, text.find(' '));
  return word.ends_with(':') ? word : std::string_view();
}

template <class T>
void Widen(std::optional<T>& first, std::optional<T>& last, const std::optional<T>& time) {
  if (!time) return;
  if (!first || *time < *first) first = time;
  if (!last || *time > *last) last = time;
}

}  // namespace

struct Input::Impl {
  enum class Form : unsigned char { kUnknown, kBare, kRecord, kText, kJson };

  Impl(UniqueFd fd, std::string name, WallTime now)
      : bytes(std::move(fd), std::move(name)), stamps(now), forms(stamps) {}

  // These are true when there is a message; if not, what there was has been used and counted.
  bool Read(std::string_view ahead, InputLine& line);
  bool ReadJson(std::string_view ahead, InputLine& line);
  bool ReadRecord(std::string_view ahead, const RawLine& raw, InputLine& line);
  bool ReadBare(const RawLine& raw, InputLine& line);

  void Join(std::string_view ahead, const RawLine& raw, InputLine& line);
  void UndoSyslogEscapes(InputLine& line);
  void DropRestOfLine();
  void SkipDocumentSpace();
  void Use(std::string_view text);
  void Use(std::string_view text, std::uint64_t line_ends);
  void UseLine(std::string_view ahead, const RawLine& raw);
  void Enter(Form now);
  void Count(const InputLine& line);

  InputBytes bytes;
  kmsg::StampReader stamps;
  TextForms forms;
  InputTotals totals;
  std::string scratch;
  Form form = Form::kUnknown;  // of the last message
  std::uint64_t section = 0;
  std::uint64_t last_sequence = 0;
  std::uint64_t one_line_until = 0;  // of the bytes; no object of several lines before
  bool other_text = false;           // since the last message
  bool is_report = false;
  bool in_document = false;  // of dmesg --json
  bool rest_of_line = false;
  bool mid_line = false;
};

void Input::Impl::Use(std::string_view text) {
  Use(text, static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')));
}

void Input::Impl::Use(std::string_view text, std::uint64_t line_ends) {
  if (text.empty()) return;
  totals.lines += line_ends;
  mid_line = text.back() != '\n';
  bytes.Consume(text.size());
}

void Input::Impl::UseLine(std::string_view ahead, const RawLine& raw) {
  Use(ahead.substr(0, raw.size), raw.ended ? 1 : 0);
  rest_of_line = raw.cut;
  if (raw.cut) ++totals.cut;
}

void Input::Impl::Enter(Form now) {
  if (other_text || (form != now && form != Form::kUnknown)) ++section;
  other_text = false;
  form = now;
}

void Input::Impl::DropRestOfLine() {
  while (rest_of_line) {
    const std::string_view ahead = bytes.Ahead();
    const std::size_t end = ahead.find('\n');
    rest_of_line = end == kNone && !ahead.empty();
    Use(ahead.substr(0, end == kNone ? ahead.size() : end + 1));
  }
}

// What stands between the objects of dmesg's document, and its end.
void Input::Impl::SkipDocumentSpace() {
  for (;;) {
    const std::string_view ahead = bytes.Ahead();
    const std::size_t next = std::min(ahead.find_first_not_of(" \t\r\n,"), ahead.size());
    Use(ahead.substr(0, next));
    if (next < ahead.size() || ahead.empty()) break;
  }
  const std::string_view ahead = bytes.Ahead();
  if (ahead.starts_with('{')) return;
  in_document = false;
  if (!ahead.starts_with(']')) return;
  const std::size_t brace = ahead.find_first_not_of(" \t\r\n", 1);
  if (brace == kNone || ahead[brace] != '}') return;
  Use(ahead.substr(0, std::min(ahead.find_first_not_of(" \t\r\n", brace + 1), ahead.size())));
}

bool Input::Impl::Read(std::string_view ahead, InputLine& line) {
  if (std::string_view("{} \t").find(ahead.front()) != kNone) {
    const std::size_t head = DmesgDocumentHead(ahead);
    if (const std::size_t size = head > 0 ? head : DmesgDocumentSeam(ahead)) {
      Use(ahead.substr(0, size));
      in_document = true;
      return false;
    }
    if (BeginsJsonObject(ahead)) return ReadJson(ahead, line);
  }
  const RawLine raw = CutLine(ahead);
  if (LooksLikeRecord(raw.text)) return ReadRecord(ahead, raw, line);

  const std::size_t indent = std::min(raw.text.find_first_not_of(" \t"), raw.text.size());
  if (!forms.Read(raw.text.substr(indent), line)) {
    UseLine(ahead, raw);
    return ReadBare(raw, line);
  }
  Enter(Form::kText);
  if (raw.cut) {
    UseLine(ahead, raw);
  } else {
    Join(ahead, raw, line);
  }
  if (line.wall) UndoSyslogEscapes(line);
  return true;
}

bool Input::Impl::ReadJson(std::string_view ahead, InputLine& line) {
  const bool one_line = bytes.consumed() < one_line_until;
  std::size_t size = ReadJsonMessage(one_line ? CutLine(ahead).text : ahead, stamps, line, scratch);
  if (size >= kJsonRanOut) {
    // Else each of many lines that only begin objects would be read as far as can be seen.
    if (size == kJsonRanOut) one_line_until = bytes.consumed() + InputBytes::kLookAhead;
    line = {.number = line.number};
    UseLine(ahead, CutLine(ahead));
    ++totals.unparsable;
    return false;
  }
  while (size < ahead.size() && (ahead[size] == ',' || ahead[size] == '\r')) ++size;
  if (size < ahead.size() && ahead[size] == '\n') ++size;
  Use(ahead.substr(0, size));
  if (line.text.data() == nullptr) {
    ++totals.ignored;
    return false;
  }
  Enter(Form::kJson);
  return true;
}

bool Input::Impl::ReadRecord(std::string_view ahead, const RawLine& raw, InputLine& line) {
  std::size_t size = raw.size;
  std::uint64_t line_ends = raw.ended ? 1 : 0;
  while (!raw.cut && size < ahead.size() && ahead[size] == ' ' && size < kLongestLine) {
    const RawLine property = CutLine(ahead.substr(size));
    if (property.cut) break;
    size += property.size;
    line_ends += property.ended ? 1 : 0;
  }
  const auto record = kmsg::ParseRecord(ahead.substr(0, size), scratch);
  if (!record) {
    UseLine(ahead, raw);
    ++(is_report ? totals.ignored : totals.unparsable);
    return false;
  }
  if (raw.cut) {
    UseLine(ahead, raw);
  } else {
    Use(ahead.substr(0, size), line_ends);
  }
  Enter(Form::kRecord);
  if (record->sequence <= last_sequence) ++section;  // a log begins anew
  last_sequence = record->sequence;
  line.text = record->text;
  if (line.text.ends_with('\r')) line.text.remove_suffix(1);
  line.since_boot = record->timestamp;
  line.sequence = record->sequence;
  line.severity = record->severity();
  line.facility = record->facility();
  line.pci_device = record->pci_device;
  return true;
}

// A line without a stamp: the kernel's as long as nothing but such lines was seen.
bool Input::Impl::ReadBare(const RawLine& raw, InputLine& line) {
  constexpr std::uint64_t kLinesOfTitle = 50;
  if (Trim(raw.text).empty()) {
    ++totals.ignored;
    return false;
  }
  if (HoldsControlBytes(raw.text)) {
    ++totals.unparsable;
    return false;
  }
  const bool first_text = form == Form::kUnknown || form == Form::kBare;
  if (first_text && totals.lines <= kLinesOfTitle &&
      (raw.text.find("NVIDIA bug report") != kNone ||
       raw.text.find("nvidia-bug-report") != kNone)) {
    is_report = true;
  }
  if (!is_report && form == Form::kRecord) {
    ++totals.unparsable;
    return false;
  }
  if (is_report || !first_text) {
    ++totals.ignored;
    other_text = true;
    return false;
  }
  Enter(Form::kBare);
  line.text = raw.text;
  return true;
}

// Puts the later lines of a message that had several behind the first one: dmesg and the journal
// indent them to where the text begins; where the stamp is repeated (/proc/kmsg, dmesg
// --force-prefix), the same microsecond and the same speaker tell that it is one message.
void Input::Impl::Join(std::string_view ahead, const RawLine& raw, InputLine& line) {
  constexpr std::size_t kLeastIndent = 12;
  constexpr int kMostLines = 64;
  const std::size_t begin = static_cast<std::size_t>(line.text.data() - raw.text.data());
  const std::string_view prefix = raw.text.substr(0, begin);
  const std::string_view speaker =
      line.since_boot.value_or(std::chrono::microseconds(0)).count() > 0 ? Speaker(line.text)
                                                                         : std::string_view();
  std::size_t size = raw.size;
  std::uint64_t line_ends = raw.ended ? 1 : 0;
  bool joined = false;
  for (int lines = 1; lines < kMostLines && size < kLongestLine && size < ahead.size(); ++lines) {
    const RawLine next = CutLine(ahead.substr(size));
    if (next.cut) break;
    const std::size_t indent = next.text.find_first_not_of(' ');
    std::string_view later;
    if (begin >= kLeastIndent && indent >= kLeastIndent && indent != kNone) {
      later = next.text.substr(std::min(begin, indent));
    } else if (!speaker.empty() && next.text.starts_with(prefix) &&
               next.text.substr(begin).starts_with(speaker)) {
      later = next.text.substr(begin);
    } else {
      break;
    }
    if (!joined) scratch = line.text;
    joined = true;
    scratch += '\n';
    scratch += later;
    size += next.size;
    line_ends += next.ended ? 1 : 0;
  }
  if (joined) line.text = scratch;
  Use(ahead.substr(0, size), line_ends);
}

// rsyslog writes control characters as '#' and three octal digits.
void Input::Impl::UndoSyslogEscapes(InputLine& line) {
  if (line.text.find("#01") == kNone) return;
  std::string plain;
  for (std::string_view rest = line.text; !rest.empty();) {
    const std::size_t at = std::min(rest.find("#01"), rest.size());
    plain += rest.substr(0, at);
    rest.remove_prefix(at);
    if (rest.empty()) break;
    const bool tab = rest.starts_with("#011"), newline = rest.starts_with("#012");
    plain += tab ? '\t' : newline ? '\n' : rest.front();
    rest.remove_prefix(tab || newline ? 4 : 1);
  }
  scratch = std::move(plain);
  line.text = scratch;
}

void Input::Impl::Count(const InputLine& line) {
  ++(line.from_program ? totals.programs : totals.kernel);
  Widen(totals.first_wall, totals.last_wall, line.wall);
  Widen(totals.first_since_boot, totals.last_since_boot, line.since_boot);
}

Input::Input(UniqueFd fd, std::string name, WallTime now)
    : impl_(std::make_unique<Impl>(std::move(fd), std::move(name), now)) {}
Input::Input(Input&&) noexcept = default;
Input::~Input() = default;

Result<Input> Input::Open(const std::string& path, WallTime now) {
  if (path == "-") return Input(UniqueFd(::dup(STDIN_FILENO)), "standard input", now);
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd.valid()) return FailErrno(path, errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) return FailErrno(path, EISDIR);
    // /dev/kmsg itself: to the end of what is there, not waiting for more.
    if (S_ISCHR(status.st_mode)) ::fcntl(fd.get(), F_SETFL, O_NONBLOCK);
  }
  return Input(std::move(fd), path, now);
}

bool Input::Next(InputLine& line) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  Impl& in = *impl_;
  for (;;) {
    in.DropRestOfLine();
    if (in.in_document) in.SkipDocumentSpace();
    std::string_view ahead = in.bytes.Ahead();
    if (in.totals.lines == 0 && !in.mid_line && ahead.starts_with(kByteOrderMark)) {
      in.bytes.Consume(kByteOrderMark.size());
      ahead.remove_prefix(kByteOrderMark.size());
    }
    if (ahead.empty()) {
      if (in.mid_line) ++in.totals.lines;
      in.mid_line = false;
      return false;
    }
    line = {};
    line.number = in.totals.lines + 1;
    if (!in.Read(ahead, line)) continue;
    line.from_program = line.from_program || line.facility.value_or(0) != 0;
    in.Count(line);
    return true;
  }
}

const InputTotals& Input::totals() const { return impl_->totals; }
const std::optional<Error>& Input::problem() const { return impl_->bytes.problem(); }
std::uint64_t Input::section() const { return impl_->section; }

}  // namespace gpud::decode
