// SPDX-License-Identifier: Apache-2.0
#include "server/openapi.h"

#include <gtest/gtest.h>

#include <set>

#include "server/fake_backend.h"

namespace gpud::server {
namespace {

TEST(OpenApi, DescribesEveryRoute) {
  FakeBackend backend;
  FakeClient client(backend);
  const auto document = ParseJson(client.Get("/v1/openapi.json").body);
  ASSERT_TRUE(document) << document.error().what;
  EXPECT_EQ(*document->Find("openapi")->AsString(), "3.1.0");
  std::set<std::string> ids;
  for (const Route& route : AllRoutes()) {
    const Json* path = document->Find("paths")->Find(route.path);
    ASSERT_TRUE(path) << route.path;
    const Json* operation = path->Find(ToLower(route.method));
    ASSERT_TRUE(operation) << route.method << route.path;
    EXPECT_TRUE(ids.insert(*operation->Find("operationId")->AsString()).second) << route.path;
    EXPECT_TRUE(operation->Find("responses")->Find("200"));
    EXPECT_EQ(operation->Find("responses")->Find("403") != nullptr, route.access != Access::kOpen);
    const Json* parameters = operation->Find("parameters");
    EXPECT_EQ(parameters ? parameters->AsArray()->size() : 0U, route.parameters.size());
  }
}

struct Probe {
  std::int64_t count = 0;
  std::map<std::string, double> shares;
  std::optional<std::string> note, remark;
  WallTime time{};

  static constexpr auto Fields() {
    return std::tuple{Field{"count", &Probe::count},
                      Field{"shares", &Probe::shares, When::kNonEmpty},
                      Field{"note", &Probe::note, When::kNonEmpty}, Field{"remark", &Probe::remark},
                      Field{"time", &Probe::time}};
  }
};

TEST(OpenApi, TakesSchemasFromTheFieldTables) {
  Schemas schemas;
  EXPECT_EQ(schemas.Of<Probe>(),
            R"({"type":"object","properties":{"count":{"type":"integer"},)"
            R"("shares":{"type":"object","additionalProperties":{"type":"number"}},)"
            R"("note":{"type":"string"},"remark":{"anyOf":[{"type":"string"},{"type":"null"}]},)"
            R"("time":{"type":["string","null"],"format":"date-time"}},)"
            R"("required":["count","remark","time"]})");
  EXPECT_NE(
      schemas.OfRequest<Probe>().find(R"("note":{"anyOf":[{"type":"string"},{"type":"null"}]})"),
      std::string::npos);
  EXPECT_EQ(schemas.Of<Metric>(), R"({"$ref":"#/components/schemas/Metric"})");
  EXPECT_TRUE(schemas.named().contains("Metric"));
  EXPECT_EQ(schemas.Of<std::optional<std::vector<bool>>>(),
            R"({"anyOf":[{"type":"array","items":{"type":"boolean"}},{"type":"null"}]})");
  EXPECT_EQ(schemas.Of<Origin>(),
            R"({"type":"string","enum":["gpud","kernel","injected","user-space"]})");
}

TEST(OpenApi, EveryReferenceHasItsSchema) {
  const std::string text = OpenApiText(AllRoutes());
  const auto document = ParseJson(text);
  constexpr std::string_view kReference = "#/components/schemas/";
  std::size_t references = 0;
  for (std::size_t at = text.find(kReference); at != std::string::npos;
       at = text.find(kReference, at + 1)) {
    const std::size_t begin = at + kReference.size();
    const std::string name = text.substr(begin, text.find('"', begin) - begin);
    EXPECT_TRUE(document->Find("components")->Find("schemas")->Find(name)) << name;
    ++references;
  }
  EXPECT_GT(references, 10U);
}

}  // namespace
}  // namespace gpud::server
