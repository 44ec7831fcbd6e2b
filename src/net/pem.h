// Reads certificates and keys, and says what is wrong with those that cannot be used.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/net/openssl_support.h"

namespace pistream {

// The contents of a file. `what` is its name in errors: "certificate", "key".
Result<std::string> ReadPemFile(const std::string& path, std::string_view what);

// All certificates in `text`, at least one. `path` is for errors, as below.
Result<std::vector<X509Ptr>> ParseCertificates(std::string_view text, const std::string& path);

// The private key in `text`. One that is encrypted is an error: nobody could be asked for its
// password.
Result<KeyPtr> ParseKey(std::string_view text, const std::string& path);

}  // namespace pistream
