// The cipher suites of TLS, in the order in which the server chooses.
#pragma once

#include <string>

namespace pistream {

// As OpenSSL writes lists of suites. All have a key exchange with forward secrecy and an AEAD.
struct TlsCiphers {
  std::string tls12;
  std::string tls13;
};

// With AES instructions AES-128 costs least, then AES-256, then ChaCha20; without them ChaCha20 is
// several times faster than AES, which then also leaks its key through the time it takes.
TlsCiphers OrderCiphers(bool has_aes_instructions);

// Of the processor that this runs on. A Pi 4 has none, a Pi 5 does.
bool HasAesInstructions();

}  // namespace pistream
