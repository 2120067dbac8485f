// SPDX-License-Identifier: Apache-2.0
// Certificate: the server's key and self-signed certificate, kept in a folder and renewed in time.
#pragma once

#include <memory>
#include <string>

#include "platform/clock.h"
#include "platform/result.h"

struct evp_pkey_st;
struct x509_st;

namespace gpud::server {

struct Certificate {
  std::shared_ptr<evp_pkey_st> key;
  std::shared_ptr<x509_st> x509;
  std::string fingerprint;   ///< SHA-256, "AB:CD:.."
  bool made_by_gpud = true;  ///< one that a person put there is never replaced because of its age
  std::string not_kept;      ///< why it lives in memory alone; empty when it is on disk
  std::string set_aside;  ///< where files went that could not be used; empty when there were none
  std::string exposed;    ///< who else could read the key and what came of it; empty when nobody

  /// True when fewer than 30 days of it are left, or it is not valid yet (the clock was set back).
  bool IsDue(WallTime now) const;
};

/// server.crt and server.key of `directory`; made (ECDSA P-256, 365 days, for localhost and this
/// host's name) when they are missing, do not fit together, or are due; files that cannot be used
/// are set aside, not overwritten. A key file of gpud's own that others may read is made 0600; a
/// site's is left, and told. An empty `directory` or one that cannot be written gives a
/// certificate in memory. Error: kInternal, OpenSSL makes none.
Result<Certificate> KeepCertificate(const std::string& directory, WallTime now);

}  // namespace gpud::server
