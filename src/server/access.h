// SPDX-License-Identifier: Apache-2.0
// Access: who may do what. SECURITY.md has the same rules in words.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/http.h"
#include "server/routes.h"

namespace gpud::server {

enum class Access : unsigned char {
  kOpen,        ///< anybody
  kRead,        ///< local users; others with the token or a client certificate
  kPrivileged,  ///< root, the token or a client certificate: changes state, runs code, or is secret
};

/// Why a request must not be served: 401 when other credentials than the shown ones could help a
/// peer that we do not know, else 403; the message says what to do. Nothing when it may.
///
/// Requests of a web page (they carry Origin or Sec-Fetch-Site) need the token for whatever is
/// privileged, and for reading too unless the page is gpud's own, under a Host that no foreign name
/// server can point at us: an address, localhost or `hostname`.
std::optional<Response> Refuse(const Request& request, Access access, const AccessOptions& options,
                               std::string_view hostname);

/// Who asks, for the history: the name of the peer's user, else how it proved its right.
std::string Caller(const Peer& peer);

}  // namespace gpud::server
