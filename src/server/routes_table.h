// SPDX-License-Identifier: Apache-2.0
// The routes as one constant table: dispatch, access, formats and the OpenAPI document follow from
// it. A new route is a line there and a function here.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "export/prometheus.h"
#include "server/access.h"
#include "server/backend.h"
#include "server/format.h"
#include "server/http.h"
#include "server/openapi_schema.h"
#include "server/routes.h"

namespace gpud::server {

/// What the routes share. Callbacks of the backend must not keep it: they may come after its end.
struct Context {
  Backend& backend;
  AccessOptions access;

  struct {
    bool filled = false;
    std::uint64_t generation = 0;
    std::string body;
  } states;
  struct {
    bool filled = false;
    std::uint64_t generation = 0;
    prometheus::OwnMetrics own;
    std::string body;
  } metrics;
  std::string openapi;
};

using Handle = void (*)(Context&, const Request&, Reply);

struct Parameter {
  std::string_view name, description;
  std::string_view schema;  ///< JSON
  bool required = false;
};

struct Route {
  std::string_view method;
  std::string_view path;  ///< a last part in braces stands for any one part
  Access access = Access::kRead;
  Handle handle = nullptr;
  std::string_view summary;
  std::string_view description = {};
  std::span<const Parameter> parameters = {};
  std::span<const unsigned> errors = {};  ///< statuses, without those of the access rules
  std::string (*answer)(Schemas&) = nullptr;
  std::string (*body)(Schemas&) = nullptr;  ///< of the request
  Formats formats = Formats::kJsonOnly;
  std::string_view content_type = "application/json";
};

std::span<const Route> AllRoutes();

namespace route {
void GetHealthz(Context&, const Request&, Reply);
void GetMachineInfo(Context&, const Request&, Reply);
void GetComponents(Context&, const Request&, Reply);
void Deregister(Context&, const Request&, Reply);
void TriggerCheck(Context&, const Request&, Reply);
void TriggerTag(Context&, const Request&, Reply);
void GetStates(Context&, const Request&, Reply);
void GetHealth(Context&, const Request&, Reply);
void GetEvents(Context&, const Request&, Reply);
void GetTransitions(Context&, const Request&, Reply);
void GetInfo(Context&, const Request&, Reply);
void GetMetrics(Context&, const Request&, Reply);
void GetPlugins(Context&, const Request&, Reply);
void GetPluginHistory(Context&, const Request&, Reply);
void SetHealthy(Context&, const Request&, Reply);
void InjectFault(Context&, const Request&, Reply);
void GetGpuProcesses(Context&, const Request&, Reply);
void GetFindings(Context&, const Request&, Reply);
void GetConfig(Context&, const Request&, Reply);
void GetPackages(Context&, const Request&, Reply);
void GetMetadata(Context&, const Request&, Reply);
void PutMetadata(Context&, const Request&, Reply);
void Compact(Context&, const Request&, Reply);
void GetPrometheus(Context&, const Request&, Reply);
void GetOpenApi(Context&, const Request&, Reply);
}  // namespace route

}  // namespace gpud::server
