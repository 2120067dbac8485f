// SPDX-License-Identifier: Apache-2.0
#include "server/target.h"

#include "platform/text.h"

namespace gpud::server {
namespace {

Result<std::string> Decode(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const std::string_view digits = text.substr(i + 1, 2);
      const auto byte = digits.size() == 2 ? ParseNumber<unsigned char>(digits, 16) : std::nullopt;
      if (!byte) return Fail(ErrorCode::kParse, "a '%' must be followed by two hex digits");
      out += char(*byte);
      i += 2;
    } else {
      out += text[i] == '+' && plus_is_blank ? ' ' : text[i];
    }
  }
  return out;
}

}  // namespace

Result<Target> ParseTarget(std::string_view text) {
  if (const auto scheme = text.find("://");
      scheme != text.npos && scheme < text.find_first_of("/?")) {
    text.remove_prefix(scheme + 3);
    const auto path = text.find_first_of("/?");
    text.remove_prefix(path == text.npos ? text.size() : path);
  }
  const auto question = text.find('?');
  auto path = Decode(text.substr(0, question), false);
  if (!path) return Pass(std::move(path), "path");
  Target target{.path = path->empty() ? "/" : *std::move(path)};
  if (question == text.npos) return target;

  for (const std::string_view pair : Split(text.substr(question + 1), '&')) {
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    auto name = Decode(pair.substr(0, equals), true);
    auto value = Decode(equals == pair.npos ? "" : pair.substr(equals + 1), true);
    if (!name || !value) return Pass(std::move(name ? value : name), "query");
    target.query.emplace_back(*std::move(name), *std::move(value));
  }
  return target;
}

}  // namespace gpud::server
