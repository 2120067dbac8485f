// SPDX-License-Identifier: Apache-2.0
// The HTTP API, v1: which path does what, and who may. docs/api.md, docs/compatibility.md.
#pragma once

#include <string>

#include "server/backend.h"
#include "server/http.h"

namespace gpud::server {

struct AccessOptions {
  std::string api_token;              ///< empty = there is none: nobody can show it
  std::string api_token_file;         ///< where it lives, for messages that say what to do
  bool insecure_open = false;         ///< reading from elsewhere needs nothing
  bool allow_fault_injection = true;  ///< root or token are needed all the same
};

/// The whole API as one handler. `backend` must outlive it.
Handler MakeApi(Backend& backend, AccessOptions access);

}  // namespace gpud::server
