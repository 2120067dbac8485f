// SPDX-License-Identifier: Apache-2.0
#include "server/format.h"

#include "model/json_codec.h"

namespace gpud::server {
namespace {

constexpr std::string_view kJsonType = "application/json; charset=utf-8";
constexpr int kIndent = 4;

}  // namespace

Format AskedFormat(const Request& request) {
  const std::string_view header = request.Header("content-type");
  const std::string type = ToLower(Trim(header.substr(0, header.find(';'))));
  if (type == "application/yaml") return Format::kYaml;
  if (!type.empty() && type != "application/json") return Format::kForeign;
  return request.Header("json-indent") == "true" ? Format::kIndentedJson : Format::kJson;
}

Response JsonAnswer(std::string body, unsigned status) {
  return {.status = status,
          .content_type = std::string(kJsonType),
          .body = std::move(body),
          .headers = {},
          .may_compress = false};
}

Response ErrorAnswer(unsigned status, std::string message) {
  return JsonAnswer(ToJson(ErrorBody{status, std::move(message)}), status);
}

Response ErrorAnswer(const Error& error) {
  switch (error.code) {
    case ErrorCode::kNotFound:
      return ErrorAnswer(404, error.what);
    case ErrorCode::kParse:
    case ErrorCode::kUnsupported:
      return ErrorAnswer(400, error.what);
    case ErrorCode::kPermission:
    case ErrorCode::kTimeout:
    case ErrorCode::kDeviceLost:
    case ErrorCode::kIo:
    case ErrorCode::kInternal:
      break;
  }
  return ErrorAnswer(500, error.what);
}

Response Render(Response response, Format asked, Formats known) {
  const bool convertible = response.status == 200 && response.content_type == kJsonType;
  if (known == Formats::kJsonOnly || asked == Format::kJson || !convertible) return response;
  if (asked == Format::kForeign) {
    if (known == Formats::kLenient) return response;
    return ErrorAnswer(400, "invalid content type");
  }
  const auto json = ParseJson(response.body);
  if (!json) return ErrorAnswer(500, "failed to re-render the answer: " + json.error().what);
  if (asked == Format::kYaml) {
    response.body = YamlText(*json);
    response.content_type = "text/plain; charset=utf-8";
  } else {
    response.body = JsonText(*json, kIndent);
  }
  return response;
}

}  // namespace gpud::server
