#include "src/app/certificates.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/base/fake_clock.h"
#include "tests/support/test_certificate.h"

namespace pistream {
namespace {

namespace fs = std::filesystem;

class CertificatesTest : public testing::Test {
 protected:
  CertificatesTest() {
    fs::create_directories(folder_);
    Write("first", TestCertificate::Make());
    Write("second", TestCertificate::Make());
  }
  ~CertificatesTest() override { fs::remove_all(folder_); }

  void Write(const std::string& name, const TestCertificate& pair) const {
    std::ofstream(folder_ / (name + ".pem")) << pair.certificate << pair.key;
  }
  TlsConfig ConfigOf(const std::string& name) const {
    return {.certificate = folder_ / (name + ".pem"), .key = {}};
  }

  const fs::path folder_ = fs::path(testing::TempDir()) / "certificates_test";
  Metrics metrics_;
  FakeClock clock_;
  Certificates certificates_{metrics_, clock_};
};

TEST_F(CertificatesTest, SameFiles_AreNotLoadedAgain) {
  ASSERT_TRUE(certificates_.Use(ConfigOf("first"), {}));
  const auto first = certificates_.context();
  Write("first", TestCertificate::Make());
  TlsConfig same = ConfigOf("first");
  same.plain = TlsConfig::Plain::kServe;
  ListenerConfig other_port;
  other_port.port = 1;
  ASSERT_TRUE(certificates_.Use(same, other_port));
  EXPECT_EQ(certificates_.context(), first);
}

// Example failure is that tokens cannot be replaced while a certificate is being renewed.
TEST_F(CertificatesTest, SameFilesThatAreBrokenNow_AreNoError) {
  ASSERT_TRUE(certificates_.Use(ConfigOf("first"), {}));
  const auto first = certificates_.context();
  TestCertificate mismatch = TestCertificate::Make();
  mismatch.key = TestCertificate::Make().key;
  Write("first", mismatch);
  EXPECT_TRUE(certificates_.Use(ConfigOf("first"), {}));
  EXPECT_EQ(certificates_.context(), first);
}

TEST_F(CertificatesTest, OtherFiles_AreLoaded) {
  ASSERT_TRUE(certificates_.Use(ConfigOf("first"), {}));
  const auto first = certificates_.context();
  ASSERT_TRUE(certificates_.Use(ConfigOf("second"), {}));
  EXPECT_NE(certificates_.context(), first);
  ASSERT_TRUE(certificates_.Use({}, {}));
  EXPECT_EQ(certificates_.context(), nullptr);
  ASSERT_TRUE(certificates_.Use(ConfigOf("second"), {}));
  EXPECT_NE(certificates_.context(), nullptr);
}

TEST_F(CertificatesTest, OtherFilesThatAreBroken_AreAnError) {
  ASSERT_TRUE(certificates_.Use(ConfigOf("first"), {}));
  const auto first = certificates_.context();
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(certificates_.Use(ConfigOf("none"), {}));
    EXPECT_EQ(certificates_.context(), first);
  }
}

}  // namespace
}  // namespace pistream
