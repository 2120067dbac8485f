// SPDX-License-Identifier: Apache-2.0
#include "server/routes.h"

#include <algorithm>
#include <memory>

#include "client/client.h"
#include "platform/log.h"
#include "server/routes_table.h"

namespace gpud::server {
namespace {

bool Matches(const Route& route, std::string_view path) {
  const std::size_t brace = route.path.find('{');
  if (brace == std::string_view::npos) return path == route.path;
  return path.size() > brace && path.starts_with(route.path.substr(0, brace)) &&
         path.find('/', brace) == std::string_view::npos;
}

const Route* FindRoute(const Request& request) {
  const auto routes = AllRoutes();
  const auto found = std::find_if(routes.begin(), routes.end(), [&](const Route& route) {
    return route.method == request.method && Matches(route, request.path);
  });
  return found == routes.end() ? nullptr : &*found;
}

/// What a path without a route gets: a redirect when only a trailing slash is too much, else 404,
/// also for a wrong method (the original has no 405).
Response NoRoute(const Request& request) {
  for (const Route& route : AllRoutes()) {
    if (route.method != request.method || request.path != std::string(route.path) + '/') continue;
    Response response{.status = request.method == "GET" ? 301U : 307U,
                      .content_type = "text/plain",
                      .body = {},
                      .headers = {},
                      .may_compress = false};
    response.headers.emplace_back("Location", client::Target(route.path, request.query));
    return response;
  }
  return {.status = 404,
          .content_type = "text/plain",
          .body = "404 page not found",
          .headers = {},
          .may_compress = request.path.starts_with("/v1/")};
}

/// Who changed something or saw something secret, and what came of it.
void Audit(const Route& route, const Peer& peer, unsigned status) {
  log::Info("privileged request", {{"method", std::string(route.method)},
                                   {"path", std::string(route.path)},
                                   {"peer", peer.address},
                                   {"by", Caller(peer)},
                                   {"status", std::to_string(status)}});
}

/// Says of every answer that it is about a simulated machine, where it is.
Reply Labelled(const Reply& reply, const std::string& simulated) {
  if (simulated.empty()) return reply;
  return [reply, simulated](Response response) {
    response.headers.emplace_back("gpud-simulated", simulated);
    reply(std::move(response));
  };
}

void Dispatch(Context& context, const Request& request, const Reply& answer) {
  const Reply reply = Labelled(answer, context.backend.Machine().simulated);
  const Route* route = FindRoute(request);
  if (!route) return reply(NoRoute(request));
  const auto finish = [reply, route, format = AskedFormat(request)](Response response) {
    response = Render(std::move(response), format, route->formats);
    response.may_compress = route->path.starts_with("/v1/") || route->path == "/metrics";
    reply(std::move(response));
  };
  if (auto refusal =
          Refuse(request, route->access, context.access, context.backend.Machine().hostname)) {
    return finish(*std::move(refusal));
  }
  if (route->access != Access::kPrivileged) return route->handle(context, request, finish);
  route->handle(context, request, [finish, route, peer = request.peer](Response response) {
    Audit(*route, peer, response.status);
    finish(std::move(response));
  });
}

}  // namespace

Handler MakeApi(Backend& backend, AccessOptions access) {
  // Shared only because std::function wants to be copied.
  const auto context =
      std::make_shared<Context>(Context{.backend = backend, .access = std::move(access)});
  return
      [context](const Request& request, const Reply& reply) { Dispatch(*context, request, reply); };
}

}  // namespace gpud::server
