// SPDX-License-Identifier: Apache-2.0
#include "server/openapi.h"

#include <algorithm>
#include <set>

#include "platform/text.h"

namespace gpud::server {
namespace {

std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(out, text);
  return out;
}

/// Appends `"key":value`, with a comma where something stands before.
void Member(std::string& out, std::string_view key, std::string_view value) {
  if (!out.empty()) out += ',';
  AppendJsonString(out, key);
  out += ':';
  out += value;
}

std::string Object(std::string_view members) { return '{' + std::string(members) + '}'; }

std::string_view StatusText(unsigned status) {
  switch (status) {
    case 400:
      return "a parameter or the body is wrong; the message says which and what it may be";
    case 401:
      return "credentials are missing or wrong";
    case 403:
      return "the caller may not do this; the message says what to do";
    case 404:
      return "there is no such thing";
    case 500:
      return "gpud failed; the message says at what";
    case 503:
      return "not now";
    default:
      return "done";
  }
}

std::string Content(std::string_view type, const std::string& schema) {
  std::string content;
  Member(content, type, Object("\"schema\":" + schema));
  return content;
}

std::string Answer(unsigned status, const std::string& content) {
  return Object("\"description\":" + Quoted(StatusText(status)) +
                ",\"content\":" + Object(content));
}

std::string Responses(const Route& route, Schemas& schemas) {
  const bool is_health = route.path.starts_with("/v1/health") && route.method == "GET";
  std::string content = Content(route.content_type, route.answer(schemas));
  if (route.formats != Formats::kJsonOnly) {
    content += ',' + Content("text/plain", schemas.Of<std::string>());  // YAML
  }
  std::string members;
  Member(members, "200", Answer(200, content));
  std::set<unsigned> errors(route.errors.begin(), route.errors.end());
  if (route.access != Access::kOpen) errors.insert({401, 403});
  for (const unsigned status : errors) {
    Member(members, std::to_string(status),
           Answer(status, Content("application/json", schemas.Of<ErrorBody>())));
  }
  if (is_health) Member(members, "503", Answer(503, content));
  return Object(members);
}

std::string Parameters(const Route& route) {
  std::string list;
  for (const Parameter& parameter : route.parameters) {
    const bool in_path =
        route.path.find('{' + std::string(parameter.name) + '}') != std::string_view::npos;
    std::string members;
    Member(members, "name", Quoted(parameter.name));
    Member(members, "in", in_path ? "\"path\"" : "\"query\"");
    Member(members, "description", Quoted(parameter.description));
    if (parameter.required) Member(members, "required", "true");
    Member(members, "schema", parameter.schema);
    list += list.empty() ? "" : ",";
    list += Object(members);
  }
  return '[' + list + ']';
}

/// "get_v1_health_name" of GET /v1/health/{name}.
std::string OperationId(const Route& route) {
  std::string id = ToLower(route.method);
  for (const std::string_view part : Split(route.path, '/')) {
    if (!part.empty()) id += '_' + std::string(part);
  }
  std::erase_if(id, [](char c) { return c == '{' || c == '}'; });
  std::replace_if(
      id.begin(), id.end(), [](char c) { return c == '-' || c == '.'; }, '_');
  return id;
}

/// Each an alternative; {} because root and local users are known without credentials.
std::string_view Security(Access access) {
  return access == Access::kOpen ? "[]" : R"([{},{"token":[]},{"clientCertificate":[]}])";
}

std::string Operation(const Route& route, Schemas& schemas) {
  std::string members;
  Member(members, "operationId", Quoted(OperationId(route)));
  Member(members, "summary", Quoted(route.summary));
  std::string description(route.description);
  if (route.access == Access::kPrivileged) {
    description += description.empty() ? "" : " ";
    description += "Needs root, the API token or a client certificate.";
  }
  if (!description.empty()) Member(members, "description", Quoted(description));
  if (!route.parameters.empty()) Member(members, "parameters", Parameters(route));
  if (route.body) {
    Member(members, "requestBody",
           Object("\"required\":true,\"content\":" +
                  Object(Content("application/json", route.body(schemas)))));
  }
  Member(members, "responses", Responses(route, schemas));
  Member(members, "security", Security(route.access));
  return Object(members);
}

constexpr std::string_view kHead =
    R"("openapi":"3.1.0","info":{"title":"gpud","version":")" GPUD_VERSION
    R"(","summary":"The health of one GPU node","description":"Reading is open to local users: the )"
    R"(Unix socket and loopback. What changes state needs root, the API token or a client )"
    R"(certificate, and so does everything from another machine, but for /healthz. Answers are )"
    R"(JSON, or YAML where the request's Content-Type is application/yaml.",)"
    R"("license":{"name":"Apache-2.0","identifier":"Apache-2.0"}},)"
    R"("servers":[{"url":"https://localhost:15132"}])";
constexpr std::string_view kSecuritySchemes =
    R"({"token":{"type":"http","scheme":"bearer"},"clientCertificate":{"type":"mutualTLS"}})";

}  // namespace

std::string OpenApiText(std::span<const Route> routes) {
  Schemas schemas;
  std::map<std::string_view, std::string> paths;  // members of each path's object
  for (const Route& route : routes) {
    Member(paths[route.path], ToLower(route.method), Operation(route, schemas));
  }
  std::string path_members;
  for (const auto& [path, members] : paths) Member(path_members, path, Object(members));
  std::string schema_members;
  for (const auto& [name, schema] : schemas.named()) Member(schema_members, name, schema);
  std::string document(kHead);
  Member(document, "paths", Object(path_members));
  Member(document, "components",
         Object("\"schemas\":" + Object(schema_members) +
                ",\"securitySchemes\":" + std::string(kSecuritySchemes)));
  return Object(document);
}

void route::GetOpenApi(Context& context, const Request&, Reply reply) {
  if (context.openapi.empty()) context.openapi = OpenApiText(AllRoutes());
  reply(JsonAnswer(context.openapi));
}

}  // namespace gpud::server
