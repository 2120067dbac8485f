// SPDX-License-Identifier: Apache-2.0
#include "plugins/json_path_filter.h"

#include <re2/re2.h>

#include <optional>
#include <variant>

#include "platform/text.h"
#include "plugins/json_path_steps.h"

namespace gpud::plugins {
namespace {

constexpr int kDeepest = 16;

enum class Comparison : unsigned char {
  kNone,
  kEqual,
  kUnequal,
  kLess,
  kMost,
  kMore,
  kLeast,
  kLike
};

struct Operator {
  std::string_view text;
  Comparison comparison;
};
// Longer ones first.
constexpr Operator kOperators[] = {{"==", Comparison::kEqual}, {"!=", Comparison::kUnequal},
                                   {"<=", Comparison::kMost},  {">=", Comparison::kLeast},
                                   {"=~", Comparison::kLike},  {"<", Comparison::kLess},
                                   {">", Comparison::kMore}};

tl::unexpected<Error> Bad(std::string what) { return Fail(ErrorCode::kParse, std::move(what)); }

void SkipBlanks(std::string_view& rest) {
  while (!rest.empty() && (rest[0] == ' ' || rest[0] == '\t')) rest.remove_prefix(1);
}

bool Take(std::string_view& rest, std::string_view what) {
  SkipBlanks(rest);
  if (!rest.starts_with(what)) return false;
  rest.remove_prefix(what.size());
  return true;
}

/// A literal, or a path from the root (`$`) or from the value at hand (`@`).
struct Operand {
  bool literal = true;
  Json value;
  bool from_root = false;
  std::vector<PathStep> steps;

  std::optional<Json> Value(const Json& root, const Json& current, int& work) const {
    if (literal) return value;
    if (--work <= 0) return std::nullopt;
    const Json& from = from_root ? root : current;
    if (IsMany(steps)) {
      Json::Array all;
      for (const Json* found : FollowMany(steps, root, from, work)) all.push_back(*found);
      return Json{std::move(all)};
    }
    const auto found = FollowOne(steps, from);
    if (!found || !*found) return std::nullopt;
    return **found;
  }
};

bool Truth(const Json& value) {
  if (const auto* flag = std::get_if<bool>(&value.value)) return *flag;
  double number = 0;
  if (value.AsNumber(number)) return number != 0;
  return !value.IsNull();
}

bool Compare(Comparison comparison, const Json& a, const Json& b) {
  double x = 0;
  double y = 0;
  const std::string* s = a.AsString();
  const std::string* t = b.AsString();
  int order = 0;
  if (a.AsNumber(x) && b.AsNumber(y)) {
    order = x < y ? -1 : x > y ? 1 : 0;
  } else if (s && t) {
    if (comparison == Comparison::kLike) return RE2::PartialMatch(*s, *t);
    order = s->compare(*t);
  } else {
    const bool equal = a.value.index() == b.value.index() && JsonText(a) == JsonText(b);
    return comparison == Comparison::kEqual ? equal : comparison == Comparison::kUnequal && !equal;
  }
  switch (comparison) {
    case Comparison::kEqual:
      return order == 0;
    case Comparison::kUnequal:
      return order != 0;
    case Comparison::kLess:
      return order < 0;
    case Comparison::kMost:
      return order <= 0;
    case Comparison::kMore:
      return order > 0;
    case Comparison::kLeast:
      return order >= 0;
    case Comparison::kLike:
    case Comparison::kNone:
      break;
  }
  return false;
}

class Test final : public Filter {
 public:
  Operand left, right;
  Comparison comparison = Comparison::kNone;

  bool Matches(const Json& root, const Json& current, int& work) const override {
    const auto a = left.Value(root, current, work);
    if (!a) return false;
    if (comparison == Comparison::kNone) return Truth(*a);
    const auto b = right.Value(root, current, work);
    return b && Compare(comparison, *a, *b);
  }
};

class Not final : public Filter {
 public:
  std::unique_ptr<Filter> of;

  bool Matches(const Json& root, const Json& current, int& work) const override {
    return !of->Matches(root, current, work);
  }
};

class Joined final : public Filter {
 public:
  bool all = true;
  std::vector<std::unique_ptr<Filter>> parts;

  bool Matches(const Json& root, const Json& current, int& work) const override {
    for (const auto& part : parts) {
      if (part->Matches(root, current, work) != all) return !all;
    }
    return all;
  }
};

Result<Operand> ParseOperand(std::string_view& rest, int depth) {
  Operand operand;
  SkipBlanks(rest);
  if (rest.starts_with('@') || rest.starts_with('$')) {
    operand.literal = false;
    operand.from_root = rest[0] == '$';
    rest.remove_prefix(1);
    auto steps = ParseSteps(rest, depth + 1);
    if (!steps) return tl::unexpected<Error>(std::move(steps).error());
    operand.steps = std::move(*steps);
    return operand;
  }
  if (rest.starts_with('\'') || rest.starts_with('"')) {
    const char quote = rest[0];
    const std::size_t end = rest.find(quote, 1);
    if (end == std::string_view::npos) return Bad("a quote is not closed");
    operand.value = {std::string(rest.substr(1, end - 1))};
    rest.remove_prefix(end + 1);
    return operand;
  }
  const std::size_t length = std::min(rest.find_first_of(" \t)&|=!<>]"), rest.size());
  const std::string_view word = rest.substr(0, length);
  if (word == "true" || word == "false") {
    operand.value = {word == "true"};
  } else if (word == "null") {
    operand.value = {};
  } else if (const auto number = ParseNumber<double>(word)) {
    operand.value = {*number};
  } else {
    return Bad("\"" + std::string(word) + "\" is no path, text in quotes or number");
  }
  rest.remove_prefix(length);
  return operand;
}

Result<std::unique_ptr<Filter>> ParseTerm(std::string_view& rest, int depth) {
  if (depth > kDeepest) return Bad("nested too deeply");
  if (Take(rest, "(")) {
    auto inner = ParseFilter(rest, depth + 1);
    if (inner && !Take(rest, ")")) return Bad("a parenthesis is not closed");
    return inner;
  }
  SkipBlanks(rest);
  if (rest.starts_with('!') && !rest.starts_with("!=")) {
    rest.remove_prefix(1);
    auto inner = ParseTerm(rest, depth + 1);
    if (!inner) return inner;
    auto negated = std::make_unique<Not>();
    negated->of = std::move(*inner);
    return std::unique_ptr<Filter>(std::move(negated));
  }
  auto test = std::make_unique<Test>();
  auto left = ParseOperand(rest, depth);
  if (!left) return tl::unexpected<Error>(std::move(left).error());
  test->left = std::move(*left);
  for (const Operator& candidate : kOperators) {
    if (!Take(rest, candidate.text)) continue;
    test->comparison = candidate.comparison;
    auto right = ParseOperand(rest, depth);
    if (!right) return tl::unexpected<Error>(std::move(right).error());
    test->right = std::move(*right);
    break;
  }
  return std::unique_ptr<Filter>(std::move(test));
}

Result<std::unique_ptr<Filter>> ParseJoined(std::string_view& rest, int depth, bool all) {
  auto joined = std::make_unique<Joined>();
  joined->all = all;
  do {
    auto part = all ? ParseTerm(rest, depth) : ParseJoined(rest, depth, true);
    if (!part) return part;
    joined->parts.push_back(std::move(*part));
  } while (Take(rest, all ? "&&" : "||"));
  return std::unique_ptr<Filter>(std::move(joined));
}

}  // namespace

Result<std::unique_ptr<Filter>> ParseFilter(std::string_view& rest, int depth) {
  if (depth > kDeepest) return Bad("nested too deeply");
  return ParseJoined(rest, depth, false);
}

}  // namespace gpud::plugins
