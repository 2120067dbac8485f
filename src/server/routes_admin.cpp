// SPDX-License-Identifier: Apache-2.0
// /admin: the configuration, the metadata, and care of the store.
#include "model/json_codec.h"
#include "server/metadata_secrets.h"
#include "server/routes_table.h"
#include "server/routes_wire.h"

namespace gpud::server {
namespace {

constexpr std::size_t kMostKeyBytes = 256;

}  // namespace

namespace route {

void GetConfig(Context& context, const Request&, Reply reply) {
  reply(JsonAnswer(JsonText(context.backend.Config())));
}

/// There are none yet; null is what the original says then.
void GetPackages(Context&, const Request&, Reply reply) { reply(JsonAnswer("null")); }

void GetMetadata(Context& context, const Request&, Reply reply) {
  context.backend.QueryMetadata([reply](Result<store::Metadata> metadata) {
    if (!metadata) {
      return reply(ErrorAnswer(500, "failed to read metadata: " + metadata.error().what));
    }
    HideSecrets(*metadata);
    reply(JsonAnswer(ToJson(*metadata)));
  });
}

void PutMetadata(Context& context, const Request& request, Reply reply) {
  std::string key(request.Param("key"));
  std::string value(request.Param("value"));
  if (key.empty() || value.empty()) {
    return reply(ErrorAnswer(400, "key and value are required, and not empty"));
  }
  if (key.size() > kMostKeyBytes) {
    return reply(
        ErrorAnswer(400, "key is longer than " + std::to_string(kMostKeyBytes) + " bytes"));
  }
  context.backend.PutMetadata(std::move(key), std::move(value), [reply](const Result<void>& done) {
    if (!done) return reply(ErrorAnswer(500, "failed to update metadata: " + done.error().what));
    reply(JsonAnswer(ToJson(DoneAnswer{200, {}, "metadata updated"})));
  });
}

void Compact(Context& context, const Request&, Reply reply) {
  context.backend.Compact([reply](const Result<void>& done) {
    if (!done) return reply(ErrorAnswer(500, "failed to compact the store: " + done.error().what));
    reply(JsonAnswer(ToJson(DoneAnswer{200, {}, "store compacted"})));
  });
}

}  // namespace route
}  // namespace gpud::server
