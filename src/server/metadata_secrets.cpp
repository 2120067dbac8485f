// SPDX-License-Identifier: Apache-2.0
#include "server/metadata_secrets.h"

#include <string_view>

namespace gpud::server {
namespace {

/// Enough of a token to tell two apart: its vendor's prefix, the first and the last four.
std::string Masked(std::string_view token) {
  std::string_view prefix;
  for (const std::string_view known : {"nvapi-stg-", "nvapi-"}) {
    if (prefix.empty() && token.starts_with(known)) prefix = token.substr(0, known.size());
  }
  const std::string_view secret = token.substr(prefix.size());
  if (secret.size() < 10) return "...";
  return std::string(prefix) + std::string(secret.substr(0, 4)) + "..." +
         std::string(secret.substr(secret.size() - 4));
}

}  // namespace

void HideSecrets(store::Metadata& metadata) {
  for (auto& [key, value] : metadata) {
    if (key == "token") value = Masked(value);
    if (key == "machine_proof") value = "<redacted>";
  }
}

}  // namespace gpud::server
