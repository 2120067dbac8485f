// SPDX-License-Identifier: Apache-2.0
#include "plugins/json_path_steps.h"

#include <algorithm>

#include "platform/text.h"

namespace gpud::plugins {
namespace {

// Deeper nesting than that no document of ours has (platform/json.h), nor should a condition.
constexpr int kDeepest = 16;

tl::unexpected<Error> Bad(std::string what) { return Fail(ErrorCode::kParse, std::move(what)); }

bool IsNameCharacter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return c == '_' || c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z') || byte >= 0x80;
}

void SkipBlanks(std::string_view& rest) {
  while (!rest.empty() && (rest[0] == ' ' || rest[0] == '\t')) rest.remove_prefix(1);
}

bool Take(std::string_view& rest, std::string_view what) {
  if (!rest.starts_with(what)) return false;
  rest.remove_prefix(what.size());
  return true;
}

std::string_view TakeName(std::string_view& rest) {
  std::size_t length = 0;
  while (length < rest.size() && IsNameCharacter(rest[length])) ++length;
  const std::string_view name = rest.substr(0, length);
  rest.remove_prefix(length);
  return name;
}

std::optional<std::int64_t> TakeNumber(std::string_view& rest) {
  SkipBlanks(rest);
  std::size_t length = rest.starts_with('-') ? 1 : 0;
  while (length < rest.size() && rest[length] >= '0' && rest[length] <= '9') ++length;
  const auto number = ParseNumber<std::int64_t>(rest.substr(0, length));
  if (number) rest.remove_prefix(length);
  SkipBlanks(rest);
  return number;
}

Result<std::string> TakeQuoted(std::string_view& rest) {
  const char quote = rest[0];
  rest.remove_prefix(1);
  std::string text;
  while (!rest.empty() && rest[0] != quote) {
    if (rest[0] == '\\' && rest.size() > 1) rest.remove_prefix(1);
    text += rest[0];
    rest.remove_prefix(1);
  }
  if (!Take(rest, std::string_view(&quote, 1))) return Bad("a quote is not closed");
  return text;
}

/// The rest of `[from:to:by]`, from its first colon on.
Result<void> TakeSlice(std::string_view& rest, PathStep& step) {
  step.kind = PathStep::Kind::kSlice;
  rest.remove_prefix(1);
  step.to = TakeNumber(rest);
  if (Take(rest, ":")) step.by = TakeNumber(rest);
  if (step.by == 0) return Bad("a slice cannot step by 0");
  return {};
}

Result<PathStep> TakeBracket(std::string_view& rest, int depth) {
  PathStep step;
  SkipBlanks(rest);
  if (Take(rest, "*")) {
    step.kind = PathStep::Kind::kAll;
  } else if (Take(rest, "?(")) {
    step.kind = PathStep::Kind::kFilter;
    auto filter = ParseFilter(rest, depth + 1);
    if (!filter) return tl::unexpected<Error>(std::move(filter).error());
    step.filter = std::move(*filter);
    SkipBlanks(rest);
    if (!Take(rest, ")")) return Bad("a parenthesis is not closed");
  } else {
    do {
      SkipBlanks(rest);
      if (rest.starts_with('\'') || rest.starts_with('"')) {
        auto key = TakeQuoted(rest);
        if (!key) return tl::unexpected<Error>(std::move(key).error());
        step.keys.push_back(std::move(*key));
        SkipBlanks(rest);
        continue;
      }
      const auto number = TakeNumber(rest);
      if (rest.starts_with(':') && step.keys.empty()) {
        step.from = number;
        if (const auto good = TakeSlice(rest, step); !good) return tl::unexpected(good.error());
        break;
      }
      if (!number) return Bad("a name in quotes, a number, * or ?() is needed in brackets");
      step.keys.push_back(std::to_string(*number));
    } while (Take(rest, ","));
  }
  SkipBlanks(rest);
  if (!Take(rest, "]")) return Bad("a bracket is not closed");
  return step;
}

/// The member (of several of that name the last) or item; null when an object has no such member.
Result<const Json*> Select(const Json& from, const std::string& key) {
  if (const Json::Object* members = from.AsObject()) {
    const auto found = std::find_if(members->rbegin(), members->rend(),
                                    [&](const auto& member) { return member.first == key; });
    return found == members->rend() ? nullptr : &found->second;
  }
  if (const Json::Array* items = from.AsArray()) {
    const auto index = ParseNumber<std::int64_t>(key);
    if (!index) return Bad("could not select value, invalid key: expected number but got " + key);
    if (*index < 0 || *index >= static_cast<std::int64_t>(items->size())) {
      return Bad("index " + key + " out of bounds");
    }
    return &(*items)[static_cast<std::size_t>(*index)];
  }
  return Bad("unsupported value type " +
             std::string(from.IsNull()     ? "null"
                         : from.AsString() ? "string"
                                           : "scalar") +
             " for select, expected an object or a list");
}

template <class Visit>
void ForEachBelow(const Json& value, Visit&& visit) {
  if (const Json::Array* items = value.AsArray()) {
    for (const Json& item : *items) visit(item);
  } else if (const Json::Object* members = value.AsObject()) {
    for (const auto& member : *members) visit(member.second);
  }
}

/// As in Python; a bound that is not given is the end that the direction asks for.
void TakeSliceOf(const PathStep& step, const Json::Array& items, std::vector<const Json*>& out) {
  const auto size = static_cast<std::int64_t>(items.size());
  const std::int64_t by = std::clamp<std::int64_t>(step.by.value_or(1), -size - 1, size + 1);
  const auto place = [&](std::optional<std::int64_t> bound, std::int64_t otherwise) {
    if (!bound) return otherwise;
    const std::int64_t at = *bound < 0 ? std::max(*bound, -size - 1) + size : *bound;
    return std::clamp<std::int64_t>(at, by < 0 ? -1 : 0, by < 0 ? size - 1 : size);
  };
  const std::int64_t to = place(step.to, by < 0 ? -1 : size);
  for (std::int64_t i = place(step.from, by < 0 ? size - 1 : 0); by < 0 ? i > to : i < to;
       i += by) {
    out.push_back(&items[static_cast<std::size_t>(i)]);
  }
}

void Apply(const PathStep& step, const Json& root, const Json& from, std::vector<const Json*>& out,
           int& work) {
  switch (step.kind) {
    case PathStep::Kind::kKeys:
      for (const std::string& key : step.keys) {
        const auto found = Select(from, key);
        if (found && *found) out.push_back(*found);
      }
      return;
    case PathStep::Kind::kAll:
      return ForEachBelow(from, [&](const Json& value) { out.push_back(&value); });
    case PathStep::Kind::kSlice:
      if (const Json::Array* items = from.AsArray()) TakeSliceOf(step, *items, out);
      return;
    case PathStep::Kind::kFilter:
      return ForEachBelow(from, [&](const Json& value) {
        if (--work > 0 && step.filter->Matches(root, value, work)) out.push_back(&value);
      });
  }
}

void Descend(const PathStep& step, const Json& root, const Json& from,
             std::vector<const Json*>& out, int& work) {
  if (--work <= 0) return;
  Apply(step, root, from, out, work);
  ForEachBelow(from, [&](const Json& value) { Descend(step, root, value, out, work); });
}

}  // namespace

Result<std::vector<PathStep>> ParseSteps(std::string_view& rest, int depth) {
  std::vector<PathStep> steps;
  if (depth > kDeepest) return Bad("nested too deeply");
  while (rest.starts_with('.') || rest.starts_with('[')) {
    const bool descends = Take(rest, "..");
    if (!descends && Take(rest, ".") && rest.starts_with('[')) return Bad("a name is missing");
    PathStep step;
    if (Take(rest, "[")) {
      auto bracket = TakeBracket(rest, depth);
      if (!bracket) return tl::unexpected<Error>(std::move(bracket).error());
      step = std::move(*bracket);
    } else if (Take(rest, "*")) {
      step.kind = PathStep::Kind::kAll;
    } else {
      step.keys.emplace_back(TakeName(rest));
      if (step.keys.front().empty()) return Bad("a name is missing");
    }
    step.descends = descends;
    steps.push_back(std::move(step));
  }
  return steps;
}

Result<const Json*> FollowOne(const std::vector<PathStep>& steps, const Json& from) {
  const Json* at = &from;
  for (const PathStep& step : steps) {
    auto next = Select(*at, step.keys.front());
    if (!next || !*next) return next;
    at = *next;
  }
  return at;
}

std::vector<const Json*> FollowMany(const std::vector<PathStep>& steps, const Json& root,
                                    const Json& from, int& work) {
  std::vector<const Json*> at = {&from};
  for (const PathStep& step : steps) {
    std::vector<const Json*> next;
    for (const Json* value : at) {
      work -= 1 + static_cast<int>(next.size() / 1024);
      if (work <= 0) return {};
      if (step.descends) {
        Descend(step, root, *value, next, work);
      } else {
        Apply(step, root, *value, next, work);
      }
    }
    at = std::move(next);
  }
  return at;
}

bool IsMany(const std::vector<PathStep>& steps) {
  return std::any_of(steps.begin(), steps.end(), [](const PathStep& step) { return step.many(); });
}

}  // namespace gpud::plugins
