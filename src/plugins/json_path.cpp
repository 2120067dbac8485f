// SPDX-License-Identifier: Apache-2.0
#include "plugins/json_path.h"

#include "plugins/json_path_steps.h"

namespace gpud::plugins {

struct JsonPath::Impl {
  std::vector<PathStep> steps;
};

JsonPath::JsonPath(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JsonPath::JsonPath(JsonPath&&) noexcept = default;
JsonPath& JsonPath::operator=(JsonPath&&) noexcept = default;
JsonPath::~JsonPath() = default;

Result<JsonPath> JsonPath::Compile(std::string_view query) {
  const auto failure = [&](const std::string& what) {
    return Fail(ErrorCode::kParse, "parsing error: " + what);
  };
  if (query.empty()) return failure("the query is empty");
  std::string text(query);
  if (text[0] == '$') {
    text.erase(0, 1);
  } else if (text[0] != '[' && text[0] != '.') {
    text.insert(0, 1, '.');  // a bare name is a member of the document
  }
  std::string_view rest = text;
  auto steps = ParseSteps(rest, 0);
  if (!steps) return failure(steps.error().what);
  if (!rest.empty()) return failure("unexpected \"" + std::string(rest.substr(0, 20)) + '"');
  auto impl = std::make_unique<Impl>();
  impl->steps = std::move(*steps);
  return JsonPath(std::move(impl));
}

Result<std::optional<Json>> JsonPath::Find(const Json& document) const {
  if (!IsMany(impl_->steps)) {
    const auto found = FollowOne(impl_->steps, document);
    if (!found) return tl::unexpected<Error>(found.error());
    if (!*found || (*found)->IsNull()) return std::optional<Json>();
    return std::optional<Json>(**found);
  }
  int work = kMostWork;
  Json::Array all;
  const auto found = FollowMany(impl_->steps, document, document, work);
  if (work <= 0) return Fail(ErrorCode::kParse, "the query looks at too many values");
  for (const Json* value : found) all.push_back(*value);
  return std::optional<Json>(Json{std::move(all)});
}

}  // namespace gpud::plugins
