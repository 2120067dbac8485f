// SPDX-License-Identifier: Apache-2.0
#include "client/dial.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include "platform/text.h"

namespace gpud::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Context = std::unique_ptr<SSL_CTX, decltype([](SSL_CTX* context) { SSL_CTX_free(context); })>;

int MillisecondsLeft(Deadline deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now()).count();
  return int(std::clamp<std::int64_t>(left, 0, 1 << 30));
}

/// A blocking connect that ends at the deadline (socket(7): SO_SNDTIMEO).
Result<UniqueFd> Connect(const sockaddr* address, socklen_t size, Deadline deadline) {
  UniqueFd fd(::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int left = std::max(MillisecondsLeft(deadline), 1);
  const timeval limit{.tv_sec = left / 1000, .tv_usec = left % 1000 * 1000};
  if (!fd.valid() || ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) != 0 ||
      ::connect(fd.get(), address, size) != 0) {
    const int error = errno == EINPROGRESS || errno == EAGAIN ? ETIMEDOUT : errno;
    return FailErrno("connect", error);
  }
  if (address->sa_family != AF_UNIX) {
    // Or the request waits for the acknowledgement of the handshake's last message: 40 ms.
    const int on = 1;
    (void)::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));  // only slower
  }
  return fd;
}

/// connect(2)'s errors as this client's: nobody there is kNotFound.
tl::unexpected<Error> DialError(Error error, const std::string& where) {
  if (error.sys == ECONNREFUSED || error.sys == ENOENT || error.sys == ENOTDIR) {
    return Fail(ErrorCode::kNotFound, "no gpud answers at " + where + ": is it running? (gpud run)",
                error.sys);
  }
  error.what = where + ": " + error.what;
  return tl::unexpected<Error>(std::move(error));
}

bool IsLoopback(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
}

/// OpenSSL knows one place, that of the distribution it was built on; SSL_CERT_FILE and
/// SSL_CERT_DIR still come first.
void LoadSystemAuthorities(SSL_CTX& context) {
  SSL_CTX_set_default_verify_paths(&context);
  if (std::getenv(X509_get_default_cert_file_env())) return;
  for (const char* file : {
           "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Arch, Alpine
           "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // RHEL, Fedora
           "/etc/pki/tls/certs/ca-bundle.crt",                   // older RHEL
           "/etc/ssl/ca-bundle.pem",                             // SUSE
       }) {
    if (::access(file, R_OK) == 0 && SSL_CTX_load_verify_file(&context, file) == 1) return;
  }
  ERR_clear_error();
}

enum class Trust : unsigned char { kAny, kFingerprint, kAuthority };

Trust TrustFor(const Options& options, bool loopback) {
  if (!options.fingerprint.empty()) return Trust::kFingerprint;
  if (!options.ca_file.empty()) return Trust::kAuthority;
  return loopback ? Trust::kAny : Trust::kAuthority;
}

Result<Context> MakeContext(const Options& options, Trust trust) {
  Context context(SSL_CTX_new(TLS_client_method()));
  if (!context) return Fail(ErrorCode::kInternal, "TLS: " + TlsErrorText());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
  if (trust != Trust::kAuthority) return context;
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (options.ca_file.empty()) {
    LoadSystemAuthorities(*context);
  } else if (SSL_CTX_load_verify_file(context.get(), options.ca_file.c_str()) != 1) {
    return Fail(ErrorCode::kPermission,
                "--ca " + options.ca_file + ": no certificates in PEM form: " + TlsErrorText());
  }
  return context;
}

/// Upper-case hex without separators.
std::string BareFingerprint(std::string_view text) {
  std::string bare;
  for (const char c : ToLower(text)) {
    if (c != ':' && c != ' ') bare += c;
  }
  return bare;
}

std::string FingerprintOf(const Stream& stream) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  const X509* const x509 = SSL_get0_peer_certificate(stream.tls());
  if (!x509 || X509_digest(x509, EVP_sha256(), digest, &size) != 1) return {};
  const std::unique_ptr<char, void (*)(char*)> text(OPENSSL_buf2hexstr(digest, long(size)),
                                                    [](char* made) { OPENSSL_free(made); });
  return BareFingerprint(text.get());
}

void ExpectName(SSL& tls, const std::string& host) {
  in6_addr ignored{};
  const bool is_address = ::inet_pton(AF_INET, host.c_str(), &ignored) == 1 ||
                          ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
  if (is_address) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(&tls), host.c_str());
  } else {
    SSL_set1_host(&tls, host.c_str());
    SSL_set_tlsext_host_name(&tls, host.c_str());
  }
}

Result<Stream> Secure(UniqueFd fd, const ServerName& server, const Options& options, bool loopback,
                      Deadline deadline) {
  const Trust trust = TrustFor(options, loopback);
  const auto context = MakeContext(options, trust);
  if (!context) return tl::unexpected<Error>(context.error());
  Stream stream(std::move(fd), context->get(), Stream::Role::kClient);
  ExpectName(*stream.tls(), server.host);
  for (Io io = stream.Handshake(); io != Io::kDone; io = stream.Handshake()) {
    if (io == Io::kClosed) {
      const long verdict = SSL_get_verify_result(stream.tls());
      if (trust == Trust::kAuthority && verdict != X509_V_OK) {
        return Fail(ErrorCode::kPermission,
                    server.text + ": its certificate cannot be trusted (" +
                        X509_verify_cert_error_string(verdict) +
                        "); name its authority with --ca, or the certificate itself with "
                        "--fingerprint");
      }
      const std::string reason = TlsErrorText();
      return Fail(ErrorCode::kIo, server.text + ": the TLS handshake failed: " +
                                      (reason.empty() ? "the connection was closed" : reason));
    }
    if (auto ready = Await(stream, io, deadline); !ready) {
      return Pass(std::move(ready), server.text);
    }
  }
  if (trust == Trust::kFingerprint) {
    const std::string found = FingerprintOf(stream);
    if (found != BareFingerprint(options.fingerprint)) {
      return Fail(ErrorCode::kPermission, server.text + ": its certificate has the fingerprint " +
                                              found + ", not the one of --fingerprint");
    }
  }
  return stream;
}

}  // namespace

Result<void> Await(const Stream& stream, Io io, Deadline deadline) {
  if (io == Io::kClosed) return Fail(ErrorCode::kIo, "the connection was closed too early");
  pollfd waits{.fd = stream.fd(), .events = short(io == Io::kWantWrite ? POLLOUT : POLLIN)};
  for (;;) {
    const int ready = ::poll(&waits, 1, MillisecondsLeft(deadline));
    if (ready > 0) return {};
    if (ready == 0) return Fail(ErrorCode::kTimeout, "no answer in time");
    if (errno != EINTR) return FailErrno("poll", errno);
  }
}

Result<Stream> DialUnix(const std::string& path, Deadline deadline) {
  sockaddr_un address{.sun_family = AF_UNIX};
  if (path.size() >= sizeof(address.sun_path)) {
    return Fail(ErrorCode::kIo, path + ": too long for a socket's path");
  }
  path.copy(address.sun_path, path.size());
  auto fd = Connect(reinterpret_cast<const sockaddr*>(&address), sizeof(address), deadline);
  if (!fd) return DialError(std::move(fd).error(), path);
  return Stream(*std::move(fd), nullptr, Stream::Role::kClient);
}

Result<ServerName> ParseServer(std::string_view server) {
  const auto fail = [&] {
    return Fail(ErrorCode::kParse, "server \"" + std::string(server) +
                                       "\": it must be https://HOST:PORT or HOST:PORT");
  };
  std::string_view rest = server;
  if (const auto scheme = rest.find("://"); scheme != rest.npos) {
    if (rest.substr(0, scheme) != "https") return fail();
    rest.remove_prefix(scheme + 3);
  }
  while (!rest.empty() && rest.back() == '/') rest.remove_suffix(1);
  ServerName name{.port = "15132"};
  // A colon within brackets, or one of several, belongs to an IPv6 address.
  const auto colon = rest.rfind(':');
  const bool bare_v6 = !rest.starts_with('[') && std::ranges::count(rest, ':') > 1;
  if (colon != rest.npos && !bare_v6 && !rest.ends_with(']')) {
    name.port = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
  }
  if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
  name.host = rest;
  if (name.host.empty() || name.host.find_first_of("/[]@?#") != name.host.npos ||
      !ParseNumber<unsigned short>(name.port)) {
    return fail();
  }
  const bool v6 = name.host.find(':') != name.host.npos;
  name.text = "https://" + (v6 ? "[" + name.host + "]" : name.host) + ":" + name.port;
  return name;
}

Result<Stream> DialTls(const ServerName& server, const Options& options, Deadline deadline) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* raw = nullptr;
  // The loopback addresses, whether a resolver knows the name or not (RFC 6761, 6.3).
  const char* host = server.host == "localhost" ? nullptr : server.host.c_str();
  if (const int failed = ::getaddrinfo(host, server.port.c_str(), &hints, &raw); failed != 0) {
    return Fail(ErrorCode::kIo, server.text + ": " + ::gai_strerror(failed));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> found(raw, ::freeaddrinfo);
  Error problem{.code = ErrorCode::kIo, .what = "no address"};
  for (const addrinfo* each = found.get(); each; each = each->ai_next) {
    auto fd = Connect(each->ai_addr, each->ai_addrlen, deadline);
    if (!fd) {
      problem = std::move(fd).error();
      continue;
    }
    return Secure(*std::move(fd), server, options, IsLoopback(*each->ai_addr), deadline);
  }
  return DialError(std::move(problem), server.text);
}

}  // namespace gpud::client
