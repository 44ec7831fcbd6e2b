#include "src/net/tls_context.h"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/test_certificate.h"

namespace pistream {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class TlsContextTest : public testing::Test {
 protected:
  TlsContextTest() { fs::create_directories(folder_); }
  ~TlsContextTest() override { fs::remove_all(folder_); }

  std::string File(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }

  // What is wrong with a pair of these contents.
  std::string Fault(const std::string& certificate, const std::string& key) const {
    const auto context = TlsContext::Load(
        {.certificate = File("cert.pem", certificate), .key = File("key.pem", key)});
    return context ? "nothing" : context.error().message;
  }

  std::string Path(const std::string& name) const { return folder_ / name; }

  const fs::path folder_ = fs::path(testing::TempDir()) / "tls_context_test";
  const TestCertificate own_ = TestCertificate::Make();
};

TEST_F(TlsContextTest, Pair_IsDescribed) {
  const auto context = TlsContext::Load(
      {.certificate = File("cert.pem", own_.certificate), .key = File("key.pem", own_.key)});
  ASSERT_TRUE(context) << context.error().message;
  const CertificateInfo& info = (*context)->certificate();
  EXPECT_THAT(info.names, ElementsAre("pi.local", "192.168.1.7"));
  EXPECT_EQ(info.fingerprint.size(), 3U * 32 - 1);
  const auto now = std::chrono::system_clock::now();
  EXPECT_LT(info.begins, now);
  EXPECT_GT(info.ends, now + std::chrono::hours(47));
  EXPECT_LT(info.ends, now + std::chrono::hours(49));
  EXPECT_THAT(ToText(info), AllOf(StartsWith("for pi.local, 192.168.1.7; until 20"),
                                  HasSubstr(" UTC; SHA-256 " + info.fingerprint)));
  EXPECT_FALSE(FindExpiry(info, now));
}

TEST_F(TlsContextTest, OneFileForBoth_IsAPair) {
  for (const std::string& text : {own_.certificate + own_.key, own_.key + own_.certificate}) {
    const std::string path = File("both.pem", text);
    const auto context = TlsContext::Load({.certificate = path, .key = path});
    EXPECT_TRUE(context) << context.error().message;
  }
}

TEST_F(TlsContextTest, Ipv6AndNoNames_AreDescribed) {
  const auto with_ipv6 = TestCertificate::Make({.names = {"IP:fd00::7"}});
  const auto context =
      TlsContext::Make({}, {.certificate = with_ipv6.certificate, .key = with_ipv6.key});
  EXPECT_THAT((*context)->certificate().names, ElementsAre("fd00::7"));
  const auto nameless = TestCertificate::Make({.names = {}, .common_name = "old style"});
  const auto other =
      TlsContext::Make({}, {.certificate = nameless.certificate, .key = nameless.key});
  EXPECT_THAT((*other)->certificate().names, ElementsAre("old style"));
}

TEST_F(TlsContextTest, Rsa_IsAPair) {
  const auto rsa = TestCertificate::Make({.rsa_bits = 2048});
  EXPECT_EQ(Fault(rsa.certificate, rsa.key), "nothing");
}

TEST_F(TlsContextTest, Chain_IsAPair) {
  const auto issued = TestCertificate::Make({.common_name = "leaf", .issuer = &own_});
  EXPECT_EQ(Fault(issued.certificate + own_.certificate, issued.key), "nothing");
}

TEST_F(TlsContextTest, ChainInTheWrongOrder_IsToldSo) {
  const auto issued = TestCertificate::Make({.common_name = "leaf", .issuer = &own_});
  EXPECT_EQ(Fault(own_.certificate + issued.certificate, issued.key),
            "the first certificate in " + Path("cert.pem") + " is not the one of the key " +
                Path("key.pem") + ", but a later one is: put the server's certificate first");
}

TEST_F(TlsContextTest, KeyOfAnother_IsToldSo) {
  EXPECT_EQ(Fault(own_.certificate, TestCertificate::Make().key),
            "the TLS key " + Path("key.pem") + " does not belong to the certificate " +
                Path("cert.pem") + ": give the two that were made together");
  EXPECT_THAT(Fault(own_.certificate, TestCertificate::Make({.rsa_bits = 2048}).key),
              HasSubstr("does not belong"))
      << "another kind of key";
}

TEST_F(TlsContextTest, NoFile_IsToldSo) {
  const auto context = TlsContext::Load({.certificate = Path("none.pem"), .key = Path("none.key")});
  ASSERT_FALSE(context);
  EXPECT_EQ(context.error().message,
            "cannot read the TLS certificate " + Path("none.pem") + ": No such file or directory");
  const auto no_key = TlsContext::Load(
      {.certificate = File("cert.pem", own_.certificate), .key = Path("none.key")});
  ASSERT_FALSE(no_key);
  EXPECT_EQ(no_key.error().message,
            "cannot read the TLS key " + Path("none.key") + ": No such file or directory");
  EXPECT_THAT(TlsContext::Load({.certificate = folder_, .key = folder_}).error().message,
              HasSubstr("Is a directory"));
}

TEST_F(TlsContextTest, FileOfAnotherUser_IsToldSo) {
  if (::geteuid() == 0) {
    GTEST_SKIP() << "root reads all";
  }
  const std::string path = File("cert.pem", own_.certificate);
  ::chmod(path.c_str(), 0);
  EXPECT_EQ(TlsContext::Load({.certificate = path, .key = path}).error().message,
            "cannot read the TLS certificate " + path +
                ": Permission denied: let the user that pistream runs as read it");
}

TEST_F(TlsContextTest, NoPem_IsToldSo) {
  EXPECT_EQ(Fault("", own_.key), "the TLS certificate " + Path("cert.pem") + " is empty");
  EXPECT_EQ(Fault("nonsense", own_.key),
            "the TLS certificate " + Path("cert.pem") + " is not PEM: it has no line -----BEGIN");
  EXPECT_EQ(Fault(own_.der, own_.key),
            "the TLS certificate " + Path("cert.pem") +
                " is not PEM but DER: convert it with: openssl x509 -inform DER -in " +
                Path("cert.pem") + " -out NEW");
  EXPECT_EQ(Fault(own_.certificate, ""), "the TLS key " + Path("key.pem") + " is empty");
  EXPECT_EQ(Fault(own_.certificate, "nonsense"),
            "the TLS key " + Path("key.pem") + " is not PEM: it has no line -----BEGIN");
}

TEST_F(TlsContextTest, FilesExchanged_IsToldSo) {
  EXPECT_EQ(Fault(own_.key, own_.certificate),
            "the TLS certificate " + Path("cert.pem") +
                " has no certificate in it, but a key: are the two files exchanged?");
  EXPECT_EQ(Fault(own_.certificate, own_.certificate),
            "the TLS key " + Path("key.pem") +
                " has no private key in it, but a certificate: are the two files exchanged?");
}

TEST_F(TlsContextTest, EncryptedKey_IsToldSo) {
  EXPECT_EQ(Fault(own_.certificate, own_.encrypted_key),
            "the TLS key " + Path("key.pem") +
                " is encrypted, and nobody can be asked for its password: write it without one: "
                "openssl pkey -in " +
                Path("key.pem") + " -out NEW");
}

TEST_F(TlsContextTest, Damaged_IsToldSo) {
  std::string damaged = own_.certificate;
  damaged.replace(30, 4, "AAAA");  // of the structure: what is signed is not looked at
  EXPECT_THAT(Fault(damaged, own_.key), HasSubstr(" is damaged"));
  EXPECT_THAT(Fault(own_.certificate.substr(0, 300), own_.key), HasSubstr(" is damaged"))
      << "half written";
  EXPECT_THAT(Fault(own_.certificate + own_.certificate.substr(0, 300), own_.key),
              HasSubstr(" is damaged: certificate 2 in it"));
  EXPECT_THAT(Fault(own_.certificate, own_.key.substr(0, 100)), HasSubstr(Path("key.pem")));
}

TEST_F(TlsContextTest, ShortKey_IsRefusedByOpenssl) {
  const auto weak = TestCertificate::Make({.rsa_bits = 1024});
  EXPECT_EQ(Fault(weak.certificate, weak.key),
            "OpenSSL refuses the TLS certificate " + Path("cert.pem") + ": ee key too small");
}

TEST_F(TlsContextTest, Expired_IsAWarning) {
  const auto old =
      TestCertificate::Make({.begins = std::chrono::hours(-50), .ends = std::chrono::hours(-2)});
  const auto context = TlsContext::Make({}, {.certificate = old.certificate, .key = old.key});
  ASSERT_TRUE(context);
  const CertificateInfo& info = (*context)->certificate();
  const auto now = std::chrono::system_clock::now();
  EXPECT_EQ(FindExpiry(info, now),
            "the certificate expired on " + ToText(info.ends) + ": renew it");
  EXPECT_FALSE(FindExpiry(info, now - std::chrono::hours(24)));
  EXPECT_THAT(FindExpiry(info, now - std::chrono::hours(100)).value(), HasSubstr("set the clock"));
}

}  // namespace
}  // namespace pistream
