#include "src/net/certificate_watch.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/base/fake_clock.h"
#include "src/metrics/metrics.h"
#include "tests/support/test_certificate.h"

namespace pistream {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;

class CertificateWatchTest : public testing::Test {
 protected:
  CertificateWatchTest() {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    Write(first_);
  }
  ~CertificateWatchTest() override { fs::remove_all(folder_); }

  void Open(CertificateWatch::Renew renew = {}) {
    auto opened = CertificateWatch::Open(files_, metrics_, clock_, std::move(renew));
    ASSERT_TRUE(opened) << opened.error().message;
    watch_ = *std::move(opened);
    Settle();
  }

  static void WriteFile(const std::string& path, const std::string& text) {
    // Another file, as programs that take care make one: the old one may have the same times.
    std::ofstream(path + ".new") << text;
    fs::rename(path + ".new", path);
  }
  void Write(const TestCertificate& pair) {
    WriteFile(files_.certificate, pair.certificate);
    WriteFile(files_.key, pair.key);
  }

  // Until what was seen is taken for good.
  void Settle() {
    for (int i = 0; i < 3; ++i) {
      watch_->Check();
      clock_.Advance(std::chrono::seconds(1));
    }
    watch_->Check();
  }

  static std::string FingerprintOf(const TestCertificate& pair) {
    return (*TlsContext::Make({}, {.certificate = pair.certificate, .key = pair.key}))
        ->certificate()
        .fingerprint;
  }
  std::string Fingerprint() const { return watch_->context()->certificate().fingerprint; }
  double Failures() const { return metrics_.certificate_reload_failures.Value(); }

  const fs::path folder_ = fs::path(testing::TempDir()) / "certificate_watch_test";
  const TlsFiles files_ = {.certificate = folder_ / "cert.pem", .key = folder_ / "key.pem"};
  const TestCertificate first_ = TestCertificate::Make();
  const TestCertificate second_ = TestCertificate::Make({.ends = std::chrono::hours(240)});
  FakeClock clock_;
  Metrics registry_;
  const TlsMetrics metrics_{registry_};
  std::unique_ptr<CertificateWatch> watch_;
};

TEST_F(CertificateWatchTest, NothingChanged_TheContextStays) {
  Open();
  const auto context = watch_->context();
  EXPECT_EQ(Fingerprint(), FingerprintOf(first_));
  const double expires =
      std::chrono::duration<double>(context->certificate().ends.time_since_epoch()).count();
  EXPECT_EQ(metrics_.certificate_expires.Value(), expires);
  fs::last_write_time(files_.key, fs::file_time_type::clock::now() + std::chrono::hours(1));
  Settle();
  EXPECT_EQ(watch_->context(), context) << "the same contents: sessions can still be resumed";
}

TEST_F(CertificateWatchTest, NewPair_IsForNewConnections) {
  Open();
  const auto context = watch_->context();
  const double expires = metrics_.certificate_expires.Value();
  Write(second_);
  watch_->Check();
  EXPECT_EQ(Fingerprint(), FingerprintOf(second_)) << "at once";
  EXPECT_GT(metrics_.certificate_expires.Value(), expires);
  EXPECT_EQ(context->certificate().fingerprint, FingerprintOf(first_)) << "connections have it";
  const auto newer = watch_->context();
  Settle();
  EXPECT_EQ(watch_->context(), newer);
  EXPECT_EQ(Failures(), 0);
}

TEST_F(CertificateWatchTest, LinksThatAreSwapped_AreFollowed) {
  const auto link = [&](const std::string& version) {
    for (const std::string& path : {files_.certificate, files_.key}) {
      fs::remove(path);
      fs::create_symlink(path + version, path);
    }
  };
  for (const auto& [version, pair] : {std::pair("1", &first_), std::pair("2", &second_)}) {
    WriteFile(files_.certificate + version, pair->certificate);
    WriteFile(files_.key + version, pair->key);
  }
  link("1");
  Open();
  link("2");
  watch_->Check();
  EXPECT_EQ(Fingerprint(), FingerprintOf(second_));
}

TEST_F(CertificateWatchTest, OneFileComesLater_IsNoFailure) {
  Open();
  WriteFile(files_.certificate, second_.certificate);
  watch_->Check();
  clock_.Advance(std::chrono::milliseconds(500));
  watch_->Check();
  EXPECT_EQ(Fingerprint(), FingerprintOf(first_));
  WriteFile(files_.key, second_.key);
  watch_->Check();
  EXPECT_EQ(Fingerprint(), FingerprintOf(second_));
  Settle();
  EXPECT_EQ(Failures(), 0);
}

TEST_F(CertificateWatchTest, BrokenPair_TheOldOneStaysAndItIsToldOnce) {
  Open();
  const auto context = watch_->context();
  WriteFile(files_.key, second_.key);
  testing::internal::CaptureStderr();
  Settle();
  Settle();
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("does not belong to the certificate"));
  EXPECT_THAT(log, HasSubstr("; the certificate from before stays"));
  EXPECT_EQ(log.find("does not belong"), log.rfind("does not belong"));
  EXPECT_EQ(watch_->context(), context);
  EXPECT_EQ(Failures(), 1);
  WriteFile(files_.key, "nonsense");
  Settle();
  EXPECT_EQ(Failures(), 2) << "once for each change";
  fs::remove(files_.key);
  Settle();
  EXPECT_EQ(Failures(), 3);
  EXPECT_EQ(watch_->context(), context);
  Write(second_);
  watch_->Check();
  EXPECT_EQ(Fingerprint(), FingerprintOf(second_));
}

// The previous files are restored: nothing is reloaded.
TEST_F(CertificateWatchTest, BrokenPairIsTakenBack_TheContextStays) {
  Open();
  const auto context = watch_->context();
  WriteFile(files_.key, second_.key);
  Settle();
  Write(first_);
  Settle();
  EXPECT_EQ(watch_->context(), context);
  EXPECT_EQ(Failures(), 1);
}

TEST_F(CertificateWatchTest, WrittenTwiceInOneTick_TheSecondIsLoaded) {
  Open();
  Write(second_);
  const auto time = fs::last_write_time(files_.certificate);
  watch_->Check();
  EXPECT_EQ(Fingerprint(), FingerprintOf(second_));
  // In place, of the same size, with the same time.
  const TestCertificate third = [&] {
    for (;;) {
      auto made = TestCertificate::Make({.ends = std::chrono::hours(240)});
      if (made.certificate.size() == second_.certificate.size() &&
          made.key.size() == second_.key.size()) {
        return made;
      }
    }
  }();
  std::ofstream(files_.certificate) << third.certificate;
  std::ofstream(files_.key) << third.key;
  fs::last_write_time(files_.certificate, time);
  fs::last_write_time(files_.key, time);
  Settle();
  EXPECT_EQ(Fingerprint(), FingerprintOf(third));
}

TEST_F(CertificateWatchTest, NoPairAtTheStart_IsAnError) {
  fs::remove(files_.key);
  const auto opened = CertificateWatch::Open(files_, metrics_, clock_);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("cannot read the TLS key"));
}

TEST_F(CertificateWatchTest, Expired_IsAWarning) {
  Write(TestCertificate::Make({.begins = std::chrono::hours(-50), .ends = std::chrono::hours(-2)}));
  testing::internal::CaptureStderr();
  Open();
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("the certificate expired on "));
}

TEST_F(CertificateWatchTest, Renewal_IsOnceAnHour) {
  int renewals = 0;
  Open([&]() -> Result<void> {
    if (++renewals == 2) {
      return Fail("the disk is full");
    }
    Write(second_);
    return {};
  });
  EXPECT_EQ(renewals, 0);
  clock_.Advance(std::chrono::hours(1));
  watch_->Check();
  EXPECT_EQ(renewals, 1);
  EXPECT_EQ(Fingerprint(), FingerprintOf(second_)) << "found at once";
  Settle();
  EXPECT_EQ(renewals, 1);
  clock_.Advance(std::chrono::hours(1));
  watch_->Check();
  EXPECT_EQ(renewals, 2);
  EXPECT_EQ(Failures(), 1);
  EXPECT_EQ(Fingerprint(), FingerprintOf(second_));
}

TEST_F(CertificateWatchTest, KeyThatAllCanRead_IsAWarning) {
  const auto log_with = [this](fs::perms others) {
    fs::permissions(files_.key, fs::perms::owner_read | fs::perms::group_read | others);
    testing::internal::CaptureStderr();
    Open();
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_THAT(log_with(fs::perms::others_read),
              HasSubstr("all users of this machine can read the TLS key " + files_.key +
                        ": chmod 600 " + files_.key));
  EXPECT_THAT(log_with(fs::perms::none), testing::Not(HasSubstr("chmod")));
}

}  // namespace
}  // namespace pistream
