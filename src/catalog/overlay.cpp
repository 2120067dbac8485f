// SPDX-License-Identifier: Apache-2.0
#include "catalog/overlay.h"

#include "catalog/catalog.h"
#include "catalog/rules.h"
#include "platform/text.h"

namespace gpud::catalog {
namespace {

using Problems = std::vector<std::string>;

std::string Quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

/// The text of a value; a problem when it is none.
const std::string* TextOf(const Json& value, const std::string& where, Problems& problems) {
  const std::string* text = value.AsString();
  if (!text) problems.push_back(where + ": must be a text");
  return text;
}

void ReadAdvice(const Json& value, const std::string& where, std::optional<Advice>& into,
                Problems& problems) {
  const std::string* word = TextOf(value, where, problems);
  if (!word) return;
  Advice advice{};
  if (word->empty() || !ParseWord(*word, advice)) {
    problems.push_back(where + ": " + Quoted(*word) +
                       " is no action (docs/xid.md lists them, such as RESET_GPU)");
    return;
  }
  into = advice;
}

Override ReadOverride(const Json::Object& entries, const std::string& where, Problems& problems) {
  Override given;
  for (const auto& [key, value] : entries) {
    const std::string here = where + ": " + key;
    if (key == "severity") {
      const std::string* word = TextOf(value, here, problems);
      EventType severity{};
      if (word && ParseSeverity(*word, severity)) {
        given.severity = severity;
      } else if (word) {
        problems.push_back(here + ": " + Quoted(*word) + " is not one of " +
                           std::string(kSeverityWords));
      }
    } else if (key == "action") {
      ReadAdvice(value, here, given.action, problems);
    } else if (key == "follow_up") {
      ReadAdvice(value, here, given.follow_up, problems);
    } else if (key == "note") {
      if (const std::string* note = TextOf(value, here, problems)) given.note = *note;
    } else {
      problems.push_back(where + ": unknown key " + Quoted(key) +
                         "; there are severity, action, follow_up and note");
    }
  }
  return given;
}

/// `base`: the catalogue's verdict; null when it does not have the code.
void CheckVerdict(const Override& given, const Verdict* base, const std::string& where,
                  Problems& problems) {
  if (!base && (!given.severity || !given.action)) {
    problems.push_back(where +
                       ": the catalogue does not have it, so severity and action are needed");
    return;
  }
  const Verdict verdict = Overridden(base ? *base : Verdict{}, given);
  const std::string_view wrong = Contradiction(verdict.severity, verdict.action);
  if (wrong.empty()) return;
  problems.push_back(where + ": contradiction: " + std::string(wrong) + " (" +
                     ToLower(Word(verdict.severity)) + ", " + std::string(Word(verdict.action)) +
                     ')');
}

template <class Find>
void ReadCodes(const Json& codes, std::string_view kind, Find find,
               std::map<std::uint32_t, Override>& into, Problems& problems) {
  if (!codes.AsObject()) {
    problems.push_back(std::string(kind) + ": must be a map from codes to what changes");
    return;
  }
  for (const auto& [key, value] : *codes.AsObject()) {
    const std::string where = std::string(kind) + ' ' + key;
    const auto code = ParseNumber<std::uint32_t>(key);
    if (!code) {
      problems.push_back(where + ": is not a code (a number)");
      continue;
    }
    if (!value.AsObject() || value.AsObject()->empty()) {
      problems.push_back(where + ": says nothing; give severity, action, follow_up or note");
      continue;
    }
    const std::size_t before = problems.size();
    Override given = ReadOverride(*value.AsObject(), where, problems);
    const auto* row = find(*code);
    const std::optional<Verdict> base = row ? std::optional(VerdictOf(*row)) : std::nullopt;
    if (problems.size() == before) CheckVerdict(given, base ? &*base : nullptr, where, problems);
    if (problems.size() > before) continue;
    if (!into.emplace(*code, std::move(given)).second) problems.push_back(where + ": given twice");
  }
}

}  // namespace

Overlay ParseOverlay(const Json& document, Problems& problems) {
  Overlay overlay;
  if (!document.AsObject()) {
    problems.emplace_back("must be a map with the keys xid and sxid");
    return overlay;
  }
  for (const auto& [key, value] : *document.AsObject()) {
    if (key == "xid") {
      ReadCodes(value, key, FindXid, overlay.xid, problems);
    } else if (key == "sxid") {
      ReadCodes(value, key, FindSxid, overlay.sxid, problems);
    } else {
      problems.push_back("unknown key " + Quoted(key) + "; there are xid and sxid");
    }
  }
  return overlay;
}

}  // namespace gpud::catalog
