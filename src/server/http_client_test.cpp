// SPDX-License-Identifier: Apache-2.0
// The client and the server with each other: whom they trust.
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <fstream>

#include "client/client.h"
#include "platform/text.h"
#include "server/certificate.h"
#include "server/http_testing.h"

namespace gpud::server {
namespace {

void WritePem(const std::string& path, X509* x509) {
  const std::unique_ptr<BIO, int (*)(BIO*)> file(BIO_new_file(path.c_str(), "w"), BIO_free);
  PEM_write_bio_X509(file.get(), x509);
}

/// A certificate that is its own authority.
Certificate MakeAuthority() {
  Certificate made{.key = {EVP_EC_gen("P-256"), EVP_PKEY_free}, .x509 = {X509_new(), X509_free}};
  X509* const x509 = made.x509.get();
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("site"), -1, -1, 0);
  X509_set_issuer_name(x509, X509_get_subject_name(x509));
  X509_gmtime_adj(X509_getm_notBefore(x509), 0);
  X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
  X509_set_pubkey(x509, made.key.get());
  X509_sign(x509, made.key.get(), EVP_sha256());
  return made;
}

TEST(ClientAndServer, TalkOverTheUnixSocketFirst) {
  const RunningServer running({}, [](const Request& request, const Reply& reply) {
    reply({.status = 201, .body = request.method + request.body + request.peer.address});
  });
  const auto answer = client::Call({.socket = running.unix_path()}, "POST", "/x", "{}");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->status, 201u);
  EXPECT_EQ(answer->body, "POST{}unix");
}

TEST(ClientAndServer, ClientAcceptsAnyCertificateOnLoopback) {
  const RunningServer running;
  const auto answer = client::Call({.server = running.url()}, "GET", "/healthz");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->body, "GET /healthz");
}

TEST(ClientAndServer, ClientAcceptsTheCertificateOfTheFingerprintAlone) {
  const RunningServer running;
  std::string fingerprint = running.server().Fingerprint();
  EXPECT_TRUE(client::Call({.server = running.url(), .fingerprint = fingerprint}, "GET", "/"));
  const std::string bare = ToLower(fingerprint);
  EXPECT_TRUE(client::Call({.server = running.url(), .fingerprint = bare}, "GET", "/"));
  fingerprint[0] = fingerprint[0] == '0' ? '1' : '0';
  const auto refused =
      client::Call({.server = running.url(), .fingerprint = fingerprint}, "GET", "/");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kPermission);
}

TEST(ClientAndServer, ClientVerifiesAgainstTheAuthorityThatItIsGiven) {
  const TemporaryFolder folder;
  HttpOptions options;
  options.certificate_directory = folder.path;
  const RunningServer running(options);
  const auto good =
      client::Call({.server = running.url(), .ca_file = folder.path + "/server.crt"}, "GET", "/");
  EXPECT_TRUE(good) << good.error().what;

  const TemporaryFolder other;
  WritePem(other.path + "/ca.crt", MakeAuthority().x509.get());
  const auto bad =
      client::Call({.server = running.url(), .ca_file = other.path + "/ca.crt"}, "GET", "/");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, ErrorCode::kPermission) << bad.error().what;
  const auto none = client::Call({.server = running.url(), .ca_file = "/no/ca"}, "GET", "/");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kPermission);
}

TEST(ClientAndServer, TokenIsSentAsBearer) {
  const TemporaryFolder folder;
  std::ofstream(folder.path + "/token") << "secret\n";
  const RunningServer running({}, [](const Request& request, const Reply& reply) {
    reply({.body = std::string(request.Header("authorization"))});
  });
  const auto answer =
      client::Call({.server = running.url(), .api_token_file = folder.path + "/token"}, "GET", "/");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "Bearer secret");
}

/// Sends a request over TLS with `certificate` as the client's; empty when the server refused it.
std::string AskWith(const RunningServer& running, const Certificate* certificate) {
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (certificate) {
    SSL_CTX_use_certificate(context.get(), certificate->x509.get());
    SSL_CTX_use_PrivateKey(context.get(), certificate->key.get());
  }
  auto tls = running.Tls();  // for its address only
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  ::getpeername(tls.fd(), reinterpret_cast<sockaddr*>(&address), &size);
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  client::Stream stream(std::move(fd), context.get(), client::Stream::Role::kClient);
  const auto deadline = client::Deadline::clock::now() + RunningServer::kPatience;
  for (auto io = stream.Handshake(); io != client::Io::kDone; io = stream.Handshake()) {
    if (!client::Await(stream, io, deadline)) return {};
  }
  return Exchange(std::move(stream), "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
}

TEST(ClientAndServer, ServerKnowsAClientByItsVerifiedCertificateOnly) {
  const TemporaryFolder folder;
  const Certificate known = MakeAuthority(), stranger = MakeAuthority();
  HttpOptions options;
  options.client_ca_file = folder.path + "/ca.crt";
  WritePem(options.client_ca_file, known.x509.get());
  const RunningServer running(options, [](const Request& request, const Reply& reply) {
    reply({.body = request.peer.client_certificate ? "shown" : "none"});
  });
  EXPECT_TRUE(AskWith(running, &known).ends_with("shown"));
  EXPECT_TRUE(AskWith(running, nullptr).ends_with("none"));
  EXPECT_EQ(AskWith(running, &stranger), "");
}

TEST(ClientAndServer, ServerDoesNotStartWithABadClientAuthority) {
  Loop loop;
  HttpServer server(loop, {.listen_address = "127.0.0.1:0", .client_ca_file = "/no/ca"}, Echo);
  const auto started = server.Start();
  ASSERT_FALSE(started);
  EXPECT_TRUE(started.error().what.starts_with("--client-ca-file /no/ca: "))
      << started.error().what;
}

}  // namespace
}  // namespace gpud::server
