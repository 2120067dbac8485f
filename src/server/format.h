// SPDX-License-Identifier: Apache-2.0
// Format: answers as JSON, indented JSON or YAML, and errors. docs/api.md, "Choosing the format".
#pragma once

#include <string>
#include <string_view>

#include "model/fields.h"
#include "server/http.h"

namespace gpud::server {

/// What a request asks for, by its own Content-Type (not Accept: the original's rule, kept).
enum class Format : unsigned char { kJson, kIndentedJson, kYaml, kForeign };
/// A media type may have parameters: "application/json; charset=utf-8" is JSON.
Format AskedFormat(const Request& request);

/// How far a route goes along with that.
enum class Formats : unsigned char {
  kStrict,    ///< JSON, indented, YAML; a foreign type is refused with 400
  kLenient,   ///< the same three; a foreign type gets JSON
  kJsonOnly,  ///< JSON whatever is asked
};

/// The body of every error; `code` is the HTTP status.
struct ErrorBody {
  unsigned code = 0;
  std::string message;

  static constexpr auto Fields() {
    return std::tuple{Field{"code", &ErrorBody::code}, Field{"message", &ErrorBody::message}};
  }
};

Response JsonAnswer(std::string body, unsigned status = 200);
Response ErrorAnswer(unsigned status, std::string message);
/// The status that fits the error: 404 kNotFound, 400 kParse and kUnsupported, else 500.
Response ErrorAnswer(const Error& error);

/// A compact JSON answer in the asked format; what is no JSON success stays as it is.
Response Render(Response response, Format asked, Formats known);

}  // namespace gpud::server
