// SPDX-License-Identifier: Apache-2.0
#include "server/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "client/stream.h"

namespace gpud::server {

Result<std::shared_ptr<ssl_ctx_st>> MakeTlsContext(const Certificate& certificate,
                                                   const std::string& client_ca_file) {
  ERR_clear_error();
  std::shared_ptr<ssl_ctx_st> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_use_certificate(context.get(), certificate.x509.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), certificate.key.get()) != 1) {
    return Fail(ErrorCode::kInternal, "TLS: " + client::TlsErrorText());
  }
  // No resumption: a full handshake takes well under a millisecond, and an idle connection should
  // cost little.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                                         SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context.get(), 1);  // a record costs one system call, not two
  if (client_ca_file.empty()) return context;

  STACK_OF(X509_NAME)* const names = SSL_load_client_CA_file(client_ca_file.c_str());
  if (!names || SSL_CTX_load_verify_file(context.get(), client_ca_file.c_str()) != 1) {
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    return Fail(ErrorCode::kIo, "--client-ca-file " + client_ca_file +
                                    ": no certificates in PEM form: " + client::TlsErrorText());
  }
  SSL_CTX_set_client_CA_list(context.get(), names);  // takes them
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  return context;
}

bool HasVerifiedCertificate(const ssl_st& tls) {
  return SSL_get0_peer_certificate(&tls) != nullptr && SSL_get_verify_result(&tls) == X509_V_OK;
}

}  // namespace gpud::server
