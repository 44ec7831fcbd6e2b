// Certificates and keys made on the spot, for tests.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace pistream {

struct TestCertificate {
  struct Options {
    std::vector<std::string> names = {"DNS:pi.local", "IP:192.168.1.7"};
    std::string common_name = "pi.local";
    // From now on.
    std::chrono::hours begins = std::chrono::hours(-1);
    std::chrono::hours ends = std::chrono::hours(48);
    int rsa_bits = 0;                         // 0: P-256
    const TestCertificate* issuer = nullptr;  // null: itself
  };

  static TestCertificate Make(const Options& options);
  static TestCertificate Make() { return Make(Options()); }

  std::string certificate;  // PEM, as the next two
  std::string key;
  std::string encrypted_key;
  std::string der;
};

}  // namespace pistream
