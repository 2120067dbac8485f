// SPDX-License-Identifier: Apache-2.0
#include "server/certificate.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "platform/root.h"
#include "platform/time_text.h"
#include "platform/whole_file.h"

namespace gpud::server {
namespace {

using std::chrono::hours;
constexpr hours kLifetime{365 * 24};
constexpr hours kRenewBefore{30 * 24};
constexpr const char* kOrganization = "gpud";

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

std::shared_ptr<evp_pkey_st> Own(EVP_PKEY* key) { return {key, EVP_PKEY_free}; }
std::shared_ptr<x509_st> Own(X509* x509) { return {x509, X509_free}; }

time_t UnixSeconds(WallTime time) { return time_t(Seconds(time.time_since_epoch())); }

std::string Fingerprint(const X509& x509) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (X509_digest(&x509, EVP_sha256(), digest, &size) != 1) return {};
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    char byte[4];
    std::snprintf(byte, sizeof(byte), i ? ":%02X" : "%02X", digest[i]);
    text += byte;
  }
  return text;
}

bool IsMadeByGpud(const X509& x509) {
  char organization[64] = "";
  X509_NAME_get_text_by_NID(X509_get_subject_name(&x509), NID_organizationName, organization,
                            sizeof(organization));
  return std::string_view(organization) == kOrganization;
}

bool AddExtension(X509& x509, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, &x509, &x509, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, void (*)(X509_EXTENSION*)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()), X509_EXTENSION_free);
  return extension && X509_add_ext(&x509, extension.get(), -1) == 1;
}

/// Localhost in its forms, and the host's name where it is one that a certificate can hold.
std::string AlternativeNames() {
  std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";
  char host[256] = "";
  if (::gethostname(host, sizeof(host) - 1) != 0 || std::string_view(host) == "localhost") {
    return names;
  }
  const std::string_view name = host;
  // Others would end the entry in OpenSSL's syntax and begin another.
  const bool plain =
      !name.empty() &&
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") ==
          name.npos;
  return plain ? names + ",DNS:" + host : names;
}

Result<Certificate> Make(WallTime now) {
  const auto fail = [] {
    const unsigned long error = ERR_peek_last_error();
    const char* const reason = ERR_reason_error_string(error);
    return Fail(ErrorCode::kInternal,
                std::string("make a certificate: ") + (reason ? reason : "OpenSSL failed"));
  };
  Certificate made{.key = Own(EVP_EC_gen("P-256")), .x509 = Own(X509_new())};
  std::uint64_t serial = 0;
  if (!made.key || !made.x509 ||
      RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) != 1) {
    return fail();
  }
  X509& x509 = *made.x509;
  X509_NAME* const name = X509_get_subject_name(&x509);
  const auto add = [name](const char* field, const char* value) {
    return X509_NAME_add_entry_by_txt(name, field, MBSTRING_ASC,
                                      reinterpret_cast<const unsigned char*>(value), -1, -1,
                                      0) == 1;
  };
  const time_t from = UnixSeconds(now);
  const bool good =
      X509_set_version(&x509, X509_VERSION_3) == 1 &&
      ASN1_INTEGER_set_uint64(X509_get_serialNumber(&x509), serial >> 1) == 1 &&
      ASN1_TIME_set(X509_getm_notBefore(&x509), from) &&
      ASN1_TIME_set(X509_getm_notAfter(&x509), from + time_t(Seconds(kLifetime))) &&
      add("O", kOrganization) && add("CN", "localhost") && X509_set_issuer_name(&x509, name) == 1 &&
      X509_set_pubkey(&x509, made.key.get()) == 1 &&
      AddExtension(x509, NID_basic_constraints, "critical,CA:FALSE") &&
      AddExtension(x509, NID_key_usage, "critical,digitalSignature,keyEncipherment") &&
      AddExtension(x509, NID_ext_key_usage, "serverAuth") &&
      AddExtension(x509, NID_subject_alt_name, AlternativeNames()) &&
      X509_sign(&x509, made.key.get(), EVP_sha256()) > 0;
  if (!good) return fail();
  made.fingerprint = Fingerprint(x509);
  return made;
}

/// What came of a key file that more than its owner may read; empty when there is nothing to tell.
std::string CloseToOthers(const std::string& path, bool made_by_gpud) {
  struct stat file {};
  if (::lstat(path.c_str(), &file) != 0 || !S_ISREG(file.st_mode) || !(file.st_mode & 077)) {
    return {};
  }
  char mode[8];
  std::snprintf(mode, sizeof(mode), "%04o", file.st_mode & 07777);
  const std::string told = path + " had mode " + mode;
  if (!made_by_gpud) return told + ", which a site may want: it was left so";
  if (::chmod(path.c_str(), 0600) != 0) return told + ", and it cannot be made 0600";
  return told + ": it is 0600 now; delete it for a new one if somebody may have read it";
}

/// Nothing when a file is missing or the two do not belong together.
std::optional<Certificate> Load(const std::string& directory) {
  const Root machine;  // not one at `directory`: the files may be links to where a site keeps them
  const auto key_text = machine.Read(directory + "/server.key");
  const auto certificate_text = machine.Read(directory + "/server.crt");
  if (!key_text || !certificate_text) return {};
  const Bio key_bio(BIO_new_mem_buf(key_text->data(), int(key_text->size())));
  const Bio x509_bio(BIO_new_mem_buf(certificate_text->data(), int(certificate_text->size())));
  // Without this callback OpenSSL asks the terminal for the passphrase of an encrypted key.
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  Certificate loaded{
      .key = Own(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, no_passphrase, nullptr)),
      .x509 = Own(PEM_read_bio_X509(x509_bio.get(), nullptr, nullptr, nullptr))};
  if (!loaded.key || !loaded.x509 ||
      X509_check_private_key(loaded.x509.get(), loaded.key.get()) != 1) {
    return {};
  }
  loaded.fingerprint = Fingerprint(*loaded.x509);
  loaded.made_by_gpud = IsMadeByGpud(*loaded.x509);
  loaded.exposed = CloseToOthers(directory + "/server.key", loaded.made_by_gpud);
  return loaded;
}

std::string Pem(const Bio& bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, std::size_t(size)};
}

Result<void> Write(const std::string& directory, const Certificate& certificate) {
  const Bio key(BIO_new(BIO_s_mem()));
  const Bio x509(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(key.get(), certificate.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  PEM_write_bio_X509(x509.get(), certificate.x509.get());
  if (auto done = WriteWholeFile(directory + "/server.key", 0600, Pem(key)); !done) return done;
  return WriteWholeFile(directory + "/server.crt", 0644, Pem(x509));
}

/// What a person put there may be the only copy of a key: it is moved away, never overwritten.
std::string SetAside(const std::string& directory, WallTime now) {
  std::string suffix = ".unusable." + Rfc3339Seconds(now);
  std::erase_if(suffix, [](char c) { return c == '-' || c == ':'; });
  std::string moved;
  for (const char* name : {"/server.key", "/server.crt"}) {
    std::error_code error;
    std::filesystem::rename(directory + name, directory + name + suffix, error);
    if (!error) moved += (moved.empty() ? "" : ", ") + directory + name + suffix;
  }
  return moved;
}

}  // namespace

bool Certificate::IsDue(WallTime now) const {
  // X509_cmp_time: -1 = the certificate's time is before the other.
  time_t at = UnixSeconds(now);
  time_t later = UnixSeconds(now + kRenewBefore);
  return X509_cmp_time(X509_get0_notBefore(x509.get()), &at) > 0 ||
         X509_cmp_time(X509_get0_notAfter(x509.get()), &later) < 0;
}

Result<Certificate> KeepCertificate(const std::string& directory, WallTime now) {
  if (directory.empty()) {
    auto made = Make(now);
    if (made) made->not_kept = "no folder for it was given";
    return made;
  }
  auto loaded = Load(directory);
  if (loaded && !(loaded->made_by_gpud && loaded->IsDue(now))) return *std::move(loaded);
  auto made = Make(now);
  if (!made) return made;
  if (!loaded) made->set_aside = SetAside(directory, now);
  if (auto written = Write(directory, *made); !written) made->not_kept = written.error().what;
  return made;
}

}  // namespace gpud::server
