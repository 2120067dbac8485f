// SPDX-License-Identifier: Apache-2.0
// OpenApi: the routes as an OpenAPI 3.1 document, for clients and for people.
#pragma once

#include <span>
#include <string>

#include "server/routes_table.h"

namespace gpud::server {

/// The document as JSON text. All of it follows from the routes and the field tables.
std::string OpenApiText(std::span<const Route> routes);

}  // namespace gpud::server
