// SPDX-License-Identifier: Apache-2.0
// Tls: what all TLS connections of the server share.
#pragma once

#include <memory>
#include <string>

#include "platform/result.h"
#include "server/certificate.h"

struct ssl_st;
struct ssl_ctx_st;

namespace gpud::server {

/// TLS 1.2 and 1.3, little memory for idle connections. With `client_ca_file` clients may show a
/// certificate; one that does not verify ends the handshake.
/// Errors: kInternal; of the file: kIo, "--client-ca-file PATH: ...".
Result<std::shared_ptr<ssl_ctx_st>> MakeTlsContext(const Certificate& certificate,
                                                   const std::string& client_ca_file);

/// True when the client has shown a certificate that verified.
bool HasVerifiedCertificate(const ssl_st& tls);

}  // namespace gpud::server
