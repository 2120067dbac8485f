// SPDX-License-Identifier: Apache-2.0
#include "components/line_pattern.h"

#include <algorithm>
#include <optional>

#include "platform/text.h"

namespace gpud {
namespace {

constexpr auto kNone = std::string_view::npos;

bool IsBlank(char c) { return c == ' ' || c == '\t'; }
bool IsSpace(char c) { return IsBlank(c) || c == '\n' || c == '\r'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDevice(char c) {
  return IsLetter(c) || IsDigit(c) || std::string_view("_-.+!").find(c) != kNone;
}

template <class Is>
std::size_t Run(std::string_view text, Is is) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is) - text.begin());
}

/// Length of the PCI address that `text` starts with; 0 when it does not.
std::size_t PciLength(std::string_view text) {
  const auto hex = [&](std::size_t at, std::size_t count) {
    return text.size() >= at + count && Run(text.substr(at, count), IsHex) == count;
  };
  std::size_t at = 0;
  const std::size_t domain = Run(text, IsHex);
  // Domains of more than four digits exist (VMD, 10000:e1:00.0).
  if (domain >= 4 && domain <= 8 && text.substr(domain).starts_with(':')) at = domain + 1;
  if (!hex(at, 2) || !text.substr(at + 2).starts_with(':') || !hex(at + 3, 2)) return 0;
  at += 5;
  if (text.substr(at).starts_with('.') && hex(at + 1, 1)) return at + 2;
  return at > 5 ? at : 0;  // "65:48" alone is the number of a block device
}

/// Length of the field at the start of `text`; 0 when there is none.
std::size_t FieldLength(std::string_view kind, std::string_view text) {
  if (kind == "n") {
    const std::size_t sign = text.starts_with('-') ? 1 : 0;
    const std::size_t digits = Run(text.substr(sign), IsDigit);
    return digits == 0 ? 0 : sign + digits;
  }
  if (kind == "x") {
    const std::size_t prefix = text.starts_with("0x") ? 2 : 0;
    const std::size_t digits = Run(text.substr(prefix), IsHex);
    return digits == 0 ? 0 : prefix + digits;
  }
  if (kind == "w") return Run(text, [](char c) { return !IsSpace(c); });
  if (kind == "dev") return Run(text, IsDevice);
  if (kind == "pci") return PciLength(text);
  const std::size_t major = Run(text, IsDigit);  // "maj"
  if (major == 0 || !text.substr(major).starts_with(':')) return 0;
  const std::size_t minor = Run(text.substr(major + 1), IsDigit);
  return minor == 0 ? 0 : major + 1 + minor;
}

struct Token {
  std::string_view name;
  std::string_view kind;  // empty: the literal
  char literal = 0;
  std::size_t length = 1;  // in the form
};

Token TokenAt(std::string_view form) {
  const std::size_t end = form.front() == '<' ? form.find('>') : kNone;
  if (end == kNone) return {.literal = form.front()};
  const std::string_view inside = form.substr(1, end - 1);
  const std::size_t colon = inside.find(':');
  if (colon == kNone) return {.kind = inside, .length = end + 1};
  return {.name = inside.substr(0, colon), .kind = inside.substr(colon + 1), .length = end + 1};
}

/// How much of `text` the token takes; nothing when it does not fit.
std::optional<std::size_t> Fit(const Token& token, std::string_view text) {
  if (token.kind.empty() && IsBlank(token.literal)) {
    const std::size_t blanks = Run(text, IsBlank);
    if (blanks == 0) return std::nullopt;
    return blanks;
  }
  if (token.kind.empty()) {
    if (text.empty() || text.front() != token.literal) return std::nullopt;
    return 1;
  }
  const std::size_t length = FieldLength(token.kind, text);
  if (length == 0) return std::nullopt;
  return length;
}

}  // namespace

std::string_view LineFields::operator[](std::string_view name) const {
  for (std::size_t i = 0; i < size_; ++i) {
    if (fields_[i].name == name) return fields_[i].value;
  }
  return {};
}

// As a glob is matched: on a misfit, go back to the last "*" only and let it take one character
// more. Before the first one stands a "*" without a name, as the form may begin anywhere.
bool MatchForm(std::string_view form, std::string_view text, LineFields& fields) {
  fields.size_ = 0;
  std::size_t at_form = 0;
  std::size_t at = 0;
  std::size_t star_form = 0;   // behind the last star
  std::size_t star_start = 0;  // where what it takes begins
  std::size_t star_end = 0;    // and ends
  std::string_view star_name;
  std::size_t star_fields = 0;
  for (;;) {
    if (at_form == form.size()) {
      return true;
    }
    const Token token = TokenAt(form.substr(at_form));
    if (token.kind == "*") {
      star_form = at_form + token.length;
      star_start = star_end = at;
      star_name = token.name;
      star_fields = fields.size_;
      // At the form's end it takes all that is left.
      if (star_form == form.size()) star_end = at = text.size();
      if (!star_name.empty()) fields.Put(star_name, text.substr(star_start, star_end - star_start));
      at_form = star_form;
      continue;
    }
    if (const auto length = Fit(token, text.substr(at))) {
      if (!token.name.empty()) fields.Put(token.name, text.substr(at, *length));
      at += *length;
      at_form += token.length;
      continue;
    }
    if (star_end >= text.size()) return false;
    ++star_end;
    // To the next place where the literal behind the star stands.
    if (const Token next = TokenAt(form.substr(star_form)); next.kind.empty()) {
      const std::size_t found = text.find(next.literal, star_end);
      if (found == kNone && !IsBlank(next.literal)) return false;
      if (found != kNone && !IsBlank(next.literal)) star_end = found;
    }
    at = star_end;
    at_form = star_form;
    fields.size_ = star_fields;
    if (!star_name.empty()) fields.Put(star_name, text.substr(star_start, star_end - star_start));
  }
}

std::string PciAddress(std::string_view text) {
  if (text.starts_with("PCI:")) text.remove_prefix(4);
  const std::size_t length = PciLength(text);
  if (length == 0 || length != text.size()) return {};
  std::string address = ToLower(text);
  if (address.find('.') == std::string::npos) address += ".0";
  if (std::count(address.begin(), address.end(), ':') == 1) address.insert(0, "0000:");
  return address;
}

}  // namespace gpud
