#include "src/net/certificate_info.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <memory>
#include <span>

#include "fmt/format.h"
#include "openssl/asn1.h"
#include "openssl/x509v3.h"
#include "src/net/openssl_support.h"

namespace pistream {
namespace {

WallTime ToTime(const ASN1_TIME* time) {
  std::tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1
             ? std::chrono::system_clock::from_time_t(::timegm(&parts))
             : WallTime();
}

std::span<const uint8_t> BytesOf(const ASN1_STRING* string) {
  return {ASN1_STRING_get0_data(string), static_cast<size_t>(ASN1_STRING_length(string))};
}

std::string AddressText(std::span<const uint8_t> bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = bytes.size() == sizeof(in_addr) ? AF_INET : AF_INET6;
  if (bytes.size() != sizeof(in_addr) && bytes.size() != sizeof(in6_addr)) {
    return "an address of unknown kind";
  }
  return ::inet_ntop(family, bytes.data(), text.data(), text.size());
}

std::vector<std::string> AlternativeNames(const X509& certificate) {
  const std::unique_ptr<GENERAL_NAMES, OpensslDeleter<&GENERAL_NAMES_free>> found(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::vector<std::string> names;
  for (int i = 0; i < sk_GENERAL_NAME_num(found.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(found.get(), i);
    if (name->type == GEN_DNS) {
      const auto bytes = BytesOf(name->d.dNSName);
      names.emplace_back(bytes.begin(), bytes.end());
    } else if (name->type == GEN_IPADD) {
      names.push_back(AddressText(BytesOf(name->d.iPAddress)));
    }
  }
  return names;
}

std::string CommonName(const X509& certificate) {
  const X509_NAME* const subject = X509_get_subject_name(&certificate);
  const int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (index < 0) {
    return {};
  }
  const auto bytes = BytesOf(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)));
  return {bytes.begin(), bytes.end()};
}

std::string Fingerprint(const X509& certificate) {
  std::array<uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  X509_digest(&certificate, EVP_sha256(), digest.data(), &size);
  return fmt::format("{:02X}", fmt::join(std::span(digest).first(size), ":"));
}

}  // namespace

CertificateInfo Describe(const X509& certificate) {
  CertificateInfo info{.names = AlternativeNames(certificate),
                       .fingerprint = Fingerprint(certificate),
                       .begins = ToTime(X509_get0_notBefore(&certificate)),
                       .ends = ToTime(X509_get0_notAfter(&certificate))};
  if (info.names.empty()) {
    info.names.push_back(CommonName(certificate));
  }
  return info;
}

std::string ToText(const CertificateInfo& info) {
  return fmt::format("for {}; until {}; SHA-256 {}", fmt::join(info.names, ", "), ToText(info.ends),
                     info.fingerprint);
}

std::string ToText(WallTime time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &parts);
  return {text.data(), size};
}

std::optional<std::string> FindExpiry(const CertificateInfo& info, WallTime now) {
  if (now >= info.ends) {
    return fmt::format("the certificate expired on {}: renew it", ToText(info.ends));
  }
  if (now < info.begins) {
    return fmt::format(
        "the certificate is valid only from {}, and it is {} by this machine's clock: set the "
        "clock",
        ToText(info.begins), ToText(now));
  }
  return std::nullopt;
}

}  // namespace pistream
