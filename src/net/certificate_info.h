// What a certificate says.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

struct x509_st;  // OpenSSL's X509

namespace pistream {

using WallTime = std::chrono::system_clock::time_point;

struct CertificateInfo {
  // The DNS names and IP addresses that it is for, as it has them; the common name if there are
  // none.
  std::vector<std::string> names;
  std::string fingerprint;  // SHA-256, as browsers show it: "0A:1B:..."
  WallTime begins;
  WallTime ends;
};

CertificateInfo Describe(const x509_st& certificate);

// In one line: "for pi.local, 192.168.1.7; until 2027-12-30 08:15 UTC; SHA-256 0A:1B:...".
std::string ToText(const CertificateInfo& info);

// "2027-12-30 08:15 UTC".
std::string ToText(WallTime time);

// Why clients will refuse it at `now`, although the server can use it; nothing if it is valid.
std::optional<std::string> FindExpiry(const CertificateInfo& info, WallTime now);

}  // namespace pistream
