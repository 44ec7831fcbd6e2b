// A certificate that pistream makes for itself, for a network where nobody else can make one.
// Browsers ask whoever visits first, who can compare its fingerprint.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/net/certificate_info.h"

namespace pistream {

struct SelfSigned {
  // Certificate and key in one PEM file, so that no crash can leave a pair that does not match.
  // Only its owner can read it.
  std::string path;
  CertificateInfo certificate;
  // Why it was made now ("there is none yet"); nothing if the one from before is still good.
  std::optional<std::string> why_new;
};

// The certificate in `directory`, which is made with all above it if it does not exist. A new one
// takes its place if there is none, if what is there cannot be used, if it ends within 30 days, or
// if it is not for all of `names`: DNS names and IP addresses of this machine ("pi.local",
// "192.168.1.7", "fd00::7"), at least one. It is a P-256 key's, for servers, and valid for 397
// days from a day ago, which is the longest that browsers accept.
//
// Not for two threads at the same time. A reader of the file sees the old or the new one.
Result<SelfSigned> EnsureSelfSigned(const std::string& directory,
                                    const std::vector<std::string>& names, WallTime now);

}  // namespace pistream
